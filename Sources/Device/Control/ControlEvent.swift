/// An event that subscribers receive, one a line, between the replies.
public struct ControlEvent: Codable, Equatable, Sendable {
  /// The name, as in the journal (`started`, `completed`, `answer` …); or `press`, `state`,
  /// `journal-failing` or `journal-written`, which the journal lacks.
  public var event: String
  /// The number of events since the start of the daemon, this one included.
  public var number: Int
  /// The time in nanoseconds of CLOCK_MONOTONIC.
  public var monotonic: Int64
  /// For `press`: the button.
  public var button: String?
  /// The tag of the language concerned.
  public var language: String?
  /// The id of the prompt concerned.
  public var prompt: String?
  /// The voice of the clip.
  public var voice: String?
  /// The form of the wording: `hand`, `child`; absent for the base form.
  public var form: String?
  /// The id of the formula that was joined to a question.
  public var formula: String?
  /// Whom the message is for: `listener` or `operator`.
  public var audience: String?
  /// The milliseconds of the clip that left the card.
  public var heard: Int?
  /// The part of a question with a formula in which it was cut: `question`, `pause` or `formula`.
  public var part: String?
  /// The milliseconds of that part that were heard.
  public var partHeard: Int?
  /// The milliseconds of the clip before its end that the card lost; absent if it lost nothing.
  public var lost: Int?
  /// Further text; its meaning depends on the event.
  public var detail: String?
  /// For `signal`: what is missing, as the journal names it (`recording`, `no-formula` …); absent where it does not say.
  public var reason: String?
  /// The id of the information that an answer is about.
  public var about: String?
  /// `listener` if the listener pressed an answer; for `early-answer` also `responder`.
  public var by: String?
  /// For `state`: the state.
  public var state: ConsoleState?

  /// Creates an event.
  public init(
    _ event: String, number: Int = 0, monotonic: Int64 = 0, button: String? = nil, language: String? = nil,
    prompt: String? = nil, voice: String? = nil, form: String? = nil, formula: String? = nil,
    audience: String? = nil, heard: Int? = nil, part: String? = nil, partHeard: Int? = nil, lost: Int? = nil,
    detail: String? = nil, reason: String? = nil, about: String? = nil, by: String? = nil, state: ConsoleState? = nil
  ) {
    (self.form, self.formula, self.part, self.partHeard, self.by) = (form, formula, part, partHeard, by)
    self.reason = reason
    self.event = event
    self.number = number
    self.monotonic = monotonic
    self.button = button
    self.language = language
    self.prompt = prompt
    self.voice = voice
    self.audience = audience
    self.heard = heard
    self.lost = lost
    self.detail = detail
    self.about = about
    self.state = state
  }
}

/// The state of the console; sent whenever it changes.
public struct ConsoleState: Codable, Equatable, Sendable {
  /// The tag of the chosen language.
  public var language: String?
  /// The voice chosen for it.
  public var voice: String?
  /// The id of the prompt that is playing.
  public var playing: String?
  /// The tag of its language.
  public var playingLanguage: String?
  /// `finder`, or the id of the running sequence.
  public var activity: String?
  /// The current step, from 1.
  public var step: Int?
  /// The number of steps.
  public var steps: Int?
  /// The tag of the language that the finder offers.
  public var candidate: String?
  /// Whether the messages for children are chosen.
  public var children: Bool
  /// How listeners answer: `card`, `hand`, `tap` or `buttons`; absent in the state of older versions.
  public var answerMode: String?
  /// The answer modes that the kit offers; the first is its default. Absent in the state of older versions.
  public var answerModes: [String]?
  /// `ready`, `draft`, `playing`, `waiting`, `error`.
  public var led: String
  /// The volume in dB, at most 0.
  public var volume: Double
  /// Whether the quiet mode is on.
  public var quiet: Bool

  /// Creates a state.
  public init(
    language: String? = nil, voice: String? = nil, playing: String? = nil, playingLanguage: String? = nil,
    activity: String? = nil, step: Int? = nil, steps: Int? = nil, candidate: String? = nil, children: Bool = false,
    answerMode: String? = nil, answerModes: [String]? = nil, led: String = "ready", volume: Double = 0,
    quiet: Bool = false
  ) {
    (self.answerMode, self.answerModes) = (answerMode, answerModes)
    self.language = language
    self.voice = voice
    self.playing = playing
    self.playingLanguage = playingLanguage
    self.activity = activity
    self.step = step
    self.steps = steps
    self.candidate = candidate
    self.children = children
    self.led = led
    self.volume = volume
    self.quiet = quiet
  }
}
