/// The control socket's language: one JSON object a line, a request answered by a reply with the same id, and events
/// for those who subscribed. `control.schema.json` describes it.
public enum ControlProtocol {
  /// Told in the hello; a change that an older client cannot read raises it.
  public static let version = 1
  /// Longest request and longest reply in bytes.
  public static let longestLine = 4096
  public static let longestReply = 1 << 20
  /// Clients at a time; more wait until one leaves.
  public static let mostClients = 128
  /// Requests that are answered in a second, of one client and of all; the others wait.
  public static let perClient = 200
  public static let perSecond = 1000
}

public struct Request: Codable, Equatable, Sendable {
  public var id: Int
  public var verb: String
  /// For `press`: a control or the id of a prompt.
  public var button: String?
  /// For `hello`: the version that the client speaks.
  public var version: Int?

  enum CodingKeys: String, CodingKey {
    case id
    case verb = "do"
    case button
    case version = "protocol"
  }

  public enum Verb: String, CaseIterable, Sendable {
    /// Who serves, and which version of this language.
    case hello
    case status
    /// With a button.
    case press
    /// As the button of that name.
    case stop
    /// From now on events are told.
    case subscribe
    /// The store has another kit, or something was recalled: look, and change over between two messages.
    case reload
  }

  public init(id: Int, _ verb: Verb, button: String? = nil, version: Int? = nil) {
    self.id = id
    self.verb = verb.rawValue
    self.button = button
    self.version = version
  }
}

public struct Reply: Codable, Equatable, Sendable {
  /// The request's; 0 where it could not be read.
  public var id: Int
  public var ok: Bool
  public var error: Failure?
  public var hello: Hello?
  public var status: DaemonStatus?
  /// How the console stands when the events begin.
  public var state: ConsoleState?

  public struct Failure: Codable, Equatable, Sendable, Error, CustomStringConvertible {
    /// `bad-request`, `unknown-verb`, `unknown-button`, `too-long`, `wrong-protocol`.
    public var code: String
    public var message: String

    public init(code: String, message: String) {
      self.code = code
      self.message = message
    }

    public var description: String { message }
  }

  public static func done(_ id: Int) -> Reply { Reply(id: id, ok: true) }

  public static func failed(_ id: Int, _ code: String, _ message: String) -> Reply {
    Reply(id: id, ok: false, error: Failure(code: code, message: message))
  }

  public init(
    id: Int, ok: Bool, error: Failure? = nil, hello: Hello? = nil, status: DaemonStatus? = nil,
    state: ConsoleState? = nil
  ) {
    self.id = id
    self.ok = ok
    self.error = error
    self.hello = hello
    self.status = status
    self.state = state
  }
}

public struct Hello: Codable, Equatable, Sendable {
  public var program: String
  public var `protocol`: Int
  /// Longest request in bytes.
  public var longest = ControlProtocol.longestLine
  public var clients = ControlProtocol.mostClients

  public init(program: String) {
    self.program = program
    self.protocol = ControlProtocol.version
  }
}

/// What the daemon says of itself.
public struct DaemonStatus: Codable, Equatable, Sendable {
  public var kit: String
  public var draft: Bool
  /// Id of the key that signed the kit and is trusted; absent where an untrusted kit was allowed.
  public var signer: String?
  public var board: String
  public var use: String
  public var pcm: String
  /// The sound card is there.
  public var sound: Bool
  /// The audio thread runs with real-time priority.
  public var realTime: Bool
  public var underruns: Int
  public var speaker: SpeakerStatus
  public var journal: JournalStatus
  /// The chosen language.
  public var language: String?
  /// The prompt that sounds.
  public var playing: String?
  public var state: ConsoleState?
  public var presses: Int
  public var buttons: [ButtonStatus]
  public var inputs: [InputStatus]
  public var leds: [LEDStatus]
  public var latencies: [LatencyStatus]

  public struct ButtonStatus: Codable, Equatable, Sendable {
    public enum State: String, Codable, Sendable {
      case good
      /// Down for too long, and ignored until it is let go.
      case stuck
      /// Its line is gone.
      case lost
    }

    public var button: String
    /// `pinctrl-bcm2711:5`
    public var line: String
    /// How it is read: `sysfs, edges`.
    public var path: String
    public var state: State

    public init(button: String, line: String, path: String, state: State) {
      self.button = button
      self.line = line
      self.path = path
      self.state = state
    }
  }

