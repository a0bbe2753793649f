import Board
import BoardJSON
import Buttons
import Console
import Control
import Glibc
import Journal
import Kit
import Panel
import Playback
import Posix

/// The playback daemon: one loop over the lines, the socket, the player and the signals. The console decides, this
/// wires: a press goes to the console, its effects go to the player and the journal.
final class Daemon {
  private let board: Board
  private var kit: PlayableKit
  /// To be played from the next moment on in which nothing sounds and nothing is under way.
  private var nextKit: PlayableKit?
  private let search: KitSearch
  private let pcm: String
  private let signals: FileDescriptor
  private let player: ClipPlayer
  private let panel: FrontPanel
  private let server: ControlServer?
  private let journal: JournalFile?
  private var console: Console
  private var shelf: Shelf
  private var knob: VolumeKnob
  private let memoryLocked: Bool
  private var presses = 0
  private var underruns = 0
  private var sound = false
  /// Why there is no sound.
  private var soundCause: String?
  /// What the subscribers were told last.
  private var told = ConsoleState()
  private let born: Monotonic

  init(_ options: Firstwordd) throws {
    born = .now
    // Before any thread is made, so that all have it. Where it is not granted a busy machine answers later.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -15)
    do { board = try Board.load(options.board) } catch { throw StartFailure.unread(error, options.board) }
    let source = KitSource(options, board)
    kit = try source.admit()
    pcm = options.pcm ?? board.sound.pcm

    // Before any thread is made: the signals come to the loop alone.
    do {
      signals = try .signals([SIGTERM, SIGINT, SIGHUP])
      search = try KitSearch(source)
    } catch { throw StartFailure.lines(error) }
    do { server = try options.socket.map { try ControlServer(path: $0, group: options.socketGroup) } } catch {
      throw StartFailure.output(error)
    }
    do { journal = try Self.journal(options, of: board) } catch {
      throw StartFailure.output(error)
    }
    do {
      var sound = board.sound
      sound.pcm = pcm
      player = try ClipPlayer(sound)
      panel = try FrontPanel(board, KernelPaths(gpio: options.gpioRoot, leds: options.ledRoot)) { say($0) }
    } catch { throw StartFailure.lines(error) }

    console = Console(
      Repertoire(kit.manifest, kit.bundles),
      limits: .init(again: board.presses.guardTime, digits: board.presses.digits),
      recent: journal?.recentLanguages ?? [])
    shelf = Shelf(kit, introductions: console.introductions)
    knob = VolumeKnob(board.sound.volume)
    // Behind all that is read once and let go.
    memoryLocked = Memory.lock()
  }

  // MARK: the loop

  func run() throws {
    note(.init(event: "ready", kit: kit.identity, signer: kit.signer?.description))
    Readiness.notify("READY=1\nSTATUS=kit \(kit.name), board \(board.name)")
    say(
      "ready in \(Self.milliseconds(Monotonic.now.since(born))) ms: kit \(kit.name)"
        + "\(kit.manifest.draft ? " DRAFT" : ""), \(kit.bundles.count) languages, board \(board.name), "
        + "\(panel.count) buttons")
    while true {
      var poll = Poll()
      let signal = poll.add(signals.raw, events: POLLIN)
      let played = poll.add(player.eventDescriptor, events: POLLIN)
      let searched = poll.add(search.descriptor, events: POLLIN)
      panel.register(in: &poll)
      server?.register(in: &poll)
      // With something to make ready the poll only looks.
      let deadline = [panel.deadline, console.deadline, server?.deadline].compactMap { $0 }.min()
      try poll.wait(until: shelf.isStocked ? deadline : Monotonic(nanoseconds: 0))

      let now = Monotonic.now
      for event in panel.events(after: poll, now: now) { take(event) }
      if let end = console.deadline, now >= end { perform(console.handle(.passed(now))) }
      server?.serve(poll, answer: answer)
      if poll.answer(played) != 0 { for event in player.takeEvents() { take(event) } }
      if poll.answer(searched) != 0, let result = search.take() { take(result) }
      if poll.answer(signal) != 0 {
        guard signals.takeSignal() == SIGHUP else { break }
        search.begin()
      }
      changeOver()
      panel.show(indication)
      tellState()
      shelf.prepareNext()
    }
    Readiness.notify("STOPPING=1")
    try settle()
    note(.init(event: "end"))
  }

  /// Ends what sounds, and waits until the journal knows how; at most 0.5 s.
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

  // MARK: Another kit

  private func take(_ result: Result<PlayableKit, StartFailure>) {
    let next: PlayableKit
    switch result {
    case .success(let found): next = found
    case .failure(let failure):
      say(failure.message)
      note(.init(event: "kit-refused", detail: failure.message))
      // What could not be read leaves the kit that plays, which was good; what was taken back does not.
      if !failure.isRefusal { return }
      next = kit.withheld
    }
    if next.identity == kit.identity {
      if next.bundles == kit.bundles { return }
      // A recalled clip is not played even once more, whatever is under way.
      kit = next
    }
    nextKit = next
  }

