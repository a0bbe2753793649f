extension Board {
  /// An LED and its patterns: either one that the kernel knows by name, or one on an output line.
  public struct LED: Codable, Equatable, Sendable {
    /// The name in `/sys/class/leds`; nil where `output` is given.
    public var led: String?
    /// The GPIO line that lights the LED; nil where `led` is given.
    public var output: Output?
    /// The pattern for each state of the device.
    public var shows: Patterns
    /// The answer mode in which the LED is lit, instead of showing states; nil for an LED of states.
    public var mode: AnswerMode?

    /// Creates an LED. Exactly one of `led` and `output` must be given.
    public init(led: String? = nil, output: Output? = nil, shows: Patterns = Patterns(), mode: AnswerMode? = nil) {
      self.mode = mode
      self.led = led
      self.output = output
      self.shows = shows
    }

    /// The kernel's name of the LED, or the address of its line: `ACT`, `pinctrl-bcm2711:17`.
    public var name: String { led ?? output?.address ?? "" }

    /// A state of the device that LEDs show.
    public enum State: String, CaseIterable, Sendable {
      /// Ready, with a released kit.
      case ready
      /// Ready, with a DRAFT kit.
      case draft
      /// A clip is playing.
      case playing
      /// A question has been asked and not yet answered.
      case waiting
      /// The device cannot play.
      case error
    }

    /// The pattern for each state.
    public struct Patterns: Codable, Equatable, Sendable {
      /// The pattern for `State.ready`.
      public var ready: Pattern
      /// The pattern for `State.draft`.
      public var draft: Pattern
      /// The pattern for `State.playing`.
      public var playing: Pattern
      /// The pattern for `State.waiting`.
      public var waiting: Pattern
      /// The pattern for `State.error`.
      public var error: Pattern

      /// Creates a set of patterns. The defaults show every state with a single LED.
      public init(
        ready: Pattern = .steady, draft: Pattern = .wink, playing: Pattern = .blink, waiting: Pattern = .double,
        error: Pattern = .flicker
      ) {
        self.ready = ready
        self.draft = draft
        self.playing = playing
        self.waiting = waiting
        self.error = error
      }

      /// Accesses the pattern for a state.
      public subscript(state: State) -> Pattern {
        switch state {
        case .ready: ready
        case .draft: draft
        case .playing: playing
        case .waiting: waiting
        case .error: error
        }
      }
    }

    /// A light pattern that repeats.
    public enum Pattern: String, Codable, CaseIterable, Sendable {
      /// Always dark.
      case dark
      /// Always lit.
      case steady
      /// Dark for 100 ms every two seconds: few wake-ups, and distinct from `steady`.
      case wink
      /// Lit and dark for half a second each.
      case blink
      /// Two flashes a second.
      case double
      /// Five flashes a second.
      case flicker

      /// Milliseconds lit, dark, lit, dark …; empty for always dark, one value for always lit.
      public var times: [Int] {
        switch self {
        case .dark: []
        case .steady: [1]
        case .wink: [1900, 100]
        case .blink: [500, 500]
        case .double: [120, 160, 120, 600]
        case .flicker: [100, 100]
        }
      }
    }
  }

  /// A GPIO line that lights an LED.
  public struct Output: Codable, Equatable, Sendable {
    /// Label of the GPIO chip: `pinctrl-bcm2711`.
    public var chip: String
    /// Offset of the line on its chip.
    public var line: Int
    /// The level that lights the LED.
    public var active: ActiveLevel
    /// The kernel interface that drives the line.
    public var access: Access

    /// Creates an output line.
    public init(chip: String, line: Int, active: ActiveLevel, access: Access = .auto) {
      self.chip = chip
      self.line = line
      self.active = active
      self.access = access
    }

    /// The address of the line: `pinctrl-bcm2711:17`.
    public var address: String { "\(chip):\(line)" }
  }

  /// Returns whether a button or an LED has the line.
  public func isTaken(_ output: Output) -> Bool {
    lines.buttons.contains { $0.chip == output.chip && $0.line == output.line }
      || leds.contains { $0.output?.address == output.address }
  }
}