  /// An input device with buttons among its keys.
  public struct InputStatus: Codable, Equatable, Sendable {
    public var device: String
    public var keys: Int
    /// Why it is not there; absent where it is.
    public var fault: String?

    public init(device: String, keys: Int, fault: String?) {
      self.device = device
      self.keys = keys
      self.fault = fault
    }
  }

  public struct LEDStatus: Codable, Equatable, Sendable {
    public var led: String
    /// Why it does not shine; absent where it does.
    public var fault: String?

    public init(led: String, fault: String?) {
      self.led = led
      self.fault = fault
    }
  }

  /// Times in microseconds since the start of the daemon.
  public struct LatencyStatus: Codable, Equatable, Sendable {
    /// Where the presses came from: `edge`, `poll`, `chardev`, `input`, `socket`.
    public var path: String
    /// Where the time ends: `player`, when the command was handed to it.
    public var to: String
    public var count: Int
    public var median: Double
    public var p95: Double
    public var p99: Double
    public var worst: Double

    public init(path: String, to: String, _ latencies: Latencies) {
      func microseconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds / 100) / 10 }
      self.path = path
      self.to = to
      count = latencies.count
      median = microseconds(latencies.time(of: 0.5))
      p95 = microseconds(latencies.time(of: 0.95))
      p99 = microseconds(latencies.time(of: 0.99))
      worst = microseconds(latencies.worst)
    }
  }

  public init(
    kit: String, draft: Bool, signer: String?, board: String, use: String, pcm: String, sound: Bool, realTime: Bool,
    underruns: Int, speaker: SpeakerStatus, journal: JournalStatus, language: String?, playing: String?,
    state: ConsoleState? = nil,
    presses: Int, buttons: [ButtonStatus],
    inputs: [InputStatus] = [], leds: [LEDStatus] = [], latencies: [LatencyStatus] = []
  ) {
    self.kit = kit
    self.draft = draft
    self.signer = signer
    self.board = board
    self.use = use
    self.pcm = pcm
    self.sound = sound
    self.realTime = realTime
    self.underruns = underruns
    self.speaker = speaker
    self.journal = journal
    self.language = language
    self.playing = playing
    self.state = state
    self.presses = presses
    self.buttons = buttons
    self.inputs = inputs
    self.leds = leds
    self.latencies = latencies
  }
}

/// How the journal stands.
public struct JournalStatus: Codable, Equatable, Sendable {
  public enum State: String, Codable, Sendable {
    case written
    /// It cannot be written now; that is tried again with each event.
    case failing
    /// By the board's policy.
    case off
    /// The daemon was told of no file.
    case none
  }

  public var state: State
  public var path: String?
  /// Why it cannot be written.
  public var cause: String?
  /// Number and SHA-256 of the last line. Who notes them can prove later that nothing up to there was changed.
  public var number: Int?
  public var hash: String?

  public init(
    state: State, path: String? = nil, cause: String? = nil, number: Int? = nil, hash: String? = nil
  ) {
    self.state = state
    self.path = path
    self.cause = cause
    self.number = number
    self.hash = hash
  }
}

/// How the sound stands.
public struct SpeakerStatus: Codable, Equatable, Sendable {
  /// How a stop silences what is queued: `rewind` takes it back and fades; `drop` halts the card in mid-phrase, because
  /// the board says that it gives nothing back, or because it would not.
  public enum Stop: String, Codable, Sendable { case rewind, drop }

  /// Why there is no sound; absent where there is.
  public var cause: String?
  /// Why the board's mixer could not be set; absent where it was, or where the board has none.
  public var mixerCause: String?
  /// Every prompt of the chosen language and its neighbours stands verified in memory.
  public var stocked: Bool
  /// What the daemon has touched stays in memory.
  public var memoryLocked: Bool
  public var stop: Stop
  /// `prepared` or `running`.
  public var stream: String
  /// In dB, at most 0.
  public var volume: Double
  public var quiet: Bool

  public init(
    cause: String?, mixerCause: String?, stocked: Bool, memoryLocked: Bool, stop: Stop, stream: String, volume: Double,
    quiet: Bool
  ) {
    self.cause = cause
    self.mixerCause = mixerCause
    self.stocked = stocked
    self.memoryLocked = memoryLocked
    self.stop = stop
    self.stream = stream
    self.volume = volume
    self.quiet = quiet
  }
}
