import Catalogue
import KitBuilder
import Posix

/// The state machine of one speaker's recording session: room measurement, countdown, take, review, next message.
///
/// A pure value: `handle(_:at:)` takes an event and the time, changes the state and returns the effects to carry out.
/// It opens no device, file or screen, so any front end can drive it (the terminal, a page) and tests need no card.
///
/// A front end
/// 1. reports the microphone's audio, its loss and its return, and a `tick` at `deadline`;
/// 2. reports the person's commands, of which `commands` are valid now;
/// 3. carries out the effects in order (`TakeFiles` those on files) and reports each result as an event;
/// 4. draws the public state after each event.
///
/// Results may arrive later than other events. The session accepts no command in between, except `quitNow`.
public struct RecordingSession: Sendable {
  /// Seconds before the end of the countdown that belong to the take, so that an early first word is not cut.
  static let preRoll = 0.3
  /// Seconds after which a take ends by itself: the longest recording that a kit takes, less one.
  public static let maximumTake = Double(Recording.longest - 1)
  /// Milliseconds between two attempts to open a lost microphone.
  static let retryInterval = 500
  /// Nanoseconds without audio after which an open microphone counts as stalled.
  static let stallTime: Int64 = 2_000_000_000

  /// The session's inputs; only its messages may change.
  public private(set) var configuration: Configuration
  /// The current phase.
  public private(set) var phase = Phase.measuringRoom
  /// Index of the current message in `configuration.items`.
  public private(set) var position: Int
  /// Ids of the prompts that have a recording.
  public private(set) var recorded: Set<String>
  /// The input level.
  public private(set) var meter: LevelMeter
  /// The noise of the room as last measured.
  public private(set) var room: RoomNoise?
  /// Findings about the room.
  public private(set) var roomFindings: [CheckFinding] = []
  /// The check and preview of the take under review.
  public private(set) var trial: TakeTrial?
  /// Why the microphone is lost; `nil` while it is open.
  public private(set) var microphoneLoss: String?
  /// The latest message to the person; the next command clears it.
  public private(set) var notice: Notice?
  /// Number of takes kept in this session.
  public private(set) var keptCount = 0
  /// Number of messages skipped in this session.
  public private(set) var skippedCount = 0

  /// The take under review, on the disk, neither kept nor dropped yet.
  public private(set) var take: Take?
  /// Samples since the phase began, or the take that is being written.
  private var heard: [Int32] = []
  private var watch: SpeechWatch
  /// Significant bits of a sample: of the open microphone, and of the take.
  private var microphoneBits: Int
  private var takeBits: Int
  private var lastAudio: Monotonic
  /// When the lost microphone is tried next.
  private var nextAttempt: Monotonic
  /// The effects of the event that is being handled.
  private var effects: [Effect] = []

  /// Creates a session that begins with a measurement of the room, or has ended where every message is recorded.
  ///
  /// - Parameters:
  ///   - configuration: the messages and the limits.
  ///   - bits: significant bits of the open microphone's samples, 16 or 24.
  ///   - time: now.
  public init(_ configuration: Configuration, bits: Int, at time: Monotonic) {
    self.configuration = configuration
    position = configuration.first
    recorded = configuration.recorded
    meter = LevelMeter(rate: configuration.rate)
    watch = SpeechWatch(rate: configuration.rate, room: 0, silence: 0)
    (microphoneBits, takeBits) = (bits, bits)
    (lastAudio, nextAttempt) = (time, time)
    if !configuration.includesRecorded && !configuration.opensFirst && recorded.contains(item.prompt.id) { advance() }
  }

  /// Handles one event.
  ///
  /// - Parameters:
  ///   - event: what happened.
  ///   - time: when it happened; never earlier than that of the event before.
  /// - Returns: the effects to carry out, in order.
  public mutating func handle(_ event: Event, at time: Monotonic) -> [Effect] {
    effects = []
    switch event {
    case .command(let command): handle(command)
    case .audio(let samples, let isTorn):
      if !samples.isEmpty { lastAudio = time }
      hear(samples, isTorn: isTorn)
    case .room(let samples):
      guard phase == .measuringRoom else { break }
      heard = samples
      measureRoom()
    case .take(let samples, let bits, let isTorn): receive(samples, bits, isTorn: isTorn)
    case .itemChosen(let index): choose(index)
    case .takeChosen(let take, let trial): choose(take, trial)
    case .itemsChanged(let items, let recorded): update(items, recorded: recorded)
    case .microphoneOpened(let bits): open(bits, at: time)
    case .microphoneLost(let cause): lose(cause, at: time)
    case .tick:
      guard let deadline, time >= deadline else { break }
      nextAttempt = time.adding(milliseconds: Self.retryInterval)
      effects = [.openMicrophone]
    case .takeWritten(let take, let trial): written(take, trial)
    case .takeNotWritten(let reason): if phase == .writing { phase = .unwritten(reason: reason) }
    case .takeKept(let path, let former): kept(path, former)
    case .takeNotKept(let reason): notKept(.notKept(reason: reason))
    case .projectBusy(let holder): notKept(.projectBusy(holder: holder))
    case .recordingLoaded(let clip):
      guard phase == .ready else { break }
      if let clip { effects = [.play(clip)] } else { notice = .noRecording }
    case .playbackFailed(let reason): if phase != .ended { notice = .notPlayable(reason: reason) }
    }
    return effects
  }
}

