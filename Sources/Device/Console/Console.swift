import Board
import Kit
import Posix

/// What the buttons drive: a pure machine of (state, event) → (state, effects). It does no I/O and knows no clock: a
/// press brings its time along.
///
/// No language is chosen until the responder chooses one, or a listener raises a hand in the finder: a message in a
/// language that nobody picked would be worse than a signal that says so. A prompt that the language does not have is
/// said in the language that the kit names for it, after the responder has been told, or not at all.
///
/// What the operator's voice says comes before a listener's message only where the responder could not know what is
/// coming; a name or a mode is told behind it, or when nothing else is said.
public struct Console: Sendable {
  let repertoire: Repertoire
  let limits: Limits
  private var pad: NumberPad
  var speech = Speech()

  /// Index of the chosen language.
  var current: Int?
  /// The voice that the responder wants; a language that has none of that name speaks with its first.
  var voice: String?
  var isChildren = false
  private var isQuiet = false

  /// What goes on by itself, or did until it was left.
  var activity: Activity?
  var isUnderWay = false
  /// When it goes on.
  var pause: Monotonic?
  var finder = Finder()
  var course: Course?
  /// Tags of the languages in which listeners were spoken to, the latest first.
  public private(set) var recent: [String]

  /// The listener's message that was asked for last: what was played, and the id that was pressed.
  var last: Message?
  var wanted: String?
  /// When something was asked for last.
  var lastTime: Monotonic?
  /// What was asked of the listener last, and whether an answer is still to come.
  var question: Message?
  var isWaiting = false
  /// Id of the information that was given last.
  private var about: String?
  private var isWrong = false

  /// - Parameter recent: tags of languages that were spoken on this device, the latest first.
  public init(_ repertoire: Repertoire, limits: Limits = Limits(), recent: [String] = []) {
    self.repertoire = repertoire
    self.limits = limits
    self.recent = Array(recent.prefix(Self.mostRecent))
    pad = NumberPad(limit: limits.digits)
  }

  /// The same console with another kit, when nothing sounds and nothing is under way: the chosen language and what the
  /// responder has set stay, where the kit has them.
  public func changed(to repertoire: Repertoire) -> Console {
    var next = Console(repertoire, limits: limits, recent: recent)
    next.speech = speech
    next.current = language.flatMap(repertoire.index)
    (next.voice, next.isChildren, next.isQuiet) = (voice, isChildren, isQuiet)
    return next
  }

  /// Languages that come first in the finder because they were spoken lately.
  public static let mostRecent = 3

  /// Whether a button of this name, which is no control, means anything.
  public func knows(_ name: String) -> Bool {
    repertoire.prompt(name) != nil || repertoire.isModule(name) || repertoire.isSequence(name)
  }

  // MARK: What it shows

  /// Tag of the chosen language.
  public var language: String? { current.map { repertoire.languages[$0].tag } }

  /// What sounds, or is about to.
  public var playing: Message? { speech.playing }

  /// The player has told the end of everything.
  public var isSilent: Bool { speech.isSilent }

  /// What goes on by itself now, or waits for an answer.
  public var underWay: Activity? { isUnderWay ? activity : nil }

  /// Where it stands, from 1, and of how many; nil where nothing is under way.
  public var progress: (step: Int, of: Int)? {
    switch underWay {
    case .finder: (finder.place + 1, finder.order.count)
    case .sequence: course.map { ($0.place + 1, $0.steps.count) }
    case nil: nil
    }
  }

  /// The language that introduces itself in the finder.
  public var candidate: String? {
    underWay == .finder ? finder.candidate.map { repertoire.languages[$0].tag } : nil
  }

  /// Tags of the languages that introduce themselves next.
  public var introductions: [String] {
    let coming = finder.candidate == nil ? finderOrder[...] : finder.coming
    return coming.prefix(3).map { repertoire.languages[$0].tag }
  }

  /// Whether the messages are those for children.
  public var isForChildren: Bool { isChildren }

  /// The voice that speaks the chosen language.
  public var speaker: String? {
    guard let current else { return nil }
    let voices = repertoire.languages[current].voices
    return (voices.first { $0.name == voice } ?? voices.first)?.name
  }

  public var indication: Indication {
    if isWrong { return .error }
    if !speech.isSilent || isUnderWay && !isWaiting { return .playing }
    return isWaiting ? .waiting : .ready
  }

  /// When the console wants to be told `passed`; `nil` for never.
  public var deadline: Monotonic? { [pad.deadline, pause].compactMap { $0 }.min() }

