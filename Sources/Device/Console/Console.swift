import Board
import Journal
import Kit
import Posix

/// The state machine that the buttons drive: pure, from (state, event) to (state, effects). It does no I/O and reads no
/// clock: each event carries its time.
///
/// No language is chosen until the responder chooses one, or a listener raises a hand in the finder: a message in a
/// language that nobody chose would be worse than a signal. A prompt that the language does not have is said in the
/// language that the kit names for it, after an announcement to the responder, or not at all.
///
/// The operator's voice speaks before a message to the listener only if the responder cannot know what follows; a name
/// or a mode is said after the message, or when nothing else is said.
public struct Console: Sendable {
  private(set) var repertoire: Repertoire
  let limits: Limits
  private var pad: NumberPad
  var speech = Speech()

  /// Index of the chosen language.
  var current: Int?
  /// The voice that the responder prefers; a language without a voice of that name speaks with its first.
  var preferredVoice: String?
  /// Whether the messages are those for children.
  var isChildren = false
  /// Whether the quiet mode is on.
  var isQuiet = false
  /// The answer mode that is on: one that the kit offers.
  var mode: AnswerMode
  /// The person whose press is handled.
  var answering = Board.Person.responder
  /// The gated prompt whose caution was spoken last, and when.
  var caution: (prompt: String, time: Monotonic)?

  /// The finder or the sequence that is under way, or was left.
  var activity: Activity?
  /// Whether the activity is under way.
  var isUnderWay = false
  /// When the activity goes on.
  var pause: Monotonic?
  var finder = Finder()
  var run: SequenceRun?
  /// Tags of the languages in which listeners were spoken to, the latest first.
  public internal(set) var recent: [String]

  /// The last message to the listener.
  var last: Message?
  /// Id of the prompt that was requested for it.
  var wanted: String?
  /// Whether a sequence for children requested it.
  var wantedForChild = false
  /// When a message was last requested.
  var lastTime: Monotonic?
  /// The last message of these of which the listener heard something.
  var heard: Message?
  /// The questions to the listener.
  var questions = Questions()
  /// Id of the information that the listener heard last.
  var about: String?
  /// When a button was last pressed, or a message last ended.
  private var lastUse: Monotonic?
  /// Whether the last request could not be fulfilled.
  var hasFailed = false

  /// Creates a console in which no language is chosen.
  ///
  /// - Parameters:
  ///   - repertoire: What the kit can say.
  ///   - limits: Times of the board.
  ///   - recent: Tags of languages that were spoken on this device, the latest first.
  public init(_ repertoire: Repertoire, limits: Limits = Limits(), recent: [String] = []) {
    self.repertoire = repertoire
    self.limits = limits
    self.recent = Array(recent.prefix(Self.maximumRecent))
    mode = repertoire.modes[0]
    pad = NumberPad(limit: limits.digits)
  }

  /// Returns the same console with another kit: the chosen language and the modes stay, if the kit has them.
  ///
  /// Call it only while `isSilent` and with nothing under way.
  public func changed(to repertoire: Repertoire) -> Console {
    var next = Console(repertoire, limits: limits, recent: recent)
    next.speech = speech
    next.current = language.flatMap(repertoire.index)
    (next.preferredVoice, next.isChildren, next.isQuiet) = (preferredVoice, isChildren, isQuiet)
    if repertoire.modes.contains(mode) { next.mode = mode }
    return next
  }

  /// Withdraws a formula that cannot be played: the questions of its voice that need it are unavailable from now on.
  ///
  /// - Parameters:
  ///   - item: The id of the formula: `answer-card`, `answer-card-child`.
  ///   - language: Tag of its language.
  ///   - voice: Its voice.
  public mutating func withdraw(_ item: String, in language: String, voice: String) {
    repertoire = repertoire.without(item, in: language, voice: voice)
  }

  /// Takes the console's own kit again, after a damaged file was replaced: withdrawn formulas are available.
  public mutating func restore(_ repertoire: Repertoire) { self.repertoire = repertoire }

