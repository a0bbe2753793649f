/// The GPIO chip that ``Lines`` simulates: by default that of a Raspberry Pi 4 with a kernel of 2024.
public struct LinesConfiguration: Equatable, Sendable {
  /// Label of the chip, by which programs find it.
  public var label = "pinctrl-bcm2711"
  /// Global number of the chip's first line, 0 to 1,000,000; differs between kernels and boards.
  public var base = 512
  /// Number of lines, 1 to 1024.
  public var count = 58
  /// Offsets of lines without interrupts, which have no `edge`.
  public var withoutEdge: Set<Int> = []
  /// Offsets of lines that a kernel driver uses, which cannot be exported (EBUSY).
  public var inUse: Set<Int> = []
  /// Level of a line that is not driven: high for a pull-up.
  public var idle = Lines.Level.high
  /// Milliseconds after an export during which the line's files cannot be opened (EACCES), as on a board until udev has
  /// set their group.
  public var unreadable = 0
  /// Whether the legacy tree exists, with global numbers and edges.
  public var legacy = true
  /// Whether the chip has a tree of its own (`chip0/export`), as in kernels since the middle of 2025.
  public var ownSysfs = false
  /// Names of the LEDs in `DIR/leds`; without any the directory does not exist.
  public var leds: [String] = []

  /// Creates the default configuration.
  public init() {}

  /// Creates a configuration.
  public init(
    label: String = "pinctrl-bcm2711", base: Int = 512, count: Int = 58, withoutEdge: Set<Int> = [],
    inUse: Set<Int> = [], idle: Lines.Level = .high, unreadable: Int = 0, legacy: Bool = true, ownSysfs: Bool = false,
    leds: [String] = []
  ) {
    self.label = label
    self.base = base
    self.count = count
    self.withoutEdge = withoutEdge
    self.inUse = inUse
    self.idle = idle
    self.unreadable = unreadable
    self.legacy = legacy
    self.ownSysfs = ownSysfs
    self.leds = leds
  }

  /// What is wrong with the configuration; `nil` if nothing is.
  var fault: String? {
    if label.isEmpty || label.contains(where: { $0.isNewline || $0 == "\0" }) {
      return "the label of the chip must be one line of text"
    }
    if base < 0 || base > 1_000_000 { return "the base is \(base), it must be 0 to 1000000" }
    if count < 1 || count > 1024 { return "the number of lines is \(count), it must be 1 to 1024" }
    if let line = withoutEdge.union(inUse).filter({ !(0..<count).contains($0) }).min() {
      return "line \(line) is not one of the chip's lines 0 to \(count - 1)"
    }
    if let led = leds.first(where: { $0.isEmpty || $0.contains("/") || $0.hasPrefix(".") || Int($0) != nil }) {
      return "a LED cannot be called '\(led)'"
    }
    if unreadable < 0 { return "the files cannot be unreadable for \(unreadable) ms" }
    return nil
  }
}
