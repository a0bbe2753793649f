import Glibc

/// A file or folder of the lines' file system.
enum LinesNode: Hashable, Sendable {
  case root
  case gpio
  case export
  case unexport
  case chip
  case chipFile(ChipFile)
  /// Folder of an exported line, by its offset on the chip.
  case line(Int)
  case lineFile(Int, LineFile)
  case drives
  /// The wire of a line, seen from outside.
  case drive(Int)

  enum ChipFile: String, CaseIterable { case base, label, ngpio }
  enum LineFile: String, CaseIterable {
    case activeLow = "active_low"
    case direction, edge, value
  }

  var isFolder: Bool {
    switch self {
    case .root, .gpio, .chip, .line, .drives: true
    case .export, .unexport, .chipFile, .lineFile, .drive: false
    }
  }

  /// Type and permissions, as the kernel shows them.
  var mode: mode_t {
    switch self {
    case .root, .gpio, .chip, .line, .drives: S_IFDIR | 0o755
    case .export, .unexport: S_IFREG | 0o200
    case .chipFile: S_IFREG | 0o444
    case .lineFile, .drive: S_IFREG | 0o644
    }
  }

  /// Reads a path of the file system: `/gpio/gpio517/value`. Whether the node is there now, the tree knows.
  init?(path: String, _ configuration: LinesConfiguration) {
    let parts = path.split(separator: "/")
    func offset(_ digits: Substring, from base: Int) -> Int? {
      guard let number = Int(digits), digits == String(number), (0..<configuration.count).contains(number - base)
      else { return nil }
      return number - base
    }
    switch (parts.count, parts.first) {
    case (0, _): self = .root
    case (1, "gpio"): self = .gpio
    case (1, "drive"): self = .drives
    case (2, "drive"):
      guard let line = offset(parts[1], from: 0) else { return nil }
      self = .drive(line)
    case (2, "gpio") where parts[1] == "export": self = .export
    case (2, "gpio") where parts[1] == "unexport": self = .unexport
    case (2...3, "gpio") where parts[1] == "gpiochip\(configuration.base)":
      if parts.count == 2 {
        self = .chip
      } else if let file = ChipFile(rawValue: String(parts[2])) {
        self = .chipFile(file)
      } else {
        return nil
      }
    case (2...3, "gpio") where parts[1].hasPrefix("gpio"):
      guard let line = offset(parts[1].dropFirst(4), from: configuration.base) else { return nil }
      if parts.count == 2 {
        self = .line(line)
      } else if let file = LineFile(rawValue: String(parts[2])) {
        self = .lineFile(line, file)
      } else {
        return nil
      }
    default: return nil
    }
  }
}