  /// Maximum number of languages that come first in the finder because they were spoken lately.
  public static let maximumRecent = 3

  /// Returns whether a button that is no control has a meaning: the id of a prompt or sequence, or a module.
  public func knows(_ name: String) -> Bool {
    repertoire.prompt(name) != nil || repertoire.isModule(name) || repertoire.isSequence(name)
  }

  // MARK: What it shows

  /// Tag of the chosen language.
  public var language: String? { current.map { repertoire.languages[$0].tag } }

  /// The message that is played, or is about to be.
  public var playing: Message? { speech.playing }

  /// Whether the player has reported the end of every message.
  public var isSilent: Bool { speech.isSilent }

  /// The finder or the sequence that is under way, or waits for an answer.
  public var underWay: Activity? { isUnderWay ? activity : nil }

  /// The step of the activity, from 1, and the number of steps; nil if nothing is under way.
  public var progress: (step: Int, of: Int)? {
    switch underWay {
    case .finder: (finder.place + 1, finder.order.count)
    case .sequence: run.map { ($0.place + 1, $0.steps.count) }
    case nil: nil
    }
  }

  /// Tag of the language that introduces itself in the finder.
  public var candidate: String? {
    underWay == .finder ? finder.candidate.map { repertoire.languages[$0].tag } : nil
  }

  /// Tags of the three languages that introduce themselves next.
  public var introductions: [String] {
    let coming = finder.candidate == nil ? finderOrder[...] : finder.coming
    return coming.prefix(3).map { repertoire.languages[$0].tag }
  }

  /// Whether the messages are those for children.
  public var isForChildren: Bool { isChildren }

  /// The answer mode that is on.
  public var answerMode: AnswerMode { mode }

  /// The answer modes that the kit offers; the first is its default.
  public var answerModes: [AnswerMode] { repertoire.modes }

  /// The voice that speaks the chosen language.
  public var speaker: String? {
    guard let current else { return nil }
    let voices = repertoire.languages[current].voices
    return (voices.first { $0.name == preferredVoice } ?? voices.first)?.name
  }

  /// Says in the operator's voice, or by a tone, that something was done: a kit was installed from a stick. Call it only
  /// while `isSilent`.
  public mutating func announceDone() -> [Effect] { announce(.done, as: .ready) }

  /// What the LEDs show.
  public var indication: Indication {
    if hasFailed { return .error }
    if !speech.isSilent || isUnderWay && !questions.isWaiting { return .playing }
    return questions.isWaiting ? .waiting : .ready
  }

  /// When the console expects the event `passed`; nil for never.
  public var deadline: Monotonic? { [pad.deadline, pause].compactMap { $0 }.min() }

  // MARK: Events

  /// Changes the state for an event and returns what to do, in order.
  public mutating func handle(_ event: Event) -> [Effect] {
    let effects = change(for: event)
    for case .play(let message, let token) in effects { questions.play(message, token) }
    return effects.map { effect in
      // A line about a sequence names the language that is chosen after the event.
      if case .journal(.sequence(let id, let stage, _)) = effect {
        return .journal(.sequence(id, stage, language: language))
      }
      return effect
    }
  }

  private mutating func change(for event: Event) -> [Effect] {
    switch event {
    case .pressed(let button, _, .listener) where !button.isForListener: return []
    case .pressed(let button, let time, let person):
      answering = person
      hasFailed = false
      questions.advance(to: time, about: about)
      let left = isForgotten(at: time) ? forgetListener() : []
      lastUse = time
      let effects = press(button, at: time)
      // A stop comes before every record.
      return effects.first == .stop ? effects + left : left + effects
    case .passed(let time):
      pad.expire(at: time)
      guard let end = pause, time >= end else { return [] }
      pause = nil
      switch underWay {
      case .finder: return stepFinder(by: 1, at: time)
      case .sequence: return stepSequence(by: 1, at: time)
      case nil: return []
      }
    case .started(let token, let time):
      guard let message = speech.message(token) else { return [] }
      questions.sound(token, at: time)
      if message == last { heard = message }
      return [.journal(.started(message.recorded))]
    case .ended(let token, let outcome, let frames, let lost, let time):
      guard let (message, end) = speech.end(token, outcome) else { return [] }
      lastUse = time
      note(message, token, outcome, wasHeard: frames > 0 || outcome == .completed, at: time)
      let record = Effect.journal(
        .ended(message.recorded, outcome, heard: frames / 48, lost: lost > 0 ? max(1, lost / 48) : 0))
      return [record] + goOn(end, message, outcome, at: time)
    }
  }