  // MARK: Events

  public mutating func handle(_ event: Event) -> [Effect] {
    switch event {
    case .pressed(let button, let time):
      isWrong = false
      return press(button, at: time)
    case .passed(let time):
      pad.pass(at: time)
      guard let end = pause, time >= end else { return [] }
      pause = nil
      switch underWay {
      case .finder: return stepFinder(by: 1, at: time)
      case .sequence: return stepCourse(by: 1, at: time)
      case nil: return []
      }
    case .started(let token):
      return speech.message(token).map { [.journal(.started($0))] } ?? []
    case .ended(let token, let outcome, let frames, let time):
      guard let (message, end) = speech.end(token, outcome) else { return [] }
      return [.journal(.ended(message, outcome, frames: frames))] + goOn(end, message, outcome, at: time)
    }
  }

  /// What follows the end of a message.
  private mutating func goOn(_ end: Speech.End, _ message: Message, _ outcome: Outcome, at time: Monotonic) -> [Effect]
  {
    switch end {
    case .goesOn(let effects): return effects
    case .past where outcome != .failed: return []
    case .said:
      switch underWay {
      case .finder: pause = time.adding(milliseconds: repertoire.finderPause)
      case .sequence: endStep(at: time)
      case nil: break
      }
      return []
    case .past, .broken:
      let left = end == .broken ? leave() : []
      if outcome != .failed { return left }
      isWrong = true
      // A voice that is damaged itself is not asked to say so.
      return left + (message.language == repertoire.operatorVoice?.tag ? [.signal(.error)] : tell(.error))
    }
  }

  private mutating func press(_ button: Button, at time: Monotonic) -> [Effect] {
    switch button {
    case .digit(let digit):
      switch pad.digit(digit, at: time) {
      case nil: return []
      case .prompt(let number):
        guard let prompt = repertoire.prompts.first(where: { $0.number == number }) else {
          return leave() + signal(.notAvailable, prompt: nil)
        }
        return say(prompt.id, at: time)
      case .language(let number):
        guard let index = repertoire.languages.firstIndex(where: { $0.number == number }) else {
          return leave() + signal(.notAvailable, prompt: nil)
        }
        return choose(index, at: time)
      }
    case .star:
      pad.star(at: time)
      return []
    case .control(let control):
      pad.forget()
      return perform(control, at: time)
    case .prompt(let id):
      pad.forget()
      if repertoire.isSequence(id) { return follow(id, at: time) }
      if repertoire.isModule(id) { return walk(module: id, at: time) }
      return say(id, at: time)
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
    case .status: return leave() + tellStatus()
    case .louder: return turn(.louder)
    case .quieter: return turn(.quieter)
    case .quiet: return turn(.quiet)
    case .answerYes: return answer(.yes, at: time)
    case .answerNo: return answer(.no, at: time)
    case .answerUnclear: return answer(.unclear, at: time)
    case .answerDeclined: return answer(.declined, at: time)
    case .answerStop: return answer(.stop, at: time)
    }
  }

  // MARK: Stop, repeat, next

  /// Silence, whatever was going on. It can be gone on with later.
  private mutating func stop() -> [Effect] {
    // Perhaps because the answer has come already: it may still be given.
    isWaiting = false
    speech.giveUp()
    return [.stop] + leave()
  }

  /// What was under way waits until it is asked for again.
  mutating func leave() -> [Effect] {
    pause = nil
    guard isUnderWay, let activity else { return [] }
    isUnderWay = false
    return [.journal(.activity(activity, .left))]
  }

  /// Ends what sounds, where nothing else is said.
  mutating func hush() -> [Effect] {
    let isSounding = speech.playing != nil
    speech.giveUp()
    return isSounding ? [.stop] : []
  }

  private mutating func again(at time: Monotonic) -> [Effect] {
    if last(isWithin: limits.again, at: time), speech.playing != nil { return [] }
    if activity == .finder, finder.candidate != nil { return introduce(at: time) }
    if case .sequence = underWay { return sayStep(at: time) }
    guard let wanted, last != nil else { return signal(.notAvailable, prompt: nil) }
    return say(wanted, at: time)
  }

  /// On and back: in what is under way or was just stopped, else through all messages.
  private mutating func go(by count: Int, at time: Monotonic) -> [Effect] {
    switch activity {
    case .finder where finder.candidate != nil: return stepFinder(by: count, at: time)
    case .sequence where course?.step != nil: return stepCourse(by: count, at: time)
    default: return walk(by: count, at: time)
    }
  }

