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

  /// Opens the line, inactive, at the first place that gives it: sysfs may be root's alone. Where all places refuse, the
  /// first reason explains best.
  static func open(_ output: Board.Output, _ finder: LineFinder) throws -> any LED {
    let places = try finder.places(of: LineRequest(output))
    do {
      return try open(output, at: places[0])
    } catch {
      for place in places.dropFirst() {
        if let line = try? open(output, at: place) { return line }
      }
      throw error
    }
  }

  private static func open(_ output: Board.Output, at place: LineFinder.Place) throws -> any LED {
    let isInverted = output.active == .low
    if place.interface == .character {
      return try CharacterLED(place.number, of: place.path, isInverted: isInverted)
    }
    let export = try SysfsExport(place.number, chip: output.chip, line: output.line, root: place.path)
    return try SysfsLED(export, isInverted: isInverted)
  }
}
