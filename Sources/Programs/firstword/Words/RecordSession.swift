import Capture
import Catalogue
import Glibc
import KitBuilder
import Posix

/// One sitting of a speaker at a microphone. What is kept is on the disk at once.
final class RecordSession {
  enum Phase: Equatable {
    /// The room alone is heard.
    case room
    /// What is wrong with it is told.
    case told
    case ready
    case countdown
    case recording
    /// The take could not be written: why.
    case unwritten(String)
    case judging
    /// There is a recording already.
    case replacing
  }

  /// Seconds.
  static let countdown = 3
  /// Seconds from the end of the countdown that belong to the take: nobody's first word is cut.
  private static let lead = 0.3
  /// Seconds after which a take ends of itself: what is longer is no prompt.
  private static let longest = Double(Recording.longest - 1)
  /// Milliseconds between two looks for a microphone that is gone.
  private static let patience = 500

  let voice: SpeakerVoice
  let items: [ReviewItem]
  private(set) var position: Int
  /// Ids of the prompts that have a recording.
  private(set) var recorded: Set<String>
  private(set) var phase = Phase.room
  private(set) var meter = LevelMeter(rate: Microphone.rate)
  private(set) var room: RoomNoise?
  private(set) var findings: [CheckFinding] = []
  private(set) var trial: TakeTrial?
  /// Why there is no microphone.
  private(set) var loss: CaptureError?
  /// What the last key or the last moment has to say.
  private(set) var hint = ""
  private(set) var isDone = false
  /// Somebody has begun to speak.
  var hasBegun: Bool { watch.hasBegun }
  /// Seconds since the phase began.
  var elapsed: Double { Double(heard.count) / Double(Microphone.rate) }
  /// The microphone is open and gives nothing.
  var isFrozen: Bool { loss == nil && Monotonic.now.since(lastSound) > 2_000_000_000 }
  /// Seconds without a voice that end a take: more than a pause may have.
  var silence: Double { build.check.limits.pause + 0.5 }

  private let build: KitBuild
  private let directory: TakeDirectory
  let ear: Ear
  private let goesThroughAll: Bool
  private var microphone: Microphone?
  private let device: String
  private var lastSound = Monotonic.now
  /// Since the phase began.
  private var heard: [Int32] = []
  private var watch: SpeechWatch
  private var take: Take?
  private var bits = 24
  private var isAskedToQuit = false
  private var kept = 0
  private var skipped = 0

  /// - Parameters:
  ///   - items: of one language, by number.
  ///   - first: index of the one to begin with.
  ///   - goesThroughAll: those too that are recorded.
  init(
    build: KitBuild, items: [ReviewItem], first: Int, goesThroughAll: Bool, directory: TakeDirectory,
    voice: SpeakerVoice,
    microphone: Microphone, ear: Ear
  ) throws {
    self.build = build
    self.items = items
    self.directory = directory
    self.voice = voice
    self.goesThroughAll = goesThroughAll
    self.microphone = microphone
    self.ear = ear
    device = microphone.device
    recorded = Set(items.map(\.prompt).filter { !directory.recordings(of: $0).isEmpty }.map(\.id))
    watch = SpeechWatch(rate: Microphone.rate, room: 0, silence: 0)
    position = first
    if !goesThroughAll && recorded.contains(item.prompt.id) { advance() }
  }

  var item: ReviewItem { items[position] }

  // MARK: - The loop

  /// Until everything is recorded or somebody quits. What is not kept then is dropped.
  func run(_ keyboard: Keyboard, _ signals: borrowing FileDescriptor) throws {
    defer { drop() }
    var shown = Monotonic(nanoseconds: 0)
    while !isDone {
      let next = shown.adding(milliseconds: 50)
      if next <= .now {
        RecordScreen(self).show()
        shown = .now
      }
      var poll = Poll()
      let signal = poll.add(signals.raw, events: POLLIN)
      let pressed = poll.add(0, events: POLLIN)
      let told = poll.add(ear.descriptor, events: POLLIN)
      microphone?.add(to: &poll)
      try poll.wait(until: max(next, Monotonic.now.adding(milliseconds: microphone == nil ? Self.patience : 20)))
      if poll.answer(signal) != 0, signals.takeSignal() != SIGWINCH { return }
      if poll.answer(told) != 0 { ear.attend() }
      if poll.answer(pressed) != 0 {
        guard let keys = keyboard.keys() else { return }
        for key in keys where !isDone { press(key) }
        shown = Monotonic(nanoseconds: 0)
      }
      listen(poll)
    }
  }

