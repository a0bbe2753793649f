import Control
import Kit
import Posix

/// Practice tasks for a responder, with a simulated listener who answers by the signs of the answer mode that is on.
///
/// A pure state machine: it takes the events of the control socket and the time, and returns remarks to show.
public struct Drill: Sendable {
  /// A task of the drill.
  public enum Task: Equatable, Sendable {
    /// Find the listener's language.
    case findLanguage
    /// Play a message.
    case say(prompt: String)
    /// Change to an answer mode.
    case change(AnswerMode)
    /// Play a question and its formula to their end, and record the answer that the listener gives.
    case ask(prompt: String)
    /// The same, of a listener who keeps still.
    case askStill(prompt: String)
    /// Stop a message when the listener asks for it.
    case stop
    /// Switch to the quiet mode.
    case quiet
  }

  /// A line for the responder's screen.
  public enum Remark: Equatable, Sendable {
    /// What the listener does, after "The person".
    case person(String)
    /// The task is done.
    case right(String)
    /// Advice; no mistake is counted.
    case advice(String)
    /// A mistake, and why.
    case wrong(String)
  }

  /// All tasks, in order.
  public let tasks: [Task]
  /// Index of the current task; the number of tasks at the end.
  public private(set) var place = 0
  /// Number of mistakes so far.
  public private(set) var mistakes = 0
  /// Seconds that each finished task took.
  public private(set) var times: [Double] = []
  /// BCP 47 tag of the listener's language.
  private let person: String
  private let name: @Sendable (String) -> String
  private var random: UInt64
  /// When the current task began.
  private var began: Monotonic
  /// The answer mode that is on.
  private var mode: AnswerMode
  /// The sign that the responder must answer with a button.
  private var shown: PracticeSign?
  /// The answer that the listener presses with a button of their own.
  private var press: String?
  /// When the listener will ask to stop.
  private var alarm: Monotonic?
  /// When the listener asked to stop.
  private var alarmed: Monotonic?

  /// Creates a drill. Tasks whose prompts are missing are left out.
  ///
  /// - Parameters:
  ///   - languages: BCP 47 tags, one of which the listener speaks.
  ///   - prompts: ids that all of these languages have.
  ///   - modes: the answer modes that the kit offers; the first is its default.
  ///   - answers: the mode to practise; nil for the default, and the change to the next one.
  ///   - seed: selects the language and the signs.
  ///   - time: when the first task begins.
  ///   - name: returns the responder's name of a language.
  public init(
    languages: [String], prompts: Set<String>, modes: [AnswerMode] = [.base], answers: AnswerMode? = nil,
    seed: UInt64, at time: Monotonic, name: @escaping @Sendable (String) -> String
  ) {
    random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    began = time
    self.name = name
    person = languages.isEmpty ? "" : languages[Self.next(&random) % languages.count]
    mode = modes.first ?? .base
    let question = "need-doctor"
    var all: [Task] = [.findLanguage, .say(prompt: "safe-here")]
    if let answers, answers != mode { all.append(.change(answers)) }
    all += [.ask(prompt: question), .askStill(prompt: question)]
    // The finder, which is for another person, returns to the default.
    if answers == nil, modes.count > 1 { all += [.change(modes[1]), .ask(prompt: question)] }
    all += [.stop, .quiet]
    tasks = all.filter { task in
      switch task {
      case .say(let prompt), .ask(let prompt), .askStill(let prompt): prompts.contains(prompt)
      case .change: prompts.contains(question)
      case .findLanguage: !languages.isEmpty
      case .stop: prompts.contains { !Self.ofFinder.contains($0) }
      case .quiet: true
      }
    }
  }

  /// The current task; `nil` after the last.
  public var task: Task? { place < tasks.count ? tasks[place] : nil }

  /// When ``pass(_:)`` must be called next; `nil` if nothing is due.
  public var deadline: Monotonic? { alarm }

