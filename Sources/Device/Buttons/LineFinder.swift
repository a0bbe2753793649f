import Posix

/// Through which of the kernel's interfaces a line is to be had: legacy sysfs, sysfs of its chip, character device, in
/// this order. A line that asks for a bias or for the kernel's debounce can only be had through the last.
struct LineFinder {
  enum Interface: CaseIterable, Sendable { case sysfs, chipSysfs, character }

  /// A line, found.
  struct Place: Equatable, Sendable {
    var interface: Interface
    /// The directory that exports it (`/sys/class/gpio`, `/sys/class/gpio/chip0`), or the chip's device.
    var path: String
    /// What that directory or device calls the line.
    var number: Int
    /// Why this and none before it, for people.
    var why: String
  }

  private let root: String
  private let sysfs: Result<GPIOChips, ButtonError>
  private let chipSysfs: Result<GPIOChips, ButtonError>
  private let character: Result<GPIOChips, ButtonError>

  init(_ places: KernelPlaces) {
    root = places.gpio
    sysfs = Self.result { () throws(ButtonError) in try GPIOChips(root: places.gpio) }
    chipSysfs = Self.result { () throws(ButtonError) in try GPIOChips(perChip: places.gpio) }
    character = Self.result { () throws(ButtonError) in try GPIOChips(devices: places.devices) }
  }

  private static func result(_ find: () throws(ButtonError) -> GPIOChips) -> Result<GPIOChips, ButtonError> {
    do throws(ButtonError) { return .success(try find()) } catch { return .failure(error) }
  }

  /// The chips of an interface, or why it has none.
  func chips(of interface: Interface) -> Result<GPIOChips, ButtonError> {
    switch interface {
    case .sysfs: sysfs
    case .chipSysfs: chipSysfs
    case .character: character
    }
  }

  /// Where the line is to be had, the best place first; never empty.
  func places(of line: LineConfiguration) throws(ButtonError) -> [Place] {
    var found: [Place] = []
    var failures: [ButtonError] = []
    var why = Self.asked(line)
    for interface in Self.interfaces(for: line) {
      do throws(ButtonError) {
        let chips = try chips(of: interface).get()
        let chip = try chips.chip(line.chip, having: line.line)
        let path = interface == .sysfs ? chips.root : "\(chips.root)/\(chip.directory)"
        let reason = why + ["\(interface == .sysfs ? "\(path)/\(chip.directory)" : path) has the chip"]
        found.append(
          Place(
            interface: interface, path: path, number: chip.base + line.line, why: reason.joined(separator: "; ")))
      } catch {
        switch error {
        // They are no better elsewhere.
        case .noLine, .severalChips: throw error
        default: failures.append(error)
        }
        why.append(interface.missing)
      }
    }
    if let first = failures.first, found.isEmpty { throw clearest(first, failures.count, line) }
    return found
  }

  private static func interfaces(for line: LineConfiguration) -> [Interface] {
    switch line.wanted {
    case .sysfs: [.sysfs]
    case .chipSysfs: [.chipSysfs]
    case .character: [.character]
    case .any: line.bias != nil || line.debounce > 0 ? [.character] : Interface.allCases
    }
  }

  private static func asked(_ line: LineConfiguration) -> [String] {
    if line.wanted != .any { return ["the board says so"] }
    if line.bias != nil { return ["sysfs cannot set a pull"] }
    if line.debounce > 0 { return ["sysfs cannot debounce"] }
    return []
  }

  /// Where several interfaces were asked: the chips that any of them has, so that a misspelt label shows.
  private func clearest(_ first: ButtonError, _ count: Int, _ line: LineConfiguration) -> ButtonError {
    if count == 1 { return first }
    var labels: [String] = []
    for interface in Interface.allCases {
      guard case .success(let chips) = chips(of: interface) else { continue }
      for chip in chips.chips where !labels.contains(chip.label) { labels.append(chip.label) }
    }
    return labels.isEmpty ? first : .noChip(label: line.chip, root: root, labels: labels)
  }
}

extension LineFinder.Interface {
  /// Why it was passed over.
  fileprivate var missing: String {
    switch self {
    case .sysfs: "no legacy sysfs for the chip"
    case .chipSysfs: "no sysfs of the chip's own"
    case .character: "no character device of the chip"
    }
  }
}
