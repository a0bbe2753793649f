/// The state of the daemon.
public struct DaemonStatus: Codable, Equatable, Sendable {
  /// Name and version of the kit.
  public var kit: String
  /// Whether the kit is a DRAFT.
  public var draft: Bool
  /// Whether the daemon plays draft kits; absent in replies of older versions.
  public var drafts: Bool?
  /// Why other kits of the store, which come before this one, are not played; absent if there are none.
  public var passedOver: [String]?
  /// Why the store's state is read from its copy; absent if the state is whole.
  public var storeFault: String?
  /// Why questions cannot be asked: formulas that the kit lacks, or that are damaged; absent if there are none.
  public var unavailable: [String]?
  /// The id of the trusted key that signed the kit; absent if an untrusted kit was allowed.
  public var signer: String?
  /// The name of the board.
  public var board: String
  /// `trial` or `field`.
  public var use: String
  /// The ALSA PCM.
  public var pcm: String
  /// Whether the sound card is available.
  public var sound: Bool
  /// Whether the audio thread runs with real-time priority.
  public var realTime: Bool
  /// The number of underruns since the start.
  public var underruns: Int
  /// The state of the loudspeaker.
  public var speaker: SpeakerStatus
  /// The state of the journal.
  public var journal: JournalStatus
  /// The tag of the chosen language.
  public var language: String?
  /// The id of the prompt that is playing.
  public var playing: String?
  /// The state of the console.
  public var state: ConsoleState?
  /// The number of presses since the start.
  public var presses: Int
  /// The state of each button.
  public var buttons: [ButtonStatus]
  /// The state of each input device.
  public var inputs: [InputStatus]
  /// The state of each LED.
  public var leds: [LEDStatus]
  /// The latencies of presses, one element for each path that had any.
  public var latencies: [LatencyStatus]

  /// The state of a button.
  public struct ButtonStatus: Codable, Equatable, Sendable {
    /// Whether presses of a button count.
    public enum State: String, Codable, Sendable {
      /// They count.
      case good
      /// The button is down for too long; it is ignored until it is released.
      case stuck
      /// The line failed.
      case lost
    }

    /// What a press of it means.
    public var button: String
    /// `pinctrl-bcm2711:5`
    public var line: String
    /// How it is read: `sysfs, edges`.
    public var path: String
    /// Whether its presses count.
    public var state: State

    /// Creates the state of a button.
    public init(button: String, line: String, path: String, state: State) {
      self.button = button
      self.line = line
      self.path = path
      self.state = state
    }
  }

  /// The state of an input device.
  public struct InputStatus: Codable, Equatable, Sendable {
    /// The path or name of the device, as in the board file.
    public var device: String
    /// The number of its keys that are buttons.
    public var keys: Int
    /// Why it is unavailable; absent if it is available.
    public var fault: String?

    /// Creates the state of an input device.
    public init(device: String, keys: Int, fault: String?) {
      self.device = device
      self.keys = keys
      self.fault = fault
    }
  }

  /// The state of a LED.
  public struct LEDStatus: Codable, Equatable, Sendable {
    /// Its name, or chip and line.
    public var led: String
    /// Why it cannot be lit; absent if it can.
    public var fault: String?

    /// Creates the state of a LED.
    public init(led: String, fault: String?) {
      self.led = led
      self.fault = fault
    }
  }

  /// The latencies of all presses on one path since the start of the daemon, in microseconds.
  public struct LatencyStatus: Codable, Equatable, Sendable {
    /// The source of the presses: `edge`, `poll`, `chardev`, `input`, `socket`.
    public var path: String
    /// The end of the interval: `player`, when the player has the command.
    public var to: String
    /// The number of presses.
    public var count: Int
    /// The 50th percentile.
    public var median: Double
    /// The 95th percentile.
    public var p95: Double
    /// The 99th percentile.
    public var p99: Double
    /// The maximum.
    public var worst: Double

    /// Creates the figures of a path from its histogram.
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

  /// Creates a status.
  public init(
    kit: String, draft: Bool, drafts: Bool? = nil, passedOver: [String]? = nil, storeFault: String? = nil,
    unavailable: [String]? = nil, signer: String?, board: String,
    use: String, pcm: String, sound: Bool, realTime: Bool,
    underruns: Int, speaker: SpeakerStatus, journal: JournalStatus, language: String?, playing: String?,
    state: ConsoleState? = nil, presses: Int, buttons: [ButtonStatus],
    inputs: [InputStatus] = [], leds: [LEDStatus] = [], latencies: [LatencyStatus] = []
  ) {
    self.kit = kit
    self.draft = draft
    self.drafts = drafts
    self.passedOver = passedOver
    self.storeFault = storeFault
    self.unavailable = unavailable
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

/// The state of the journal.
public struct JournalStatus: Codable, Equatable, Sendable {
  /// Whether events are recorded.
  public enum State: String, Codable, Sendable {
    /// They are recorded.
    case written
    /// The file cannot be written; each event retries.
    case failing
    /// The board's policy is to keep no journal.
    case off
    /// The daemon was started without `--journal`.
    case none
  }

  /// Whether events are recorded.
  public var state: State
  /// The file.
  public var path: String?
  /// Why it cannot be written.
  public var cause: String?
  /// The number of the last line.
  public var number: Int?
  /// The SHA-256 of the last line. A note of number and hash proves later that no line up to this one was changed.
  public var hash: String?

  /// Creates a status.
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

/// The state of the loudspeaker.
public struct SpeakerStatus: Codable, Equatable, Sendable {
  /// How a stop silences the frames that are queued.
  public enum Stop: String, Codable, Sendable {
    /// Takes them back and fades out. snd_pcm_rewind(3)
    case rewind
    /// Halts the card, because the board or the card allows no rewind. snd_pcm_drop(3)
    case drop
  }

  /// Why there is no sound; absent if there is sound.
  public var cause: String?
  /// Why the board's mixer could not be set; absent if it was set, or if the board has none.
  public var mixerCause: String?
  /// Whether the first 100 ms of every prompt of the chosen language and its neighbours are verified and in memory.
  public var stocked: Bool
  /// Whether the daemon's memory is locked. mlockall(2)
  public var memoryLocked: Bool
  /// How a stop silences the card.
  public var stop: Stop
  /// `prepared` or `running`.
  public var stream: String
  /// The volume in dB, at most 0.
  public var volume: Double
  /// Whether the quiet mode is on.
  public var quiet: Bool

  /// Creates a status.
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
