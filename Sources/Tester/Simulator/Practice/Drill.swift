import Control
import Posix

/// Practice tasks for a responder, with a simulated listener who answers by gestures.
///
/// A pure state machine: it takes the events of the control socket and the time, and returns remarks to show.
public struct Drill: Sendable {
  /// A task of the drill.
  public enum Task: Equatable, Sendable {
    /// Find the listener's language.
    case findLanguage
    /// Play a message.
    case say(prompt: String)
    /// Play a question and press the answer that the listener gives.
    case ask(prompt: String)
    /// Stop a message when the listener asks for it.
    case stop
    /// Switch to the quiet mode.
    case quiet
  }

  /// The listener's answer to a question.
  public enum Gesture: String, CaseIterable, Equatable, Sendable {
    /// The gestures that the prompts teach.
    case yes, no, unclear, declined

    /// What the listener does, after "The person".
    public var words: String {
      switch self {
      case .yes: "raises one hand"
      case .no: "keeps both hands down"
      case .unclear: "holds both hands over the ears"
      case .declined: "crosses the arms over the chest"
      }
    }
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
  /// The gesture that the responder must answer with a button.
  private var shown: Gesture?
  /// When the listener will hold out both hands.
  private var alarm: Monotonic?
  /// When the listener held out both hands.
  private var alarmed: Monotonic?

  /// Creates a drill. Tasks whose prompts are missing are left out.
  ///
  /// - Parameters:
  ///   - languages: BCP 47 tags, one of which the listener speaks.
  ///   - prompts: ids that all of these languages have.
  ///   - seed: selects the language and the gestures.
  ///   - time: when the first task begins.
  ///   - name: returns the responder's name of a language.
  public init(
    languages: [String], prompts: Set<String>, seed: UInt64, at time: Monotonic,
    name: @escaping @Sendable (String) -> String
  ) {
    random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    began = time
    self.name = name
    person = languages.isEmpty ? "" : languages[Self.next(&random) % languages.count]
    let all: [Task] = [.findLanguage, .say(prompt: "safe-here"), .ask(prompt: "need-doctor"), .stop, .quiet]
    tasks = all.filter { task in
      switch task {
      case .say(let prompt), .ask(let prompt): prompts.contains(prompt)
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
    case .ask: "Ask whether they need a doctor; press the answer that you see."
    case .stop: "Say any message. When the person holds out both hands, stop."
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
    switch task {
    case .findLanguage: return find(event, time)
    case .say(let prompt): return say(prompt, event, time)
    case .ask(let prompt): return ask(prompt, event, time)
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
    return [.person("holds both open hands out: STOP")]
  }

  // MARK: The tasks

  private mutating func find(_ event: ControlEvent, _ time: Monotonic) -> [Remark] {
    let isMessage = event.event == "started" && !Self.ofFinder.contains(event.prompt ?? "") && !isOperatorVoice(event)
    if event.event == "found" || isMessage, let language = event.language {
      if language == person { return done("it is \(name(person))", time) }
      return miss("that was \(name(language)); the person does not understand it. Try others")
    }
    if event.event == "completed", event.language == person, event.prompt == "raise-hand" {
      return [.person(Gesture.yes.words)]
    }
    if event.event == "completed", event.language == person, event.prompt == "language-name" {
      return [.person("looks up at the sound of the name")]
    }
    if event.event == "none-found" { return miss("no hand was raised: look again, more slowly") }
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

  private mutating func ask(_ prompt: String, _ event: ControlEvent, _ time: Monotonic) -> [Remark] {
    if event.event == "completed", event.prompt == prompt, event.language == person {
      let gesture = shown ?? Gesture.allCases[Self.next(&random) % Gesture.allCases.count]
      shown = gesture
      return [.person(gesture.words)]
    }
    guard event.event == "answer", event.prompt == prompt else { return [] }
    guard let shown else { return miss("wait until the question has been asked and the person answers") }
    if event.detail == shown.rawValue { return done("the answer is \(shown.rawValue)", time) }
    return miss("the person \(shown.words): that is \(shown.rawValue)")
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
        return [.advice("Stopped \(milliseconds) ms after the hands. Say it again, and try to be faster.")]
      }
      return done("stopped \(milliseconds) ms after the hands", time)
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
  private func isOperatorVoice(_ event: ControlEvent) -> Bool {
    event.prompt.map { $0.hasPrefix("device-") || $0.hasPrefix("name-") } ?? false
  }

  private mutating func done(_ what: String, _ time: Monotonic) -> [Remark] {
    let seconds = Double(max(0, time.since(began))) / 1e9
    times.append(seconds)
    place += 1
    began = time
    (shown, alarm, alarmed) = (nil, nil, nil)
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