  /// Notes what the listener heard of a message that has ended.
  private mutating func note(
    _ message: Message, _ token: UInt32, _ outcome: MessageOutcome, wasHeard: Bool, at time: Monotonic
  ) {
    let hasWaited = questions.isWaiting
    questions.end(token, wasHeard: wasHeard, isWhole: outcome == .completed, about: about, at: time)
    // An early press failed; now the answer is expected.
    if questions.isWaiting, !hasWaited { hasFailed = false }
    if !wasHeard, heard == message { heard = nil }
    guard wasHeard, message.audience == .listener, let prompt = repertoire.prompt(message.prompt) else { return }
    if !prompt.isQuestion, prompt.module != ConsolePrompt.languageModule { about = prompt.id }
  }

  /// Whether nobody has used the device for so long that the next press is for another listener.
  private func isForgotten(at time: Monotonic) -> Bool {
    speech.isSilent && pause == nil && lastUse != nil && !isRecent(lastUse, at: time)
  }

  /// Forgets what was asked, and what can be resumed: the answers of the next listener must not count for the one
  /// before. The answer mode is the kit's default again; the language and the other modes stay.
  private mutating func forgetListener() -> [Effect] {
    let left = leave()
    activity = nil
    run = nil
    finder = Finder()
    questions.forget()
    (heard, about) = (nil, nil)
    return left + resetMode()
  }

  /// Returns what follows the end of a message.
  private mutating func goOn(
    _ end: Speech.End, _ message: Message, _ outcome: MessageOutcome, at time: Monotonic
  ) -> [Effect] {
    switch end {
    case .continues(let effects): return effects
    case .abandoned where outcome != .failed: return []
    case .finished:
      switch underWay {
      case .finder: pause = time.adding(milliseconds: repertoire.finderPause)
      case .sequence: endStep(at: time)
      case nil: break
      }
      return []
    case .abandoned, .broken:
      if end == .broken { questions.endWait() }
      let left = end == .broken ? leave() : []
      if outcome == .stopped { return left }
      hasFailed = true
      // The card has a fault: a tone is all that may still be heard.
      if outcome == .interrupted { return left + [.signal(.error)] }
      // A damaged operator's voice is not asked to say so.
      return left + (message.language == repertoire.operatorVoice?.tag ? [.signal(.error)] : announce(.error))
    }
  }

  private mutating func press(_ button: Button, at time: Monotonic) -> [Effect] {
    switch button {
    case .digit(let digit):
      switch pad.digit(digit, at: time) {
      case nil: return []
      case .prompt(let number):
        guard let prompt = repertoire.prompts.first(where: { $0.number == number }) else {
          return leave() + signal(.notAvailable, prompt: nil, because: .number)
        }
        return sayGated(prompt.id, at: time)
      case .language(let number):
        guard let index = repertoire.languages.firstIndex(where: { $0.number == number }) else {
          return leave() + signal(.notAvailable, prompt: nil, because: .number)
        }
        return choose(index, at: time)
      }
    case .star:
      pad.star(at: time)
      return []
    case .control(let control):
      pad.clear()
      caution = nil
      return perform(control, at: time)
    case .prompt(let id):
      pad.clear()
      if repertoire.isSequence(id) || repertoire.isModule(id) { caution = nil }
      if repertoire.isSequence(id) { return follow(id, at: time) }
      if repertoire.isModule(id) { return walk(module: id, at: time) }
      return sayGated(id, at: time)
    }
  }