  // MARK: - The microphone

  private func listen(_ poll: Poll) {
    do throws(CaptureError) {
      if let microphone {
        let sound = try microphone.read(after: poll)
        if !sound.samples.isEmpty { lastSound = .now }
        hear(sound)
      } else {
        microphone = try Microphone(device: device)
        (loss, lastSound) = (nil, .now)
        // Perhaps another one, in another place.
        if [.told, .ready].contains(phase) { enter(.room) }
      }
    } catch {
      if microphone != nil, [.room, .countdown, .recording].contains(phase) {
        if phase == .recording { hint = "The microphone went away: this take is lost, what you kept is on the disk." }
        enter(.ready)
      }
      microphone = nil
      loss = error
    }
  }

  private func hear(_ sound: Microphone.Sound) {
    let levels = sound.samples.map { Float($0) / 0x1p31 }
    meter.add(levels)
    switch phase {
    case .room:
      heard = (sound.isTorn ? [] : heard) + sound.samples
      if elapsed >= RoomNoise.length { measure() }
    case .countdown:
      heard += sound.samples
      if elapsed >= Double(Self.countdown) { start() }
    case .recording:
      if sound.isTorn {
        hint = "Sound was lost on its way, the computer was too busy: record it once more."
        return enter(.ready)
      }
      heard += sound.samples
      watch.add(levels)
      heard.removeLast(watch.overrun)
      if watch.isOver || elapsed >= Self.longest { finish() }
    default: break
    }
  }

  private func measure() {
    let room = RoomNoise(heard.map { Float($0) / 0x1p31 }, rate: Microphone.rate)
    self.room = room
    findings = build.check.findings(of: room, place: device)
    enter(findings.allSatisfy { $0.severity == .note } ? .ready : .told)
  }

  private func start() {
    let before = heard.suffix(Int(Self.lead * Double(Microphone.rate)))
    enter(.recording)
    heard = Array(before)
    watch = SpeechWatch(rate: Microphone.rate, room: room?.level ?? 0, silence: silence)
    bits = microphone?.bits ?? 24
  }

  private func enter(_ phase: Phase) {
    self.phase = phase
    heard = []
  }

  // MARK: - The take

  /// Writes what was heard and looks at it as at any recording.
  private func finish() {
    let samples = heard
    phase = .judging
    trial = nil
    RecordScreen(self).show()
    do throws(SystemError) {
      let take = try directory.draft(samples, rate: Microphone.rate, bits: bits, of: item.prompt)
      let trial = build.trial(take, of: item)
      (self.take, self.trial) = (take, trial)
      enter(.judging)
      play(trial.clip)
    } catch {
      // What was heard stays, to be written when there is room.
      phase = .unwritten("\(error)")
    }
  }

  private func play(_ clip: [UInt8]?) {
    guard let clip else { return }
    do { try ear.play(clip) } catch { hint = "\(error)" }
  }

  private func keep() {
    guard let take else { return }
    do throws(SystemError) {
      // For the moment of the renames alone; a wait for somebody else would leave the keys unanswered.
      let lock = try ProjectLock(ifFree: build.directory) {
        hint = "\($0) writes to this project just now: press the key again."
      }
      guard let lock else { return }
      defer { lock.end() }
      let (recording, former) = try directory.keep(take, of: item.prompt)
      hint = former.isEmpty ? "Kept: \(recording.path)" : "Kept; the former one is \(former.joined(separator: ", "))"
    } catch {
      hint = "Not kept: \(error). Put that right, and press the key again."
      return
    }
    self.take = nil
    kept += 1
    recorded.insert(item.prompt.id)
    advance()
  }