  /// The instruction of the current task.
  public var words: String {
    switch task {
    case .findLanguage: "Find out which language the person speaks, and choose it."
    case .say: "Tell the person that they are safe here."
    case .change(let mode): "Change the answers to '\(mode.rawValue)'."
    case .ask, .askStill:
      mode == .buttons
        ? "Ask whether they need a doctor. The person has buttons of their own; record what they do not press."
        : "Ask whether they need a doctor; press the answer that you see."
    case .stop: "Say any message. When the person asks to stop, stop."
    case .quiet: "Somebody may listen at the door: make the device speak quietly."
    case nil: "Done."
    }
  }

  private static let ofFinder: Set<String> = ["language-name", "raise-hand", "wrong-language"]

  /// Takes an event of the control socket.
  ///
  /// - Returns: remarks to show.
  public mutating func note(_ event: ControlEvent) -> [Remark] {
    let time = Monotonic(nanoseconds: event.monotonic)
    if event.event == "answer-mode", let new = event.detail.flatMap(AnswerMode.init(rawValue:)) { mode = new }
    switch task {
    case .findLanguage: return find(event, time)
    case .say(let prompt): return say(prompt, event, time)
    case .change(let wanted): return change(to: wanted, event, time)
    case .ask(let prompt): return ask(prompt, isStill: false, event, time)
    case .askStill(let prompt): return ask(prompt, isStill: true, event, time)
    case .stop: return stop(event, time)
    case .quiet: return event.state?.quiet == true ? done("quiet", time) : []
    case nil: return []
    }
  }

  /// Takes the time, at ``deadline`` or later.
  ///
  /// - Returns: remarks to show.
  public mutating func pass(_ now: Monotonic) -> [Remark] {
    guard let alarm, now >= alarm else { return [] }
    self.alarm = nil
    alarmed = now
    return [.person(PracticeSign.stop.words(in: mode))]
  }

  /// Returns the answer that the listener presses with a button of their own, once: `answer-yes`.
  public mutating func takePress() -> String? {
    defer { press = nil }
    return press
  }

  // MARK: The tasks

  private mutating func find(_ event: ControlEvent, _ time: Monotonic) -> [Remark] {
    let isMessage = event.event == "started" && !Self.ofFinder.contains(event.prompt ?? "") && !isOperatorVoice(event)
    if event.event == "found" || isMessage, let language = event.language {
      if language == person { return done("it is \(name(person))", time) }
      return miss("that was \(name(language)); the person does not understand it. Try others")
    }
    if event.event == "completed", event.language == person, event.prompt == "raise-hand" {
      if mode == .buttons { press = PracticeSign.yes.button }
      return [.person(PracticeSign.yes.words(in: mode))]
    }
    if event.event == "completed", event.language == person, event.prompt == "language-name" {
      return [.person("looks up at the sound of the name")]
    }
    if event.event == "none-found" { return miss("the person answered no language: look again, more slowly") }
    return []
  }

  private mutating func say(_ prompt: String, _ event: ControlEvent, _ time: Monotonic) -> [Remark] {
    if event.event == "completed", event.prompt == prompt {
      return event.language == person ? done("said", time) : miss("that was \(name(event.language ?? ""))")
    }
    if event.event == "started", event.prompt != prompt, !isOperatorVoice(event),
      !Self.ofFinder.contains(event.prompt ?? "")
    {
      return miss("that was another message")
    }
    return []
  }

  private mutating func change(to wanted: AnswerMode, _ event: ControlEvent, _ time: Monotonic) -> [Remark] {
    guard event.event == "answer-mode" else { return [] }
    if mode == wanted { return done("answers are by \(wanted.rawValue)", time) }
    return [.advice("That is '\(mode.rawValue)'. Press it again until it is '\(wanted.rawValue)'.")]
  }

  private mutating func ask(
    _ prompt: String, isStill: Bool, _ event: ControlEvent, _ time: Monotonic
  ) -> [Remark] {
    if event.prompt == prompt, event.language == person {
      switch event.event {
      case "completed":
        let sign = shown ?? choose(isStill: isStill)
        shown = sign
        if mode == .buttons { press = sign.button }
        return [.person(sign.words(in: mode))]
      case "stopped" where event.part != nil && event.part != "question":
        return [.advice("The person was not told how to answer. Let the message come to its end.")]
      default: break
      }
    }
    if event.event == "early-answer" || event.event == "answer" && event.prompt == prompt && shown == nil {
      return miss("wait until the question and how to answer it have ended, and the person answers")
    }
    guard event.event == "answer", event.prompt == prompt, let shown else { return [] }
    if mode == .buttons, shown.button != nil, event.by != "listener" {
      return miss("the person answers with a button of their own: press no answer for them")
    }
    if shown.isRight(event.detail, in: mode) { return done("the answer is \(shown.meaning)", time) }
    if shown == .still { return miss("the person \(shown.words(in: mode)): that is no answer, and no 'no'") }
    return miss("the person \(shown.words(in: mode)): that is \(shown.meaning)")
  }