// MARK: - Derived state

extension RecordingSession {
  /// The current message.
  public var item: ReviewItem { configuration.items[position] }

  /// Whether the session is over: everything is recorded, or the person quit.
  public var isEnded: Bool { phase == .ended }

  /// Commands that are valid now, in the order in which a front end offers them.
  public var commands: [Command] {
    // A front end that records by itself ends a take by handing it over.
    configuration.input == .takes ? phase.commands.filter { $0 != .finish } : phase.commands
  }

  /// Seconds of audio since the phase began.
  public var elapsed: Double { Double(heard.count) / Double(configuration.rate) }

  /// Seconds until the countdown ends, from its length down to 1.
  public var countdownLeft: Int { max(1, configuration.countdown - Int(elapsed)) }

  /// Whether the speaker has begun to speak in this take.
  public var hasSpeech: Bool { watch.hasBegun }

  /// Seconds of silence that end a take: half a second more than the longest pause that a recording may have.
  public var endSilence: Double { configuration.check.limits.pause + 0.5 }

  /// Number of messages that have no recording.
  public var missingCount: Int { configuration.items.filter { !recorded.contains($0.prompt.id) }.count }

  /// When the front end must report a `tick`; `nil` where no time matters.
  public var deadline: Monotonic? { microphoneLoss == nil || isEnded ? nil : nextAttempt }

  /// Returns whether the microphone is open but has given no audio for two seconds.
  public func isMicrophoneStalled(at time: Monotonic) -> Bool {
    configuration.input == .audio && microphoneLoss == nil && time.since(lastAudio) > Self.stallTime
  }
}

// MARK: - The microphone

extension RecordingSession {
  private mutating func open(_ bits: Int, at time: Monotonic) {
    microphoneBits = bits
    (microphoneLoss, lastAudio) = (nil, time)
    // It may be another microphone, or stand in another place.
    if [.roomFindings, .ready].contains(phase) { enter(.measuringRoom) }
  }

  private mutating func lose(_ cause: String, at time: Monotonic) {
    if microphoneLoss == nil, [.measuringRoom, .countdown, .recording].contains(phase) {
      if phase == .recording { notice = .microphoneLost }
      enter(.ready)
    }
    microphoneLoss = cause
    nextAttempt = time.adding(milliseconds: Self.retryInterval)
  }

  private mutating func hear(_ samples: [Int32], isTorn: Bool) {
    let levels = samples.map { Float($0) / 0x1p31 }
    meter.add(levels)
    switch phase {
    case .measuringRoom:
      heard = (isTorn ? [] : heard) + samples
      if elapsed >= RoomNoise.length { measureRoom() }
    case .countdown:
      heard += samples
      if elapsed >= Double(configuration.countdown) { startTake() }
    case .recording:
      if isTorn {
        notice = .audioLost
        return enter(.ready)
      }
      heard += samples
      watch.add(levels)
      heard.removeLast(watch.overrun)
      if watch.isOver || elapsed >= Self.maximumTake { writeTake() }
    default: break
    }
  }

  private mutating func measureRoom() {
    let room = RoomNoise(heard.map { Float($0) / 0x1p31 }, rate: configuration.rate)
    self.room = room
    roomFindings = configuration.check.findings(of: room, place: configuration.device)
    enter(roomFindings.allSatisfy { $0.severity == .note } ? .ready : .roomFindings)
  }

  private mutating func startTake() {
    let preRoll = heard.suffix(Int(Self.preRoll * Double(configuration.rate)))
    enter(.recording)
    heard = Array(preRoll)
    watch = SpeechWatch(rate: configuration.rate, room: room?.level ?? 0, silence: endSilence)
    takeBits = microphoneBits
  }

  /// Takes over what a front end with the input `takes` recorded.
  private mutating func receive(_ samples: [Int32], _ bits: Int, isTorn: Bool) {
    guard phase == .recording, configuration.input == .takes else { return }
    if isTorn {
      notice = .audioLost
      return enter(.ready)
    }
    heard = samples
    takeBits = bits
    writeTake()
  }

  private mutating func enter(_ phase: Phase) {
    self.phase = phase
    heard = []
  }
}

// MARK: - The take

extension RecordingSession {
  /// The samples stay until they are on the disk, so that a full disk costs no take.
  private mutating func writeTake() {
    // Ended before any sound came.
    if heard.isEmpty { return enter(.ready) }
    phase = .writing
    trial = nil
    effects.append(.writeTake(heard, bits: takeBits, of: item))
  }

  private mutating func written(_ take: Take, _ trial: TakeTrial) {
    guard phase == .writing else {
      if !configuration.keepsTakes { effects.append(.dropTake(take)) }
      return
    }
    review(take, trial)
  }

  private mutating func review(_ take: Take, _ trial: TakeTrial) {
    (self.take, self.trial) = (take, trial)
    enter(.reviewing)
    if let clip = trial.clip { effects.append(.play(clip)) }
  }

