import Board
import Posix

/// Opens the lines of a board, each at the best place that gives it.
struct LineOpener {
  /// Milliseconds for which files that cannot be opened yet are retried.
  private static let timeout = 1000

  private let configuration: ButtonConfiguration
  private let finder: LineFinder

  /// Reads the chips of all kernel interfaces.
  init(_ configuration: ButtonConfiguration) {
    self.configuration = configuration
    finder = LineFinder(configuration.paths)
  }

  /// A line that is exported, or will be requested together with others of its chip.
  private enum Reservation {
    case exported(SysfsExport, LineFinder.Place)
    case character(LineFinder.Place)
  }

  /// The open lines.
  struct Opened {
    /// Sources that read all lines.
    var sources: [any ButtonSource] = []
    /// Why each line is read as it is, by index.
    var reasons: [String] = []
  }

  /// Lines that share one request.
  private struct Group: Hashable {
    var device: String
    var bias: Board.Bias?
    var debounce: Int
  }

  /// Opens all lines.
  ///
  /// - Parameter now: the time from which timed reads are counted.
  /// - Throws: `ButtonError` for the first line that is unavailable; lines exported so far are unexported.
  func open(now: Monotonic) throws(ButtonError) -> Opened {
    // Export all lines before opening the first, so that the wait for udev happens once and not for each line.
    var reservations: [Reservation] = []
    for line in configuration.lines { reservations.append(try reserve(line)) }
    let deadline = Monotonic.now.adding(milliseconds: Self.timeout)
    var opened = Opened()
    var groups: [Group: [CharacterLines.Line]] = [:]
    for (index, line) in configuration.lines.enumerated() {
      switch reservations[index] {
      case .exported(let export, let place):
        opened.reasons.append(place.reason)
        opened.sources.append(
          try SysfsLine(
            line, index: index, export: export, timer: Self.timer(line, place.interface), interval: configuration.poll,
            now: now, retryingUntil: deadline))
      case .character(let place):
        opened.reasons.append(place.reason)
        let group = Group(device: place.path, bias: line.bias, debounce: line.debounce)
        groups[group, default: []].append(
          .init(index: index, offset: place.number, chip: line.chip, active: line.active))
      }
    }
    for (group, lines) in groups.sorted(by: { $0.value[0].index < $1.value[0].index }) {
      opened.sources.append(
        try CharacterLines.request(lines, from: group.device, bias: group.bias, debounce: group.debounce))
    }
    return opened
  }

  /// Reserves a line at the first place that gives it. Where all places refuse, the first reason explains best.
  private func reserve(_ line: Board.Line) throws(ButtonError) -> Reservation {
    let places = try finder.places(of: LineRequest(line))
    do throws(ButtonError) {
      return try reserve(line, at: places[0])
    } catch {
      for place in places.dropFirst() {
        if let reservation = try? reserve(line, at: place) { return reservation }
      }
      throw error
    }
  }

  private func reserve(_ line: Board.Line, at place: LineFinder.Place) throws(ButtonError) -> Reservation {
    if place.interface == .character { return .character(place) }
    return .exported(try SysfsExport(place.number, chip: line.chip, line: line.line, root: place.path), place)
  }

  /// Returns why a line is read on a timer; nil where edges are wanted.
  private static func timer(_ line: Board.Line, _ interface: LineFinder.Interface) -> String? {
    if line.timed { return "the board says so" }
    return interface == .chipSysfs ? "a chip's own sysfs has no edges" : nil
  }
}