  // MARK: Languages

  private mutating func step(by count: Int, at time: Monotonic) -> [Effect] {
    if underWay == .finder { return stepFinder(by: count, at: time) }
    let all = repertoire.languages.count
    if all == 0 { return signal(.notAvailable, prompt: nil) }
    return choose(current.map { ($0 + count + all) % all } ?? (count > 0 ? 0 : all - 1), at: time)
  }

  /// The language says its own name at once, to the listener; what it is called, the responder hears behind that.
  private mutating func choose(_ index: Int, at time: Monotonic) -> [Effect] {
    let left = leave()
    activity = nil
    finder.found = nil
    forgetLanguage()
    current = index
    let language = repertoire.languages[index]
    let own = language.message(Said.languageName, wish: voice)
    last = own
    wanted = own?.prompt
    lastTime = time
    let chosen = left + [.journal(.language(language.tag))]
    let names = [own].compactMap { $0 } + (name(of: language.tag) ?? [])
    return chosen + (names.isEmpty ? signal(.notAvailable, prompt: Said.languageName) : speech.say(names))
  }

  /// Nothing that was said before belongs to the listener who comes.
  mutating func forgetLanguage() {
    current = nil
    course = nil
    last = nil
    wanted = nil
    question = nil
    isWaiting = false
    about = nil
  }

  // MARK: Messages

  /// What is to be heard for a prompt in the chosen language.
  struct Spoken: Equatable {
    /// Told to the responder before.
    var announcements: [Message] = []
    var message: Message
    var journal: [Effect] = []
  }

  /// The prompt in the chosen language; where that has none, in the first that may stand in and can be announced.
  func spoken(_ id: String) -> Spoken? {
    guard let current else { return nil }
    let language = repertoire.languages[current]
    if let message = language.message(id, wish: voice) {
      guard let voice, message.voice != voice, language.voices.contains(where: { $0.name == voice }) else {
        return Spoken(message: message)
      }
      let wish = Message(language: language.tag, prompt: id, voice: voice)
      return Spoken(
        announcements: announcements(.otherVoice), message: message, journal: [.journal(.replaced(wish, by: message))])
    }
    let notice = announcements(.otherLanguage)
    if notice.isEmpty { return nil }
    for tag in language.fallback {
      guard let index = repertoire.index(tag), let message = repertoire.languages[index].message(id, wish: voice) else {
        continue
      }
      let wish = Message(language: language.tag, prompt: id)
      return Spoken(
        announcements: notice + (name(of: tag) ?? []), message: message,
        journal: [.journal(.replaced(wish, by: message))])
    }
    return nil
  }

  mutating func say(_ id: String, at time: Monotonic) -> [Effect] {
    if id == Said.wrongLanguage {
      if underWay == .finder { return stepFinder(by: 1, at: time) }
      if let apology = apologise(at: time) { return apology }
    }
    if current == nil { return leave() + signal(.noLanguage, prompt: id) }
    guard let spoken = spoken(id) else { return leave() + signal(.notAvailable, prompt: id) }
    // A second press of a shaking hand would only cut off the first words.
    if spoken.message == last, speech.playing != nil, last(isWithin: limits.again, at: time) { return [] }
    let left = leave()
    activity = nil
    return left + spoken.journal + say(spoken, at: time)
  }

  mutating func say(_ spoken: Spoken, at time: Monotonic) -> [Effect] {
    let message = spoken.message
    last = message
    wanted = message.prompt
    lastTime = time
    let prompt = repertoire.prompt(message.prompt)
    ask(prompt?.isQuestion == true ? message : nil)
    if prompt?.isQuestion != true { about = message.prompt }
    if prompt?.module != Said.language, let language {
      recent = Array(([language] + recent.filter { $0 != language }).prefix(Self.mostRecent))
    }
    return speech.say(spoken.announcements + [message])
  }

  /// From now on an answer is one to this.
  mutating func ask(_ question: Message?) {
    self.question = question
    isWaiting = question != nil
  }

  func last(isWithin milliseconds: Int, at time: Monotonic) -> Bool {
    lastTime.map { time < $0.adding(milliseconds: milliseconds) } ?? false
  }

  func isRecent(_ moment: Monotonic?, at time: Monotonic) -> Bool {
    moment.map { time < $0.adding(milliseconds: limits.resume) } ?? false
  }

  // MARK: Answers