  /// The next kit takes the place of this one, between two messages.
  private func changeOver() {
    guard let next = nextKit, console.isSilent, console.underWay == nil else { return }
    nextKit = nil
    kit = next
    console = console.changed(to: Repertoire(kit.manifest, kit.bundles))
    shelf = Shelf(kit, around: console.language, introductions: console.introductions)
    note(.init(event: "kit", kit: kit.identity, signer: kit.signer?.description))
    Readiness.notify("STATUS=kit \(kit.name), board \(board.name)")
    say("from now on kit \(kit.name)\(kit.isSilenced ? ", of which nothing may be played" : "")")
  }

  private func take(_ event: FrontPanel.Event) {
    switch event {
    case .press(let press): self.press(press)
    case .fault(let event, let detail):
      say("\(event): \(detail)")
      note(.init(event: event, detail: detail))
    }
  }

  private func press(_ press: FrontPanel.Press) {
    presses += 1
    perform(console.handle(.pressed(press.button, at: press.time)), of: press)
  }

  /// What is heard comes first: the journal has time.
  private func perform(_ effects: [Console.Effect], of press: FrontPanel.Press? = nil) {
    var unplayed: [UInt32] = []
    for effect in effects {
      switch effect {
      case .play(let message, let token): if !play(message, token) { unplayed.append(token) }
      case .stop: player.stop()
      case .signal(let signal): self.signal(signal)
      case .turn(let turn):
        knob.turn(turn)
        player.setVolume(knob.decibels)
      case .journal: break
      }
    }
    if let press {
      if effects.contains(where: \.isHeard) { panel.recordLatency(of: press) }
      server?.publish(
        ControlEvent("press", monotonic: press.time.nanoseconds, button: press.button.description, detail: press.path))
    }
    for case .journal(let event) in effects { record(event) }
    for token in unplayed { perform(console.handle(.ended(token, .failed, frames: 0, at: .now))) }
    shelf.stock(around: console.language, introductions: console.introductions)
  }

  /// False where it cannot be played: nothing sounds then.
  private func play(_ message: Console.Message, _ token: UInt32) -> Bool {
    guard let clip = clip(of: message) else { return false }
    do {
      return player.play(try shelf.clip(clip), token: token)
    } catch {
      // A damaged clip is never played: the responder hears that something is wrong.
      say("\(error)")
      var damaged = content("damaged", message)
      damaged.detail = "\(error)"
      note(damaged)
      player.stop()
      return false
    }
  }

  private func signal(_ signal: Console.Signal) {
    let tone: Tone =
      switch signal {
      case .error: .error
      case .done: .done
      case .noLanguage, .notAvailable, .noneOfThese: .notAvailable
      }
    _ = player.play(tone.clip, token: 0)
  }

  /// What the player told.
  private func take(_ event: PlaybackEvent) {
    switch event.kind {
    case .started: perform(console.handle(.started(event.token)))
    case .completed: end(event, .completed)
    case .stopped: end(event, .stopped)
    case .failed: end(event, .failed)
    case .lost:
      let cause = ClipPlayer.cause(event.code)
      // The audio thread tells of a card that goes under it, and the keeper, who looks for another, once more.
      if !sound && soundCause == cause { break }
      sound = false
      soundCause = cause
      say("\(pcm): no sound card (\(cause)); looking for it")
      note(.init(event: "sound-lost", detail: "\(pcm): \(cause)"))
    case .found:
      if !sound { note(.init(event: "sound-found", detail: pcm)) }
      sound = true
      soundCause = nil
    case .underrun:
      underruns += 1
    }
  }

  private func end(_ event: PlaybackEvent, _ outcome: Console.Outcome) {
    perform(
      console.handle(
        .ended(event.token, outcome, frames: event.frames, at: Monotonic(nanoseconds: event.time))))
  }

  // MARK: the journal

  /// Nil where none was asked for, or the board's policy wants none.
  private static func journal(_ options: Firstwordd, of board: Board) throws(SystemError) -> JournalFile? {
    guard let path = options.journal, board.journal.isKept else { return nil }
    let policy = JournalFile.Policy(size: board.journal.size * 1000, days: board.journal.days)
    return try JournalFile(path: path, policy: policy) { say($0) }
  }

  private var journalStatus: JournalStatus {
    if !board.journal.isKept { return JournalStatus(state: .off) }
    guard let journal else { return JournalStatus(state: .none) }
    return JournalStatus(
      state: journal.failure == nil ? .written : .failing, path: journal.path, cause: journal.failure,
      number: journal.head?.number, hash: journal.head?.hash)
  }

  /// One line for the journal, and for those who listen on the socket.
  private func note(_ content: JournalContent) {
    journal?.append(content)
    server?.publish(
      ControlEvent(
        content.event, monotonic: Monotonic.now.nanoseconds, language: content.language, prompt: content.prompt,
        voice: content.voice, heard: content.heard, detail: content.detail ?? content.kit, about: content.about))
  }

