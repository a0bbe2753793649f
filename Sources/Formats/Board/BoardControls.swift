extension Board {
  /// The GPIO lines that are buttons.
  public struct Lines: Codable, Equatable, Sendable {
    /// Milliseconds after an edge during which a line's further edges are chatter.
    public var lockout: Int
    /// Milliseconds between two looks at a line that has no interrupts.
    public var poll: Int
    public var buttons: [Line]

    public init(lockout: Int, poll: Int, buttons: [Line]) {
      self.lockout = lockout
      self.poll = poll
      self.buttons = buttons
    }
  }

  public struct Line: Codable, Equatable, Sendable {
    /// Label of the GPIO chip: `pinctrl-bcm2711`. Numbers of chips change between kernels, labels do not.
    public var chip: String
    /// Offset of the line on its chip.
    public var line: Int
    /// The level of a pressed button.
    public var active: Level
    /// Look at it on a timer even where the kernel offers edges.
    public var timed: Bool
    public var access: Access
    /// The pull that the line needs; `nil` leaves it as it is. Only the character device can set one.
    public var bias: Bias?
    /// Milliseconds of debounce by the kernel, 0 for none. It acts on the trailing edge, and so costs as much.
    public var debounce: Int
    public var button: Button
    /// What a long press does, after the press itself has acted.
    public var hold: Button?

    public init(
      chip: String, line: Int, active: Level, timed: Bool, access: Access = .auto, bias: Bias? = nil,
      debounce: Int = 0, button: Button, hold: Button? = nil
    ) {
      self.chip = chip
      self.line = line
      self.active = active
      self.timed = timed
      self.access = access
      self.bias = bias
      self.debounce = debounce
      self.button = button
      self.hold = hold
    }
  }

  public enum Level: String, Codable, CaseIterable, Sendable { case low, high }

  /// Which of the kernel's interfaces reads a line.
  public enum Access: String, Codable, CaseIterable, Sendable {
    /// The first that has the line: `sysfs`, `chip-sysfs`, `character`.
    case auto
    /// `/sys/class/gpio/gpioN`, by edges where the line can interrupt.
    case sysfs
    /// `/sys/class/gpio/chipX/gpioN`, on a timer.
    case chipSysfs = "chip-sysfs"
    /// `/dev/gpiochipX`
    case character
  }

  public enum Bias: String, Codable, CaseIterable, Sendable { case up, down, off }

  /// A keyboard, a number pad, or buttons that a driver of the kernel has (gpio-keys).
  public struct Input: Codable, Equatable, Sendable {
    /// A path that names the device for good: `/dev/input/by-id/usb-…-event-kbd`.
    public var device: String?
    /// Or the name that the kernel gives it.
    public var name: String?
    public var keys: [Key]

    public init(device: String? = nil, name: String? = nil, keys: [Key]) {
      self.device = device
      self.name = name
      self.keys = keys
    }
  }

  public struct Key: Codable, Equatable, Sendable {
    /// Of `linux/input-event-codes.h`.
    public var code: Int
    public var button: Button
    public var hold: Button?

    public init(code: Int, button: Button, hold: Button? = nil) {
      self.code = code
      self.button = button
      self.hold = hold
    }
  }

  /// What a press is, for all buttons.
  public struct Presses: Codable, Equatable, Sendable {
    /// Milliseconds until a press is a long one.
    public var hold: Int
    /// Milliseconds in which the message that was just asked for is not begun anew.
    public var guardTime: Int
    /// Seconds after which a button that stays down is taken for stuck.
    public var stuck: Int
    /// Milliseconds between two keys of one number.
    public var digits: Int

    enum CodingKeys: String, CodingKey {
      case hold, stuck, digits
      case guardTime = "guard"
    }

    public init(hold: Int = 800, guardTime: Int = 400, stuck: Int = 30, digits: Int = 3000) {
      self.hold = hold
      self.guardTime = guardTime
      self.stuck = stuck
      self.digits = digits
    }
  }

  /// A LED: one that the kernel knows by name, or an output line.
  public struct LED: Codable, Equatable, Sendable {
    /// `/sys/class/leds/NAME`
    public var led: String?
    public var output: Output?
    public var shows: Patterns

    public init(led: String? = nil, output: Output? = nil, shows: Patterns = Patterns()) {
      self.led = led
      self.output = output
      self.shows = shows
    }
  }

  public struct Output: Codable, Equatable, Sendable {
    public var chip: String
    public var line: Int
    /// The level that lights it.
    public var active: Level
    public var access: Access

    public init(chip: String, line: Int, active: Level, access: Access = .auto) {
      self.chip = chip
      self.line = line
      self.active = active
      self.access = access
    }
  }

  /// What a LED shows in each state of the device.
  public struct Patterns: Codable, Equatable, Sendable {
    public var ready: Pattern
    /// Ready, with a DRAFT kit.
    public var draft: Pattern
    public var playing: Pattern
    /// A question was asked and not answered yet.
    public var waiting: Pattern
    public var error: Pattern

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
  }

  public enum Pattern: String, Codable, CaseIterable, Sendable {
    case dark
    case steady
    /// Dark for a moment every two seconds, so that it costs little and is told from `steady`.
    case wink
    /// Half a second lit, half a second dark.
    case blink
    /// Two flashes a second.
    case double
    /// Five times a second.
    case flicker
  }
}
