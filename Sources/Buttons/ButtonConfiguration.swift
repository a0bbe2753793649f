/// The lines that are buttons, and how they are read.
public struct ButtonConfiguration: Equatable, Sendable {
  /// In the order that `ButtonEvent.index` counts.
  public var lines: [LineConfiguration]
  /// Milliseconds after a change of a button in which its further changes are chatter. 0 takes every edge.
  public var lockout: Int
  /// Milliseconds between two looks at a line without edges, 1 or more.
  public var poll: Int
  /// Where the kernel shows its GPIO chips.
  public var root: String

  public init(lines: [LineConfiguration], lockout: Int = 20, poll: Int = 10, root: String = "/sys/class/gpio") {
    self.lines = lines
    self.lockout = lockout
    self.poll = poll
    self.root = root
  }

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

/// One button: a line of a GPIO chip.
public struct LineConfiguration: Hashable, Sendable {
  /// Label of the chip: `pinctrl-bcm2711`.
  public var chip: String
  /// Offset of the line on its chip.
  public var line: Int
  /// Whether a pressed button pulls the line low.
  public var activeLow: Bool
  /// Look at it on a timer, also where the kernel offers edges.
  public var timed: Bool

  public init(chip: String, line: Int, activeLow: Bool = true, timed: Bool = false) {
    self.chip = chip
    self.line = line
    self.activeLow = activeLow
    self.timed = timed
  }
}
