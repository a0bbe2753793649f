/// The buttons of a board, and how they are read.
///
/// `ButtonEvent.index` counts the lines first, then the keys of one input device after the other.
public struct ButtonConfiguration: Equatable, Sendable {
  public var lines: [LineConfiguration]
  public var inputs: [InputConfiguration]
  /// Milliseconds after a change of a button in which its further changes are chatter. 0 takes every edge.
  public var lockout: Int
  /// Milliseconds between two looks at a line without edges, 1 or more.
  public var poll: Int
  /// Milliseconds until a press is a long one.
  public var hold: Int
  /// Milliseconds after which a button that stays down is taken for stuck; `nil` for never.
  public var stuck: Int?
  public var places: KernelPlaces

  public init(
    lines: [LineConfiguration], inputs: [InputConfiguration] = [], lockout: Int = 20, poll: Int = 10, hold: Int = 800,
    stuck: Int? = nil, places: KernelPlaces = KernelPlaces()
  ) {
    self.lines = lines
    self.inputs = inputs
    self.lockout = lockout
    self.poll = poll
    self.hold = hold
    self.stuck = stuck
    self.places = places
  }

  /// How many buttons there are.
  public var count: Int { lines.count + inputs.map(\.keys.count).reduce(0, +) }

  /// By index: whether anybody wants to know of a long press.
  var holds: [Bool] { lines.map(\.hasHold) + inputs.flatMap { $0.keys.map(\.hasHold) } }

  /// Throws what makes no sense on any board.
  func check() throws(ButtonError) {
    if lockout < 0 { throw .interval(name: "the lock-out", milliseconds: lockout, least: 0) }
    if poll < 1 { throw .interval(name: "the poll interval", milliseconds: poll, least: 1) }
    for (second, line) in lines.enumerated() {
      if let first = lines[..<second].firstIndex(where: { $0.chip == line.chip && $0.line == line.line }) {
        throw .twice(chip: line.chip, line: line.line, first, second)
      }
    }
  }
}

/// Where the kernel shows what it has. A test gives directories of its own.
public struct KernelPlaces: Equatable, Sendable {
  /// GPIO by sysfs.
  public var gpio: String
  /// `gpiochip0`, `input/event0`
  public var devices: String
  /// `event0/device/name`
  public var inputs: String
  public var leds: String

  public init(
    gpio: String = "/sys/class/gpio", devices: String = "/dev", inputs: String = "/sys/class/input",
    leds: String = "/sys/class/leds"
  ) {
    self.gpio = gpio
    self.devices = devices
    self.inputs = inputs
    self.leds = leds
  }
}

/// One button: a line of a GPIO chip.
public struct LineConfiguration: Hashable, Sendable {
  /// Which interface reads it.
  public enum Wanted: Hashable, Sendable { case any, sysfs, chipSysfs, character }

  public enum Bias: Hashable, Sendable { case up, down, off }

  /// Label of the chip: `pinctrl-bcm2711`.
  public var chip: String
  /// Offset of the line on its chip.
  public var line: Int
  /// Whether a pressed button pulls the line low.
  public var activeLow: Bool
  /// Look at it on a timer, also where the kernel offers edges.
  public var timed: Bool
  public var wanted: Wanted
  /// The pull that is set; `nil` leaves it.
  public var bias: Bias?
  /// Milliseconds of the kernel's own debounce; 0 for none.
  public var debounce: Int
  /// Whether a long press is told.
  public var hasHold: Bool

  public init(
    chip: String, line: Int, activeLow: Bool = true, timed: Bool = false, wanted: Wanted = .any, bias: Bias? = nil,
    debounce: Int = 0, hasHold: Bool = false
  ) {
    self.chip = chip
    self.line = line
    self.activeLow = activeLow
    self.timed = timed
    self.wanted = wanted
    self.bias = bias
    self.debounce = debounce
    self.hasHold = hasHold
  }
}

/// An input device, some of whose keys are buttons.
public struct InputConfiguration: Hashable, Sendable {
  public enum Device: Hashable, Sendable, CustomStringConvertible {
    /// `/dev/input/by-id/usb-…-event-kbd`
    case path(String)
    /// As the kernel calls it.
    case name(String)

    public var description: String {
      switch self {
      case .path(let path): path
      case .name(let name): "'\(name)'"
      }
    }
  }

  public struct Key: Hashable, Sendable {
    /// Of `linux/input-event-codes.h`.
    public var code: Int
    /// Whether a long press is told.
    public var hasHold: Bool

    public init(code: Int, hasHold: Bool = false) {
      self.code = code
      self.hasHold = hasHold
    }
  }

  public var device: Device
  public var keys: [Key]

  public init(device: Device, keys: [Key]) {
    self.device = device
    self.keys = keys
  }
}