  /// Chooses what the listener does. One who keeps still has a task of its own.
  private mutating func choose(isStill: Bool) -> PracticeSign {
    if isStill { return .still }
    let signs = PracticeSign.answers(in: mode).filter { $0 != .still }
    return signs[Self.next(&random) % signs.count]
  }

  private mutating func stop(_ event: ControlEvent, _ time: Monotonic) -> [Remark] {
    switch event.event {
    case "started" where !isOperatorVoice(event):
      alarm = time.adding(milliseconds: 700)
      alarmed = nil
    case "press" where ["stop", "answer-stop"].contains(event.button):
      guard let alarmed else {
        if alarm == nil { return [] }
        return [.advice("Stopped. Stopping is never wrong. Now say it again, and stop when the person asks for it.")]
      }
      self.alarmed = nil
      let milliseconds = Int(time.since(alarmed) / 1_000_000)
      if milliseconds > 3000 {
        return [.advice("Stopped \(milliseconds) ms after the sign. Say it again, and try to be faster.")]
      }
      return done("stopped \(milliseconds) ms after the sign", time)
    case "completed" where !isOperatorVoice(event):
      defer { (alarm, alarmed) = (nil, nil) }
      return miss(
        alarmed == nil ? "that message was too short: take a longer one" : "the message went on to its end")
    case "stopped" where !isOperatorVoice(event): alarm = nil
    default: break
    }
    return []
  }

  /// Returns whether the event concerns the operator's voice, which is for the responder.
  private func isOperatorVoice(_ event: ControlEvent) -> Bool { event.audience == "operator" }

  private mutating func done(_ what: String, _ time: Monotonic) -> [Remark] {
    let seconds = Double(max(0, time.since(began))) / 1e9
    times.append(seconds)
    place += 1
    began = time
    (shown, press, alarm, alarmed) = (nil, nil, nil, nil)
    return [.right("Right: \(what), after \(Int(seconds.rounded())) s.")]
  }

  private mutating func miss(_ why: String) -> [Remark] {
    mistakes += 1
    return [.wrong("Not right: \(why).")]
  }

  /// Returns the next pseudo-random number (xorshift64).
  private static func next(_ state: inout UInt64) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 11)
  }
}

extension Drill {
  /// Creates a drill for a kit. The person speaks one of the languages that have the prompts of all tasks, if there are
  /// any.
  ///
  /// - Parameters:
  ///   - answers: the answer mode to practise; nil for the kit's default and the change to the next.
  ///   - seed: selects the person and what they do.
  public init(_ kit: KitFile, _ answers: AnswerMode?, seed: UInt64) {
    let device = Set(kit.manifest.prompts.filter { $0.module == KitPrompt.operatorModule }.map(\.id))
    let spoken = kit.bundles.map { ($0, Set($0.clips.map(\.prompt)).subtracting(device)) }
    let wanted: Set<String> = ["language-name", "raise-hand", "safe-here", "need-doctor"]
    let able = spoken.filter { $0.1.isSuperset(of: wanted) }
    let chosen = able.isEmpty ? spoken.filter { !$0.1.isEmpty } : able
    let common = chosen.map(\.1).reduce(chosen.first?.1 ?? []) { $0.intersection($1) }
    let names = Dictionary(kit.bundles.map { ($0.tag, $0.english) }, uniquingKeysWith: { first, _ in first })
    self.init(
      languages: chosen.map(\.0.tag), prompts: common, modes: kit.manifest.answers.modes, answers: answers, seed: seed,
      at: .now
    ) { names[$0] ?? $0 }
  }
}
