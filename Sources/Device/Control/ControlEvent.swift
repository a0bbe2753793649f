/// What a subscriber is told, a line each, between the replies.
public struct ControlEvent: Codable, Equatable, Sendable {
  /// The journal's words (`started`, `completed`, `answer` …); `press`, which is in no journal; `state`.
  public var event: String
  /// Counts all events since the start of the daemon.
  public var number: Int
  /// Nanoseconds of CLOCK_MONOTONIC.
  public var monotonic: Int64
  /// For `press`: what was pressed.
  public var button: String?
  public var language: String?
  public var prompt: String?
  public var voice: String?
  /// Milliseconds of the clip that were heard.
  public var heard: Int?
  public var detail: String?
  /// The information that was asked about.
  public var about: String?
  /// For `state`.
  public var state: ConsoleState?

  public init(
    _ event: String, number: Int = 0, monotonic: Int64 = 0, button: String? = nil, language: String? = nil,
    prompt: String? = nil, voice: String? = nil, heard: Int? = nil, detail: String? = nil, about: String? = nil,
    state: ConsoleState? = nil
  ) {
    self.event = event
    self.number = number
    self.monotonic = monotonic
    self.button = button
    self.language = language
    self.prompt = prompt
    self.voice = voice
    self.heard = heard
    self.detail = detail
    self.about = about
    self.state = state
  }
}

/// How the console stands: told whenever that changes.
public struct ConsoleState: Codable, Equatable, Sendable {
  /// The chosen language.
  public var language: String?
  /// The voice that speaks it.
  public var voice: String?
  /// What sounds, in which language.
  public var playing: String?
  public var playingLanguage: String?
  /// `finder`, or the id of the sequence that goes on by itself.
  public var activity: String?
  /// Where it stands, from 1, and of how many.
  public var step: Int?
  public var steps: Int?
  /// The language that introduces itself in the finder.
  public var candidate: String?
  /// The messages are those for children.
  public var children: Bool
  /// `ready`, `draft`, `playing`, `waiting`, `error`.
  public var led: String
  /// In dB, at most 0.
  public var volume: Double
  public var quiet: Bool

  public init(
    language: String? = nil, voice: String? = nil, playing: String? = nil, playingLanguage: String? = nil,
    activity: String? = nil, step: Int? = nil, steps: Int? = nil, candidate: String? = nil, children: Bool = false,
    led: String = "ready", volume: Double = 0, quiet: Bool = false
  ) {
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
