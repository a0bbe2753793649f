import Board
import BoardJSON
import Buttons
import Changeover
import Console
import Control
import Diagnostics
import Glibc
import Journal
import Kit
import Panel
import Playback
import Posix
import Store

/// The playback daemon: one poll loop over the lines, the socket, the player and the signals.
///
/// The console decides; the daemon wires: a press goes to the console, and its effects go to the player and the
/// journal. Everything here runs on the loop's thread.
final class Daemon {
  let board: Board
  private var changeover: Changeover<PlayableKit>
  /// The kit that is played.
  var kit: PlayableKit { changeover.current }
  /// Why other kits of the store, which come before this one, are not played.
  private(set) var passedOver: [StoreError] = []
  /// Why the store's state is read from its copy; nil if it is whole.
  private(set) var storeFault: String?
  /// The kits of the store that an operator has turned away from.
  private var heldBack: [StoreState.HeldBack] = []
  /// Whether draft kits are played.
  let acceptsDrafts: Bool
  let search: KitSearch
  let pcm: String
  private let signals: FileDescriptor
  let player: ClipPlayer
  let panel: FrontPanel
  let server: ControlServer?
  let journal: JournalThread?
  /// Path of the journal.
  let journalPath: String?
  var console: Console
  var cache: ClipCache
  /// Formulas of the kit that are damaged, and their questions unavailable: a line for each.
  var damagedFormulas: [String] = []
  var knob: VolumeKnob
  /// Switches the amplifier; nil for one that is always on.
  let amplifier: Amplifier?
  /// What sticks and updates have to announce.
  var notices = NoticeBoard()
  /// The directory for requests to root's services; nil where there are none.
  let requests: Path?
  /// When the request to switch off is sent.
  var powerOffTime: Monotonic?
  let memoryLocked: Bool
  var presses = 0
  var underruns = 0
  /// Whether the sound card is available.
  var hasSound = false
  /// Why the sound card is unavailable.
  var soundCause: String?
  /// The state that was last published to the subscribers.
  var publishedState = ConsoleState()
  /// What the search at the start found.
  private let found: KitSource.Report
  private let startTime: Monotonic
  /// The pings that the service manager expects of the loop.
  private var watchdog: Watchdog?

  /// Milliseconds in which the journal may reach the disk at the end.
  private static let journalPatience = 5000

  /// Opens everything that the options and the board name.
  ///
  /// - Throws: `StartFailure`.
  init(_ options: Firstwordd) throws {
    startTime = .now
    // Before any thread is created, so that all inherit it. If it is not granted, a busy machine answers later.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -15)
    do { board = try Board.load(options.board) } catch { throw StartFailure.unread(error, options.board) }
    let source = KitSource(options, board)
    acceptsDrafts = source.acceptsDrafts
    found = source.search()
    let kit = try found.kit.get()
    changeover = Changeover(kit)
    pcm = options.pcm ?? board.sound.pcm

    // Before any thread is created: the signals go to the loop alone.
    do {
      signals = try .signals([SIGTERM, SIGINT, SIGHUP])
      search = try KitSearch(source)
    } catch { throw StartFailure.lines(error) }
    do { server = try options.socket.map { try ControlServer(path: $0, group: options.socketGroup) } } catch {
      throw StartFailure.output(error)
    }
    do { journal = try Self.openJournal(options, of: board) } catch {
      throw StartFailure.output(error)
    }
    journalPath = options.journal
    do {
      var sound = board.sound
      sound.pcm = pcm
      player = try ClipPlayer(sound)
      let paths = KernelPaths(gpio: options.gpioRoot, leds: options.ledRoot)
      panel = try FrontPanel(board, paths) { say("\($0)") }
      amplifier = Amplifier(board.sound, paths) { say("\($0)") }
    } catch { throw StartFailure.lines(error) }

    console = Console(
      Repertoire(kit.manifest, kit.bundles),
      limits: .init(again: board.presses.guardTime, digits: board.presses.digits),
      recent: journal?.latest.recentLanguages ?? [])
    cache = ClipCache(kit, introductions: console.introductions)
    knob = VolumeKnob(board.sound.volume)
    requests = options.requests.map { Path($0) }
    // Most of what was needed to read the kit, such as Foundation, is not needed again.
    Memory.dropCode()
    // The first press and the first stop must not wait for the storage, even where memory cannot be locked. This module
    // is the program's last; Foundation comes after it.
    Memory.touchCode(asFarAs: {}, margin: 256 << 10)
    for library in ["libasound", "libopus"] { Memory.touchLibraries(library) }
    // After everything that is read once and freed.
    memoryLocked = Memory.lock()
    rehearse()
    remark(on: kit)
  }

