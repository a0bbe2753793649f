import Board
import Posix

/// An output line of a board. For one thread.
public final class OutputLine {
  private let line: any LED

  /// Opens the line at its inactive level.
  public init(_ output: Board.Output, _ paths: KernelPaths) throws {
    line = try Self.open(output, LineFinder(paths))
  }

  /// Sets the active or the inactive level.
  public func set(_ isActive: Bool) throws(SystemError) { try line.set(isActive) }

  /// Opens the line, inactive, at the first place that has it.
  static func open(_ output: Board.Output, _ finder: LineFinder) throws -> any LED {
    let isInverted = output.active == .low
    let place = try finder.places(of: LineRequest(output))[0]
    if place.interface == .character {
      return try CharacterLED(place.number, of: place.path, isInverted: isInverted)
    }
    let export = try SysfsExport(place.number, chip: output.chip, line: output.line, root: place.path)
    return try SysfsLED(export, isInverted: isInverted)
  }
}
