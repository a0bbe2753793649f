import Board

/// The buttons of a board, and how they are read.
///
/// `ButtonEvent.index` counts the lines first, then the keys of each input device in turn.
public struct ButtonConfiguration: Equatable, Sendable {
  /// The GPIO lines that are buttons.
  public var lines: [Board.Line]
  /// The input devices whose keys are buttons.
  public var inputs: [Board.Input]
  /// Milliseconds after a change of a button during which further changes are bounce. 0 accepts every edge.
  public var lockout: Int
  /// Milliseconds between two reads of a line without edges, 1 or more.
  public var poll: Int
  /// Milliseconds after which a press is a long press.
  public var hold: Int
  /// Milliseconds after which a button that stays down is stuck; nil for never.
  public var stuck: Int?
  /// Where the kernel's files are.
  public var paths: KernelPaths

  /// Creates a configuration. `ButtonPanel` validates it.
  public init(
    lines: [Board.Line], inputs: [Board.Input] = [], lockout: Int = 20, poll: Int = 10, hold: Int = 800,
    stuck: Int? = nil, paths: KernelPaths = KernelPaths()
  ) {
    self.lines = lines
    self.inputs = inputs
    self.lockout = lockout
    self.poll = poll
    self.hold = hold
    self.stuck = stuck
    self.paths = paths
  }

  /// Creates the configuration of a board.
  public init(_ board: Board, _ paths: KernelPaths = KernelPaths()) {
    self.init(
      lines: board.lines.buttons, inputs: board.inputs, lockout: board.lines.lockout, poll: board.lines.poll,
      hold: board.presses.hold, stuck: 1000 * board.presses.stuck, paths: paths)
  }

  /// By index: whether a long press is reported.
  var reportsHold: [Bool] { lines.map { $0.hold != nil } + inputs.flatMap { $0.keys.map { $0.hold != nil } } }

  /// Validates what no board can have.
  ///
  /// - Throws: `ButtonError.interval` and `.duplicateLine`.
  func validate() throws(ButtonError) {
    if lockout < 0 { throw .interval(name: "the lock-out", milliseconds: lockout, minimum: 0) }
    if poll < 1 { throw .interval(name: "the poll interval", milliseconds: poll, minimum: 1) }
    for (second, line) in lines.enumerated() {
      if let first = lines[..<second].firstIndex(where: { $0.chip == line.chip && $0.line == line.line }) {
        throw .duplicateLine(chip: line.chip, line: line.line, first, second)
      }
    }
  }
}
