import Board
import Posix

/// A line to look for, as an input or an output.
struct LineRequest {
  /// Label of the chip.
  var chip: String
  /// Offset of the line on its chip.
  var line: Int
  /// The interface that the board asks for.
  var access: Board.Access
  /// Whether a bias must be set.
  var needsBias = false
  /// Whether the kernel must debounce the line.
  var needsDebounce = false

  /// Creates the request for an input line.
  init(_ line: Board.Line) {
    chip = line.chip
    self.line = line.line
    access = line.access
    needsBias = line.bias != nil
    needsDebounce = line.debounce > 0
  }

  /// Creates the request for an output line.
  init(_ output: Board.Output) {
    chip = output.chip
    line = output.line
    access = output.access
  }
}

/// Finds the kernel interfaces that have a line: legacy sysfs, per-chip sysfs, character device, in this order. Only
/// the last one can set a bias or debounce.
struct LineFinder {
  /// A kernel interface for lines.
  enum Interface: CaseIterable, Sendable { case sysfs, chipSysfs, character }

  /// A place at which a line can be opened.
  struct Place: Equatable, Sendable {
    /// The interface.
    var interface: Interface
    /// The directory that exports the line (`/sys/class/gpio`, `/sys/class/gpio/chip0`), or the chip's device.
    var path: String
    /// The number of the line in that directory or device.
    var number: Int
    /// Why this place comes before others, for people.
    var reason: String
  }

  private let root: String
  private let sysfs: Result<GPIOChips, ButtonError>
  private let chipSysfs: Result<GPIOChips, ButtonError>
  private let character: Result<GPIOChips, ButtonError>

  /// Reads the chips of all interfaces.
  init(_ paths: KernelPaths) {
    root = paths.gpio
    sysfs = Self.result { () throws(ButtonError) in try GPIOChips(root: paths.gpio) }
    chipSysfs = Self.result { () throws(ButtonError) in try GPIOChips(perChip: paths.gpio) }
    character = Self.result { () throws(ButtonError) in try GPIOChips(devices: paths.devices) }
  }

  private static func result(_ find: () throws(ButtonError) -> GPIOChips) -> Result<GPIOChips, ButtonError> {
    do throws(ButtonError) { return .success(try find()) } catch { return .failure(error) }
  }

  /// Returns the chips of an interface, or why it has none.
  func chips(of interface: Interface) -> Result<GPIOChips, ButtonError> {
    switch interface {
    case .sysfs: sysfs
    case .chipSysfs: chipSysfs
    case .character: character
    }
  }

  /// Returns the places at which a line can be opened, the best one first.
  ///
  /// - Returns: one or more places.
  /// - Throws: `ButtonError` where no interface has the line.
  func places(of request: LineRequest) throws(ButtonError) -> [Place] {
    var found: [Place] = []
    var failures: [ButtonError] = []
    var reasons = Self.reasons(for: request)
    for interface in Self.interfaces(for: request) {
      do throws(ButtonError) {
        let chips = try chips(of: interface).get()
        let chip = try chips.chip(request.chip, having: request.line)
        let path = interface == .sysfs ? chips.root : "\(chips.root)/\(chip.directory)"
        let reason = reasons + ["\(interface == .sysfs ? "\(path)/\(chip.directory)" : path) has the chip"]
        found.append(
          Place(
            interface: interface, path: path, number: chip.base + request.line, reason: reason.joined(separator: "; ")))
      } catch {
        switch error {
        // No other interface can do better.
        case .noLine, .ambiguousChip: throw error
        default: failures.append(error)
        }
        reasons.append(interface.missing)
      }
    }
    if let first = failures.first, found.isEmpty { throw clearest(first, failures.count, request) }
    return found
  }

  private static func interfaces(for request: LineRequest) -> [Interface] {
    switch request.access {
    case .sysfs: [.sysfs]
    case .chipSysfs: [.chipSysfs]
    case .character: [.character]
    case .auto: request.needsBias || request.needsDebounce ? [.character] : Interface.allCases
    }
  }

  private static func reasons(for request: LineRequest) -> [String] {
    if request.access != .auto { return ["the board says so"] }
    if request.needsBias { return ["sysfs cannot set a pull"] }
    if request.needsDebounce { return ["sysfs cannot debounce"] }
    return []
  }

  /// Returns the most helpful error: where several interfaces failed, one with the chips of all of them, so that a
  /// misspelt label is noticed.
  private func clearest(_ first: ButtonError, _ count: Int, _ request: LineRequest) -> ButtonError {
    if count == 1 { return first }
    var labels: [String] = []
    for interface in Interface.allCases {
      guard case .success(let chips) = chips(of: interface) else { continue }
      for chip in chips.chips where !labels.contains(chip.label) { labels.append(chip.label) }
    }
    return labels.isEmpty ? first : .noChip(label: request.chip, root: root, labels: labels)
  }
}

extension LineFinder.Interface {
  /// Why the interface was skipped, for people.
  fileprivate var missing: String {
    switch self {
    case .sysfs: "no legacy sysfs for the chip"
    case .chipSysfs: "no sysfs of the chip's own"
    case .character: "no character device of the chip"
    }
  }
}
