import Posix

/// The GPIO chips that the kernel shows, found by their labels: their numbers differ between kernels and boards.
public struct GPIOChips: Equatable, Sendable {
  public struct Chip: Equatable, Sendable {
    public var label: String
    /// Number of its first line.
    public var base: Int
    public var count: Int
    /// `gpiochip512`
    public var folder: String
  }

  public let root: String
  /// By their bases.
  public let chips: [Chip]

  /// Reads `gpiochip*` under `root`.
  public init(root: String = "/sys/class/gpio") throws(ButtonError) {
    self.root = root
    let names: [String]
    do throws(SystemError) { names = try Files.list(root) } catch { throw .noGPIO(root: root, error) }
    var chips: [Chip] = []
    for folder in names where folder.hasPrefix("gpiochip") {
      let path = "\(root)/\(folder)"
      let base = try Self.number("\(path)/base", root: root)
      let count = try Self.number("\(path)/ngpio", root: root)
      let label = try Self.text("\(path)/label", root: root)
      chips.append(Chip(label: label, base: base, count: count, folder: folder))
    }
    self.chips = chips.sorted { $0.base < $1.base }
  }

  /// The kernel's number of a line: base of the chip with that label, plus offset.
  public func number(ofLine line: Int, on label: String) throws(ButtonError) -> Int {
    let found = chips.filter { $0.label == label }
    guard let chip = found.first else { throw .noChip(label: label, root: root, labels: chips.map(\.label)) }
    if found.count > 1 { throw .severalChips(label: label, root: root, folders: found.map(\.folder)) }
    guard (0..<chip.count).contains(line) else { throw .noLine(line, chip: label, count: chip.count) }
    return chip.base + line
  }

  private static func text(_ path: String, root: String) throws(ButtonError) -> String {
    do throws(SystemError) { return try Sysfs.read(path) } catch { throw .noGPIO(root: root, error) }
  }

  private static func number(_ path: String, root: String) throws(ButtonError) -> Int {
    guard let number = Int(try text(path, root: root)), number >= 0 else { throw .notANumber(path: path) }
    return number
  }
}