  /// Presses buttons of a copy of the console, so that the parts of Swift's runtime that a press uses are in memory.
  /// Nothing sounds: the effects are dropped.
  private func rehearse() {
    var copy = console
    let prompts = kit.manifest.prompts.prefix(1).map { Button.prompt($0.id) }
    for button in [.control(.nextLanguage)] + prompts + [.control(.stop)] {
      _ = copy.handle(.pressed(button, at: .now))
    }
  }

  // MARK: The loop

  /// Runs until SIGTERM or SIGINT.
  func run() throws {
    // What was played last, by the journal, may have been left while the daemon did not run.
    let last = journal?.latest.compactMap(\.event.kit).last?.identity
    heldBack = found.heldBack.filter { last?.hasPrefix("\($0) ") != true || last == kit.reference.identity }
    note(.ready(kit.reference))
    report(found)
    watchdog = Readiness.watchdog()
    Readiness.notify("READY=1\nSTATUS=kit \(kit.name), board \(board.name)")
    say(
      "ready in \(Self.milliseconds(Monotonic.now.since(startTime))) ms: kit \(kit.name)"
        + "\(kit.manifest.draft ? " DRAFT" : ""), \(counted(kit.bundles.count, "language")), board \(board.name), "
        + "\(counted(panel.count, "button"))")
    while true {
      var poll = Poll()
      let signal = poll.add(signals.raw, events: POLLIN)
      let played = poll.add(player.eventDescriptor, events: POLLIN)
      let searched = poll.add(search.descriptor, events: POLLIN)
      let logged = journal.map { poll.add($0.changes, events: POLLIN) }
      panel.register(in: &poll)
      server?.register(in: &poll)
      // While clips are missing, the poll does not wait.
      let deadlines = [
        panel.deadline, console.deadline, server?.deadline, watchdog?.deadline, notices.deadline, powerOffTime,
        amplifier?.deadline,
      ]
      let deadline = deadlines.compactMap { $0 }.min()
      try poll.wait(until: cache.isFilled ? deadline : Monotonic(nanoseconds: 0))

      let now = Monotonic.now
      if watchdog?.isDue(at: now) == true { Readiness.notify("WATCHDOG=1") }
      for event in panel.events(after: poll, now: now) { take(event) }
      if let end = console.deadline, now >= end { perform(console.handle(.passed(now))) }
      server?.serve(poll, answer: answer)
      if poll.answer(played) != 0 { for event in player.takeEvents() { take(event) } }
      if poll.answer(searched) != 0, let report = search.take() { take(report) }
      if let logged, poll.answer(logged) != 0 { noteJournal() }
      if poll.answer(signal) != 0 {
        guard signals.takeSignal() == SIGHUP else { break }
        search.begin()
      }
      changeKit()
      notices.pass(at: now)
      sendDue(at: now)
      announce()
      amplifier?.update(isSounding: !console.isSilent, at: .now)
      panel.show(indication, console.answerMode)
      publishState()
      prepareNextClip()
    }
    Readiness.notify("STOPPING=1")
    try settle()
    amplifier?.close()
    note(.terminated)
    if journal?.close(within: Self.journalPatience) == false {
      say("\(journalPath ?? ""): the disk did not take the journal's last lines in \(Self.journalPatience / 1000) s")
    }
  }