  private mutating func perform(_ control: Button.Control, at time: Monotonic) -> [Effect] {
    switch control {
    case .stop: return stop()
    case .again: return again(at: time)
    case .nextLanguage: return step(by: 1, at: time)
    case .previousLanguage: return step(by: -1, at: time)
    case .finder: return find(at: time)
    case .next: return go(by: 1, at: time)
    case .previous: return go(by: -1, at: time)
    case .children: return toggleChildren()
    case .voice: return toggleVoice()
    case .status: return leave() + announceStatus()
    case .louder: return turn(.louder)
    case .quieter: return turn(.quieter)
    case .quiet: return turn(.quiet)
    case .answerYes: return answer(.yes, at: time)
    case .answerNo: return answer(.no, at: time)
    case .answerUnclear: return answer(.unclear, at: time)
    case .answerDeclined: return answer(.declined, at: time)
    case .answerStop: return answer(.stop, at: time)
    case .answerNone: return answer(.still, at: time)
    case .answerMode: return changeMode()
    case .markWrong: return markWrong()
    // The device itself does these; nothing sounds meanwhile.
    case .trustStick, .journalToStick, .powerOff: return stop()
    }
  }

  // MARK: Stop, repeat, next

  /// Silences everything. The activity can be resumed.
  mutating func stop() -> [Effect] {
    // An answer may have come already: it can still be given.
    questions.endWait()
    questions.dropComing()
    speech.abandon()
    return [.stop] + leave()
  }

  /// Leaves the activity, which can be resumed.
  mutating func leave() -> [Effect] {
    pause = nil
    guard isUnderWay, let activity else { return [] }
    isUnderWay = false
    return [record(activity, .left)]
  }

  /// Returns the record of an activity's stage; `handle` adds the language.
  func record(_ activity: Activity, _ stage: ActivityStage) -> Effect {
    switch activity {
    case .finder: .journal(.finder(stage))
    case .sequence(let id): .journal(.sequence(id, stage, language: nil))
    }
  }

  /// Stops what is played, if nothing else is said.
  mutating func hush() -> [Effect] {
    let isSounding = speech.playing != nil
    speech.abandon()
    return isSounding ? [.stop] : []
  }

  private mutating func again(at time: Monotonic) -> [Effect] {
    if last(isWithin: limits.again, at: time), speech.playing != nil { return [] }
    if activity == .finder, finder.candidate != nil { return introduce(at: time) }
    if case .sequence = underWay { return sayStep(at: time) }
    guard let wanted, last != nil else { return signal(.notAvailable, prompt: nil, because: .nothingSaid) }
    // The caution of a gated prompt is spoken again for another listener.
    if !isRecent(lastTime, at: time) { return sayGated(wanted, at: time) }
    return say(wanted, isForChild: wantedForChild || isChildren, at: time)
  }

  /// Goes forward or back: in an activity that is under way or was just stopped, otherwise through all messages.
  private mutating func go(by count: Int, at time: Monotonic) -> [Effect] {
    switch activity {
    case .finder where finder.candidate != nil: return stepFinder(by: count, at: time)
    case .sequence where run?.step != nil: return stepSequence(by: count, at: time)
    default: return walk(by: count, at: time)
    }
  }

  /// Whether the listener is a child: the messages for children are on, or a sequence for children is under way.
  var isForChild: Bool {
    if case .sequence(let id) = underWay, KitSequence.isForChildren(id) { return true }
    return isChildren
  }

  /// Whether a message was requested less than so many milliseconds ago.
  func last(isWithin milliseconds: Int, at time: Monotonic) -> Bool {
    lastTime.map { time < $0.adding(milliseconds: milliseconds) } ?? false
  }

  /// Whether an activity that was at work at that moment can be resumed.
  func isRecent(_ moment: Monotonic?, at time: Monotonic) -> Bool {
    moment.map { time < $0.adding(milliseconds: limits.resume) } ?? false
  }
}