  private mutating func answer(_ answer: Answer, at time: Monotonic) -> [Effect] {
    if answer == .stop {
      let meant = question ?? last
      return stop() + (meant.map { [.journal(.answered($0, .stop, about: nil))] } ?? [])
    }
    if activity == .finder, finder.candidate != nil { return answerFinder(answer, at: time) }
    if case .sequence = underWay, question != nil { return answerStep(answer, at: time) }
    if question != nil { return write(answer) }
    // Nothing was asked; what the listener hears is not cut off for that.
    isWrong = true
    let entry = Effect.journal(.signalled(.notAvailable, language: language, prompt: nil))
    return speech.playing != nil || isUnderWay ? [entry] : signal(.notAvailable, prompt: nil)
  }

  /// A later answer corrects an earlier one; both stay in the journal.
  mutating func write(_ answer: Answer) -> [Effect] {
    guard let question else { return [] }
    isWaiting = false
    let isCheck = repertoire.prompt(question.prompt)?.module == Said.understanding
    return [.journal(.answered(question, answer, about: isCheck ? about : nil))]
  }

  // MARK: Modes

  private mutating func toggleChildren() -> [Effect] {
    guard repertoire.prompts.contains(where: { $0.audience == .child }) else {
      return leave() + signal(.notAvailable, prompt: nil)
    }
    let left = leave()
    activity = nil
    course = nil
    isChildren.toggle()
    return left + [.journal(.children(isChildren))] + tell(.done, as: isChildren ? .children : .adults)
  }

  private mutating func toggleVoice() -> [Effect] {
    let left = leave()
    guard let current else { return left + signal(.noLanguage, prompt: nil) }
    let voices = repertoire.languages[current].voices.map(\.name)
    guard voices.count > 1, let speaker, let index = voices.firstIndex(of: speaker) else {
      return left + signal(.notAvailable, prompt: nil)
    }
    let name = voices[(index + 1) % voices.count]
    voice = name
    return left + [.journal(.voice(name, language: repertoire.languages[current].tag))] + tell(.done, as: .otherVoice)
  }

  /// It is told only where that disturbs nobody.
  private mutating func turn(_ turn: VolumeKnob.Turn) -> [Effect] {
    switch turn {
    case .louder: isQuiet = false
    case .quieter: break
    case .quiet: isQuiet.toggle()
    }
    if !speech.isSilent || isUnderWay || isWaiting { return [.turn(turn)] }
    let words: Announcement =
      switch turn {
      case .louder: .louder
      case .quieter: .quieter
      case .quiet: isQuiet ? .quietOn : .quietOff
      }
    return [.turn(turn)] + speech.say(announcements(words))
  }

  private mutating func tellStatus() -> [Effect] {
    var words = announcements(repertoire.isDraft ? .draftKit : .ready)
    words += language.map { name(of: $0) ?? [] } ?? announcements(.chooseLanguage)
    if case .sequence = activity { words += announcements(.firstContact) }
    if isChildren { words += announcements(.children) }
    return words.isEmpty ? signal(.notAvailable, prompt: nil) : speech.say(words)
  }

  // MARK: The operator's voice

  /// Empty where there is no voice, or it does not have these words.
  func announcements(_ words: Announcement) -> [Message] {
    [repertoire.operatorVoice?.message(words.rawValue)].compactMap { $0 }
  }

  /// What the responder calls a language.
  func name(of tag: String) -> [Message]? {
    repertoire.operatorVoice?.message(KitPrompt.name(of: tag)).map { [$0] }
  }

  /// Something went wrong: the journal keeps it.
  mutating func signal(_ signal: Signal, prompt: String?) -> [Effect] {
    isWrong = true
    return [.journal(.signalled(signal, language: language, prompt: prompt))] + tell(signal)
  }

  /// By the operator's voice, or else as a tone; `messages` come before.
  mutating func tell(_ signal: Signal, as words: Announcement? = nil, behind messages: [Message] = []) -> [Effect] {
    let words = (words ?? signal.words).map(announcements) ?? []
    if words.isEmpty && messages.isEmpty {
      speech.giveUp()
      return [.signal(signal)]
    }
    return speech.say(messages + words, then: words.isEmpty ? signal : nil)
  }
}

extension Console.Signal {
  fileprivate var words: Announcement? {
    switch self {
    case .noLanguage: .chooseLanguage
    case .notAvailable: .notAvailable
    case .error: .damaged
    case .noneOfThese: .noneOfThese
    case .done: nil
    }
  }
}