  /// Ends what is played and waits at most 0.5 s until the player has reported how.
  private func settle() throws {
    player.stop()
    let deadline = Monotonic.now.adding(milliseconds: 500)
    while !console.isSilent, Monotonic.now < deadline {
      var poll = Poll()
      _ = poll.add(player.eventDescriptor, events: POLLIN)
      try poll.wait(until: deadline)
      for event in player.takeEvents() { take(event) }
    }
  }

  private func take(_ event: FrontPanel.Event) {
    switch event {
    case .press(let press): self.press(press)
    case .fault(let event, let detail):
      say("\(event.rawValue): \(detail)")
      note(.device(event, detail: detail))
    }
  }

  /// Handles a press, of a button or by the socket.
  func press(_ press: FrontPanel.Press) {
    presses += 1
    notices.press()
    perform(console.handle(.pressed(press.button, at: press.time, by: press.person)), of: press)
    if case .control(let control) = press.button, let request = DeviceRequest(control) { self.request(request) }
  }

  // MARK: Another kit

  private func take(_ report: KitSource.Report) {
    self.report(report)
    if case .failure(let failure) = report.kit {
      say("\(failure.message)")
      note(.kitRefused(failure.message))
    }
    switch changeover.take(report.finding(for: kit)) {
    case .unchanged, .waits: break
    case .repaired:
      console.restore(Repertoire(kit.manifest, kit.bundles))
      damagedFormulas = []
      cache = ClipCache(kit, around: console.language, introductions: console.introductions)
      say("\(kit.path): kit \(kit.name) was installed again, and is read from there from now on")
    case .withdrawn: say("kit \(kit.name) was taken back: nothing of it is played any more")
    }
  }

  /// Reports a damaged state of the store, and kits that are not played: each once.
  private func report(_ found: KitSource.Report) {
    let fault = found.fault?.description
    if let fault, fault != storeFault {
      say("\(fault)")
      note(.device(.storeDamaged, detail: fault))
    }
    if fault == nil, storeFault != nil { note(.device(.storeRepaired, detail: "")) }
    storeFault = fault
    for why in found.passedOver where !passedOver.contains(why) {
      say("passed over: \(why)")
      note(.kitRefused(why.description))
    }
    passedOver = found.passedOver
    for kit in found.heldBack where !heldBack.contains(kit) { note(.device(.kitHeldBack, detail: kit.description)) }
    heldBack = found.heldBack
  }

  /// Whether the store is damaged, or a kit in it: people must look at it, though something is played.
  var isStoreDamaged: Bool { storeFault != nil || passedOver.contains(where: \.isDamage) }

  /// Changes to the kit that waits: between two messages, or at once if the present one was taken back.
  private func changeKit() {
    switch changeover.step(isIdle: console.isSilent && console.underWay == nil) {
    case .stay: return
    case .interrupt: return perform(console.handle(.pressed(.control(.stop), at: .now)))
    case .change: break
    }
    console = console.changed(to: Repertoire(kit.manifest, kit.bundles))
    damagedFormulas = []
    cache = ClipCache(kit, around: console.language, introductions: console.introductions)
    note(.kit(kit.reference))
    Readiness.notify("STATUS=kit \(kit.name), board \(board.name)")
    remark(on: kit)
    say("from now on kit \(kit.name)\(kit.isSilenced ? ", of which nothing may be played" : "")")
  }

  /// Says what is unusual about a kit.
  private func remark(on kit: PlayableKit) {
    if kit.signer == nil {
      say("\(kit.path): no trusted key signed this kit; it is played because of --allow-untrusted")
    }
    if kit.manifest.draft { say("\(kit.path): DRAFT kit, for trials only") }
  }

  /// Milliseconds with one decimal.
  private static func milliseconds(_ nanoseconds: Int64) -> String {
    "\(nanoseconds / 1_000_000).\(nanoseconds / 100_000 % 10)"
  }
}