  private func record(_ event: JournalEvent) {
    switch event {
    case .language(let tag): note(.init(event: "language", language: tag))
    case .started(let message): note(content("started", message))
    case .ended(let message, let outcome, let frames):
      var content = content(outcome.rawValue, message)
      content.heard = frames / 48
      note(content)
    case .answered(let message, let answer, let about):
      note(
        .init(
          event: "answer", language: message.language, prompt: message.prompt, detail: answer.rawValue,
          judge: "responder", about: about))
    case .signalled(let signal, let language, let prompt):
      note(.init(event: "signal", language: language, prompt: prompt, detail: signal.rawValue))
    case .activity(.finder, let stage): note(.init(event: "finder", detail: stage.rawValue))
    case .activity(.sequence(let id), let stage):
      note(.init(event: "sequence", language: console.language, prompt: id, detail: stage.rawValue))
    case .found(let tag): note(.init(event: "found", language: tag, judge: "responder"))
    case .noneFound: note(.init(event: "none-found"))
    case .replaced(let message, let other):
      var content = content("replaced", other)
      content.detail = "\(message.language)\(message.voice.map { "/\($0)" } ?? "")"
      note(content)
    case .children(let isOn): note(.init(event: "children", detail: isOn ? "on" : "off"))
    case .voice(let name, let language): note(.init(event: "voice", language: language, voice: name))
    }
  }

  /// What the journal says of a message.
  private func content(_ event: String, _ message: Console.Message) -> JournalContent {
    let clip = clip(of: message)
    return .init(
      event: event, language: message.language, prompt: message.prompt, clip: clip?.sha256, voice: clip?.voice)
  }

  private func clip(of message: Console.Message) -> Clip? {
    kit.bundle(message.language)?.clip(message.prompt, voice: message.voice)
  }

  /// What the LEDs show.
  private var indication: Board.LED.State {
    if !sound { return .error }
    switch console.indication {
    case .ready: return kit.manifest.draft ? .draft : .ready
    case .playing: return .playing
    case .waiting: return .waiting
    case .error: return .error
    }
  }

  // MARK: the socket

  private var state: ConsoleState {
    let (progress, message) = (console.progress, console.playing)
    return ConsoleState(
      language: console.language, voice: console.speaker, playing: message?.prompt,
      playingLanguage: message?.language, activity: console.underWay?.name, step: progress?.step, steps: progress?.of,
      candidate: console.candidate, children: console.isForChildren, led: "\(indication)", volume: knob.decibels,
      quiet: knob.isQuiet)
  }

  /// Those who listen hear of each change.
  private func tellState() {
    if server == nil { return }
    let state = state
    if state == told { return }
    told = state
    server?.publish(ControlEvent("state", monotonic: Monotonic.now.nanoseconds, state: state))
  }

  private func answer(_ verb: Request.Verb, _ request: Request) -> Reply {
    switch verb {
    case .hello:
      return Reply(id: request.id, ok: true, hello: Hello(program: "firstwordd \(programVersion)"))
    case .status:
      return Reply(id: request.id, ok: true, status: status)
    case .subscribe:
      return Reply(id: request.id, ok: true, state: state)
    case .stop:
      press(.init(.control(.stop), by: "socket", at: .now))
      return .done(request.id)
    case .reload:
      search.begin()
      return .done(request.id)
    case .press:
      guard let name = request.button else {
        return .failed(
          request.id, "bad-request", "press needs a \"button\": a control, a module, or the id of a prompt or sequence")
      }
      if case .prompt(let id) = Button(name), !console.knows(id) {
        let names = Button.names.joined(separator: ", ")
        return .failed(
          request.id, "unknown-button",
          "\"\(name)\" is no prompt, sequence or module of this kit, nor one of: \(names)")
      }
      press(.init(Button(name), by: "socket", at: .now))
      return .done(request.id)
    }
  }

  private var status: DaemonStatus {
    DaemonStatus(
      kit: kit.name, draft: kit.manifest.draft, signer: kit.signer?.description,
      board: board.name, use: board.use.rawValue, pcm: pcm, sound: sound, realTime: player.isRealTime,
      underruns: underruns,
      speaker: SpeakerStatus(
        cause: soundCause, mixerCause: player.mixerCause, stocked: shelf.isStocked, memoryLocked: memoryLocked,
        stop: player.rewinds ? .rewind : .drop, stream: board.sound.stream.rawValue, volume: knob.decibels,
        quiet: knob.isQuiet),
      journal: journalStatus, language: console.language, playing: console.playing?.prompt, state: state,
      presses: presses,
      buttons: panel.buttonStatus, inputs: panel.inputStatus, leds: panel.ledStatus,
      latencies: panel.latencyStatus)
  }

  /// Milliseconds with one decimal.
  private static func milliseconds(_ nanoseconds: Int64) -> String {
    "\(nanoseconds / 1_000_000).\(nanoseconds / 100_000 % 10)"
  }
}