  /// Removes a take that nobody kept.
  private func drop() {
    ear.stop()
    if let take { directory.drop(take) }
    (take, trial) = (nil, nil)
  }

  /// To the next that is due; the end where there is none.
  private func advance() {
    let next = items[(position + 1)...].firstIndex { goesThroughAll || !recorded.contains($0.prompt.id) }
    guard let next else {
      isDone = true
      return
    }
    position = next
    if phase != .room { enter(.ready) }
  }

  // MARK: - Keys

  private func press(_ key: Keyboard.Key) {
    if key == .quit {
      isDone = true
      return
    }
    let hadAsked = isAskedToQuit
    isAskedToQuit = false
    if phase != .recording { hint = "" }
    switch phase {
    case .room: if key == .character("q") { isDone = true }
    case .countdown: enter(.ready)
    case .recording: finish()
    case .told: tell(key)
    case .ready: prepare(key)
    case .unwritten: rewrite(key)
    case .judging: judge(key, hadAsked)
    case .replacing:
      phase = .judging
      if key == .character("o") { keep() } else { hint = "Nothing was replaced." }
    }
  }

  private func tell(_ key: Keyboard.Key) {
    switch key {
    case .character("n"), .character("\r"): enter(.room)
    case .character("c"): enter(.ready)
    case .character("q"): isDone = true
    default: hint = "One of the letters n, c, q."
    }
  }

  private func prepare(_ key: Keyboard.Key) {
    switch key {
    case .character("\r"), .character(" "):
      ear.stop()
      if microphone != nil { enter(.countdown) } else { hint = "There is no microphone to record with." }
    case .character("s"):
      skipped += 1
      advance()
    case .character("p"): playRecording()
    case .character("n"): enter(.room)
    case .left: position = max(0, position - 1)
    case .right: position = min(items.count - 1, position + 1)
    case .character("q"): isDone = true
    default: hint = "Enter records; one of the letters s, p, n, q."
    }
  }

  private func playRecording() {
    guard let take = directory.recordings(of: item.prompt).first else {
      hint = "There is no recording of it yet."
      return
    }
    do { play(try build.audible(take, of: item).clip) } catch { hint = "\(error)" }
  }

  private func rewrite(_ key: Keyboard.Key) {
    switch key {
    case .character("\r"): finish()
    case .character("r"): enter(.countdown)
    case .character("s"):
      skipped += 1
      advance()
    case .character("q"): isDone = true
    default: hint = "Enter or one of the letters r, s, q."
    }
  }

  private func judge(_ key: Keyboard.Key, _ hadAsked: Bool) {
    switch key {
    case .character("k"):
      if recorded.contains(item.prompt.id) { phase = .replacing } else { keep() }
    case .character("r"):
      guard microphone != nil else {
        hint = "There is no microphone to record with."
        return
      }
      drop()
      enter(.countdown)
    case .character("p"), .character("\r"): play(trial?.clip)
    case .character("s"):
      drop()
      skipped += 1
      advance()
    case .character("q"):
      if hadAsked { isDone = true }
      isAskedToQuit = true
      hint = "This take is not kept: k keeps it, q once more drops it and quits."
    default: hint = "One of the letters k, r, p, s, q."
    }
  }

  // MARK: - The end

  /// Tells what was done, and how to go on.
  func sum() {
    let missing = items.filter { !recorded.contains($0.prompt.id) }.count
    let place = "\(item.language.tag)/\(voice.name)"
    print("\(kept) kept, \(skipped) skipped in \(place); \(missing) of \(items.count) still missing.")
    if missing > 0 { print("The same command goes on where you left off.") }
    if kept > 0, let lack = voice.lack { print("Before a release: \(lack).") }
    if let loss { Terminal.complain("\(loss)") }
  }
}
