import Posix

/// Opens the lines of a board, each where it is to be had.
struct LineOpener {
  /// Milliseconds for which files that may not be opened are tried again.
  private static let patience = 1000

  private let configuration: ButtonConfiguration
  private let finder: LineFinder

  init(_ configuration: ButtonConfiguration) {
    self.configuration = configuration
    finder = LineFinder(configuration.places)
  }

  /// A line that is shown by the kernel, or will be asked for together with others of its chip.
  private enum Hold {
    case exported(SysfsExport, LineFinder.Place)
    case character(LineFinder.Place)
  }

  /// Sources for all lines, and why each is read as it is.
  struct Opened {
    var sources: [any ButtonSource] = []
    /// By index.
    var why: [String] = []
  }

  /// Lines that one request asks for.
  private struct Group: Hashable {
    var device: String
    var bias: LineConfiguration.Bias?
    var debounce: Int
  }

  func open(now: Monotonic) throws(ButtonError) -> Opened {
    // All are exported before the first is opened, so that udev is waited for once and not for each.
    var holds: [Hold] = []
    for line in configuration.lines { holds.append(try hold(line)) }
    let patience = Monotonic.now.adding(milliseconds: Self.patience)
    var opened = Opened()
    var groups: [Group: [CharacterLines.Line]] = [:]
    for (index, line) in configuration.lines.enumerated() {
      switch holds[index] {
      case .exported(let export, let place):
        opened.why.append(place.why)
        opened.sources.append(
          try SysfsLine(
            line, index: index, export: export, timer: Self.timer(line, place.interface), interval: configuration.poll,
            now: now, retryingUntil: patience))
      case .character(let place):
        opened.why.append(place.why)
        let group = Group(device: place.path, bias: line.bias, debounce: line.debounce)
        groups[group, default: []].append(
          .init(index: index, offset: place.number, chip: line.chip, activeLow: line.activeLow))
      }
    }
    for (group, lines) in groups.sorted(by: { $0.value[0].index < $1.value[0].index }) {
      opened.sources.append(
        try CharacterLines.request(lines, from: group.device, bias: group.bias, debounce: group.debounce))
    }
    return opened
  }

  /// The first place that gives the line; where all refuse, the first one's reason explains best.
  private func hold(_ line: LineConfiguration) throws(ButtonError) -> Hold {
    let places = try finder.places(of: line)
    do throws(ButtonError) {
      return try hold(line, at: places[0])
    } catch {
      for place in places.dropFirst() {
        if let hold = try? hold(line, at: place) { return hold }
      }
      throw error
    }
  }

  private func hold(_ line: LineConfiguration, at place: LineFinder.Place) throws(ButtonError) -> Hold {
    if place.interface == .character { return .character(place) }
    return .exported(try SysfsExport(place.number, of: line, root: place.path), place)
  }

  private static func timer(_ line: LineConfiguration, _ interface: LineFinder.Interface) -> String? {
    if line.timed { return "the board says so" }
    return interface == .chipSysfs ? "a chip's own sysfs has no edges" : nil
  }
}
