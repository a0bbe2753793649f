extension Board {
  /// The GPIO lines that are buttons.
  public struct Lines: Codable, Equatable, Sendable {
    /// Milliseconds after an edge during which further edges of the line are bounce.
    public var lockout: Int
    /// Milliseconds between two reads of a line without interrupts.
    public var poll: Int
    /// The lines, one for each button.
    public var buttons: [Line]

    /// Creates a set of lines.
    public init(lockout: Int, poll: Int, buttons: [Line]) {
      self.lockout = lockout
      self.poll = poll
      self.buttons = buttons
    }
  }

  /// One GPIO line that is a button.
  public struct Line: Codable, Hashable, Sendable {
    /// Label of the GPIO chip: `pinctrl-bcm2711`. Chip numbers differ between kernels, labels do not.
    public var chip: String
    /// Offset of the line on its chip.
    public var line: Int
    /// The level of a pressed button.
    public var active: ActiveLevel
    /// Whether the line is read on a timer even where the kernel offers edges.
    public var timed: Bool
    /// The kernel interface that reads the line.
    public var access: Access
    /// The bias to set; nil leaves it as it is. Only the character device can set one.
    public var bias: Bias?
    /// Milliseconds of debounce in the kernel, 0 for none. The kernel acts on the trailing edge, so each press is
    /// delayed by as much. Only the character device can debounce.
    public var debounce: Int
    /// The button that a press means.
    public var button: Button
    /// The button that a long press means, after the press itself has acted; nil ignores long presses. An answer other
    /// than `answer-stop` acts when its button is released, and a long press then acts alone.
    public var hold: Button?
    /// The button that a press means while a stop button is held down; nil for the same as otherwise.
    public var withStop: Button?
    /// The person in whose reach the button is; nil for the responder. A listener's button is an answer.
    public var by: Person?
    /// What is printed on the button; nil where nothing is known of it.
    public var label: String?
    /// Where the button lies on the device; nil where it is not known.
    public var place: Place?

    /// Creates a line.
    public init(
      chip: String, line: Int, active: ActiveLevel = .low, timed: Bool = false, access: Access = .auto,
      bias: Bias? = nil, debounce: Int = 0, button: Button, hold: Button? = nil, withStop: Button? = nil,
      by: Person? = nil, label: String? = nil, place: Place? = nil
    ) {
      self.withStop = withStop
      self.by = by
      self.chip = chip
      self.line = line
      self.active = active
      self.timed = timed
      self.access = access
      self.bias = bias
      self.debounce = debounce
      self.button = button
      self.hold = hold
      self.label = label
      self.place = place
    }

    /// The address of the line: `pinctrl-bcm2711:5`.
    public var address: String { "\(chip):\(line)" }
  }

  /// The level of a line that counts as pressed or lit.
  public enum ActiveLevel: String, Codable, CaseIterable, Sendable {
    /// Ground.
    case low
    /// The supply voltage.
    case high
  }

  /// The kernel interface for a line.
  public enum Access: String, Codable, CaseIterable, Sendable {
    /// The first interface that has the line, in the order of the other cases.
    case auto
    /// `/sys/class/gpio/gpioN`, with edges where the line has an interrupt.
    case sysfs
    /// `/sys/class/gpio/chipX/gpioN`, on a timer.
    case chipSysfs = "chip-sysfs"
    /// `/dev/gpiochipX`, with edges that the kernel time-stamps.
    case character
  }

  /// The bias of an input line.
  public enum Bias: String, Codable, CaseIterable, Sendable {
    /// Pull-up.
    case up
    /// Pull-down.
    case down
    /// No pull.
    case off
  }

  /// An input device (evdev): a keyboard, a number pad, or buttons of the kernel's gpio-keys driver.
  public struct Input: Codable, Hashable, Sendable, CustomStringConvertible {
    /// A stable path to the device: `/dev/input/by-id/usb-…-event-kbd`; nil where `name` is given.
    public var device: String?
    /// The name that the kernel gives the device; nil where `device` is given.
    public var name: String?
    /// The keys that are buttons.
    public var keys: [Key]

    /// Creates an input device. Exactly one of `device` and `name` must be given.
    public init(device: String? = nil, name: String? = nil, keys: [Key]) {
      self.device = device
      self.name = name
      self.keys = keys
    }

    /// The path of the device, or its name in quotes.
    public var description: String { device ?? "'\(name ?? "")'" }
  }

  /// A key of an input device that is a button.
  public struct Key: Codable, Hashable, Sendable {
    /// The key code, as in `linux/input-event-codes.h`.
    public var code: Int
    /// The button that a press means.
    public var button: Button
    /// The button that a long press means, after the press itself has acted; nil ignores long presses. An answer other
    /// than `answer-stop` acts when its button is released, and a long press then acts alone.
    public var hold: Button?
    /// The button that a press means while a stop button is held down; nil for the same as otherwise.
    public var withStop: Button?
    /// The person in whose reach the key is; nil for the responder. A listener's key is an answer.
    public var by: Person?
    /// What is printed on the key; nil where nothing is known of it.
    public var label: String?
    /// Where the key lies on the device; nil where it is not known.
    public var place: Place?

    /// Creates a key.
    public init(
      code: Int, button: Button, hold: Button? = nil, withStop: Button? = nil, by: Person? = nil,
      label: String? = nil, place: Place? = nil
    ) {
      self.withStop = withStop
      self.by = by
      self.code = code
      self.button = button
      self.hold = hold
      self.label = label
      self.place = place
    }
  }

  /// How presses are told apart, for all buttons.
  public struct Presses: Codable, Equatable, Sendable {
    /// Milliseconds after which a press is a long press.
    public var hold: Int
    /// Milliseconds during which a second press of the same message does not restart it.
    public var guardTime: Int
    /// Seconds after which a button that stays down is stuck and ignored.
    public var stuck: Int
    /// Maximum milliseconds between two digits of one number.
    public var digits: Int
    /// Milliseconds for which a chord with stop is held before it acts; nil for `standardChord`, or for half the time of
    /// a stuck button where that is less.
    public var chord: Int?

    /// `chord` where it is not given, and a button is not stuck before.
    public static let standardChord = 3000
    /// Milliseconds for which a chord with stop is held before it acts.
    public var chordTime: Int { chord ?? min(Self.standardChord, 500 * stuck) }

    enum CodingKeys: String, CodingKey {
      case hold, stuck, digits, chord
      case guardTime = "guard"
    }

    /// Creates timing rules.
    public init(hold: Int = 800, guardTime: Int = 400, stuck: Int = 30, digits: Int = 3000, chord: Int? = nil) {
      self.chord = chord
      self.hold = hold
      self.guardTime = guardTime
      self.stuck = stuck
      self.digits = digits
    }
  }
}
