import CLinux
import Glibc
import Posix

/// The GPIO chips that one kernel interface exposes. They are found by label, as their numbers differ between kernels
/// and boards.
public struct GPIOChips: Equatable, Sendable {
  /// One GPIO chip.
  public struct Chip: Equatable, Sendable {
    /// The label: `pinctrl-bcm2711`.
    public var label: String
    /// Number of the first line in the kernel's global numbering; 0 where the interface numbers lines by offset.
    public var base: Int
    /// Number of lines.
    public var count: Int
    /// Name of the directory or device: `gpiochip512`, `chip0`.
    public var directory: String
  }

  /// The directory of the interface.
  public let root: String
  /// The chips, sorted by base and then by directory.
  public let chips: [Chip]

  /// Reads the chips of legacy sysfs: `gpiochip*` in `root`.
  ///
  /// - Throws: `ButtonError.noGPIO` or `.notANumber`.
  public init(root: String = "/sys/class/gpio") throws(ButtonError) {
    try self.init(root: root, directories: "gpiochip", hasBase: true)
  }

  /// Reads the chips of per-chip sysfs, which kernels have since mid-2025: `chip*` in `root`. Each chip exports its own
  /// lines, by offset.
  init(perChip root: String) throws(ButtonError) { try self.init(root: root, directories: "chip", hasBase: false) }

  private init(root: String, directories prefix: String, hasBase: Bool) throws(ButtonError) {
    self.root = root
    let names: [String]
    do throws(SystemError) { names = try Files.list(root) } catch { throw .noGPIO(root: root, error) }
    var chips: [Chip] = []
    for directory in names where directory.hasPrefix(prefix) {
      let path = "\(root)/\(directory)"
      let base = hasBase ? try Self.number("\(path)/base", root: root) : 0
      let count = try Self.number("\(path)/ngpio", root: root)
      let label = try Self.text("\(path)/label", root: root)
      chips.append(Chip(label: label, base: base, count: count, directory: directory))
    }
    self.chips = chips.sorted { ($0.base, $0.directory) < ($1.base, $1.directory) }
  }

  /// Reads the chips that have character devices: `gpiochip*` in `root`. GPIO_GET_CHIPINFO_IOCTL
  ///
  /// - Throws: `ButtonError.noCharacterDevice` where none can be opened, with the first refusal.
  init(devices root: String) throws(ButtonError) {
    self.root = root
    let names: [String]
    do throws(SystemError) { names = try Files.list(root) } catch { throw .noGPIO(root: root, error) }
    var chips: [Chip] = []
    var refusal: SystemError?
    // On a Raspberry Pi 5, Raspberry Pi OS links a second name to the same chip.
    var seen: Set<dev_t> = []
    for name in names where name.hasPrefix("gpiochip") {
      do throws(SystemError) {
        let chip = try FileDescriptor(opening: "\(root)/\(name)", O_RDWR)
        let raw = chip.raw
        var status = stat()
        try posix("stat", path: "\(root)/\(name)") { fstat(raw, &status) }
        if !seen.insert(status.st_rdev).inserted { continue }
        var info = gpiochip_info()
        try posix("ask for its lines", path: "\(root)/\(name)") { fw_gpio_chip_info(raw, &info) }
        let label = withUnsafeBytes(of: &info.label) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        chips.append(Chip(label: label, base: 0, count: Int(info.lines), directory: name))
      } catch { refusal = refusal ?? error }
    }
    if chips.isEmpty {
      throw .noCharacterDevice(refusal ?? SystemError("find", path: "\(root)/gpiochip*", code: ENOENT))
    }
    self.chips = chips
  }

  /// Returns the chip with a label.
  ///
  /// - Throws: `ButtonError.noChip`, `.ambiguousChip`, or `.noLine` where the chip lacks the line.
  func chip(_ label: String, having line: Int) throws(ButtonError) -> Chip {
    let found = chips.filter { $0.label == label }
    guard let chip = found.first else { throw .noChip(label: label, root: root, labels: chips.map(\.label)) }
    if found.count > 1 { throw .ambiguousChip(label: label, root: root, directories: found.map(\.directory)) }
    guard (0..<chip.count).contains(line) else { throw .noLine(line, chip: label, count: chip.count) }
    return chip
  }

  /// Returns the interface's number of a line: the base of its chip plus its offset.
  public func number(ofLine line: Int, on label: String) throws(ButtonError) -> Int {
    try chip(label, having: line).base + line
  }

  private static func text(_ path: String, root: String) throws(ButtonError) -> String {
    do throws(SystemError) { return try Sysfs.read(path) } catch { throw .noGPIO(root: root, error) }
  }

  private static func number(_ path: String, root: String) throws(ButtonError) -> Int {
    guard let number = Int(try text(path, root: root)), (0...Int(Int32.max)).contains(number) else {
      throw .notANumber(path: path)
    }
    return number
  }
}