  private mutating func keepTake() {
    guard let take else { return }
    phase = .keeping
    effects.append(.keepTake(take, of: item))
  }

  private mutating func kept(_ path: String, _ former: [String]) {
    notice = .kept(path: path, former: former)
    take = nil
    keptCount += 1
    recorded.insert(item.prompt.id)
    if phase == .keeping { advance() }
  }

  private mutating func notKept(_ notice: Notice) {
    if phase == .keeping {
      self.notice = notice
      phase = .reviewing
    } else {
      leaveTake()
    }
  }

  /// Leaves a take that is not kept: it is dropped, unless the session keeps takes.
  private mutating func leaveTake() {
    effects.append(.stopPlayback)
    if let take, !configuration.keepsTakes { effects.append(.dropTake(take)) }
    (take, trial) = (nil, nil)
  }

  /// Goes to the next message that is due, or ends the session where none is.
  private mutating func advance() {
    let next = configuration.items[(position + 1)...].firstIndex {
      configuration.includesRecorded || !recorded.contains($0.prompt.id)
    }
    guard let next else { return end() }
    position = next
    if phase != .measuringRoom { enter(.ready) }
  }

  /// A take that is being kept stays until its result is known.
  private mutating func end() {
    let isKeeping = phase == .keeping && take != nil
    enter(.ended)
    if isKeeping { effects.append(.stopPlayback) } else { leaveTake() }
  }
}

// MARK: - Commands

extension RecordingSession {
  private mutating func handle(_ command: Command) {
    if phase == .ended { return }
    if command == .quitNow { return end() }
    let isQuitConfirmed = notice == .takeNotKept
    if phase != .recording { notice = nil }
    guard commands.contains(command) else { return }
    switch command {
    case .dismissNotice, .quitNow: break
    case .quit:
      // A take that nobody has judged yet is dropped only at the second request.
      if phase == .reviewing && !isQuitConfirmed && !configuration.keepsTakes { notice = .takeNotKept } else { end() }
    case .measureRoom: enter(.measuringRoom)
    case .ignoreRoom: enter(.ready)
    case .record: record()
    case .again: recordAgain()
    case .cancel: cancel()
    case .finish, .retryWriting: writeTake()
    case .keep: if recorded.contains(item.prompt.id) { phase = .confirmingReplacement } else { keepTake() }
    case .replace: keepTake()
    case .play: play()
    case .skip:
      if phase == .reviewing { leaveTake() }
      skippedCount += 1
      advance()
    case .previous: position = max(0, position - 1)
    case .next: position = min(configuration.items.count - 1, position + 1)
    }
  }

  private mutating func record() {
    guard microphoneLoss == nil else {
      if phase == .ready { effects.append(.stopPlayback) }
      notice = .noMicrophone
      return
    }
    leaveTake()
    enter(.countdown)
    if configuration.countdown == 0 || configuration.input == .takes { startTake() }
  }

  private mutating func recordAgain() {
    guard microphoneLoss == nil else {
      notice = .noMicrophone
      return
    }
    if phase == .reviewing {
      effects.append(.stopPlayback)
      if let take { effects.append(.dropTake(take)) }
      (take, trial) = (nil, nil)
    }
    // Nothing of what was heard before belongs to the new take.
    heard = []
    startTake()
  }

  private mutating func cancel() {
    if phase == .confirmingReplacement {
      notice = .notReplaced
      phase = .reviewing
    } else {
      enter(.ready)
    }
  }

  private mutating func play() {
    if phase == .ready {
      effects.append(.loadRecording(of: item))
    } else if let clip = trial?.clip {
      effects.append(.play(clip))
    }
  }
}

// MARK: - Choices and changes

extension RecordingSession {
  private mutating func choose(_ index: Int) {
    guard [.ready, .reviewing].contains(phase), configuration.items.indices.contains(index) else { return }
    notice = nil
    if phase == .reviewing { leaveTake() } else { effects.append(.stopPlayback) }
    position = index
    enter(.ready)
  }

  private mutating func choose(_ take: Take, _ trial: TakeTrial) {
    guard [.ready, .reviewing].contains(phase) else { return }
    notice = nil
    effects.append(.stopPlayback)
    review(take, trial)
  }

  /// Takes over new messages. What is recorded or under review of another wording than before is left.
  private mutating func update(_ items: [ReviewItem], recorded: Set<String>) {
    // The result of an effect on the old message is still to come.
    if items.isEmpty || [.writing, .keeping, .ended].contains(phase) { return }
    let old = item
    let index = items.firstIndex { $0.prompt.id == old.prompt.id }
    configuration.items = items
    self.recorded = recorded
    position = index ?? min(position, items.count - 1)
    if index != nil && item.wording == old.wording { return }
    switch phase {
    case .countdown, .recording, .unwritten: enter(.ready)
    case .reviewing, .confirmingReplacement:
      leaveTake()
      enter(.ready)
    case .ready, .measuringRoom, .roomFindings, .writing, .keeping, .ended: return
    }
    notice = .reworded
  }
}
