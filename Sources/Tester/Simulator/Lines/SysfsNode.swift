import Glibc

/// A file or directory of the simulated sysfs, whether it exists at the moment or not.
enum SysfsNode: Hashable, Sendable {
  case root
  case gpio
  case export
  case unexport
  case chip
  case chipFile(ChipFile)
  /// The directory of an exported line, by its offset on the chip.
  case line(Int)
  case lineFile(Int, LineFile)
  /// `chip0`: the chip's own tree, with its label, `export`, and exported lines by offset.
  case ownChip
  case ownChipFile(ChipFile)
  case ownExport
  case ownUnexport
  case ownLine(Int)
  case ownLineFile(Int, LineFile)
  case leds
  /// The directory of a LED, by its index in the configuration.
  case led(Int)
  case ledFile(Int, LEDFile)
  case drives
  /// The file that drives a line from outside.
  case drive(Int)
  /// The file that shows a LED's brightness.
  case glow(Int)

  /// A file of a chip's directory.
  enum ChipFile: String, CaseIterable { case base, label, ngpio }
  /// A file of an exported line's directory.
  enum LineFile: String, CaseIterable {
    case activeLow = "active_low"
    case direction, edge, value
  }
  /// A file of a LED's directory.
  enum LEDFile: String, CaseIterable {
    case brightness
    case maximum = "max_brightness"
    case trigger
  }

  /// Whether the node is a directory.
  var isDirectory: Bool {
    switch self {
    case .root, .gpio, .chip, .line, .ownChip, .ownLine, .leds, .led, .drives: true
    default: false
    }
  }

  /// Type and permissions, as in the kernel's sysfs.
  var mode: mode_t {
    switch self {
    case .root, .gpio, .chip, .line, .ownChip, .ownLine, .leds, .led, .drives: S_IFDIR | 0o755
    case .export, .unexport, .ownExport, .ownUnexport: S_IFREG | 0o200
    case .chipFile, .ownChipFile, .ledFile(_, .maximum), .glow: S_IFREG | 0o444
    case .lineFile, .ownLineFile, .ledFile, .drive: S_IFREG | 0o644
    }
  }

  /// Parses a path such as `/gpio/gpio517/value`; `nil` if no node can have it.
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
      if let led = configuration.leds.firstIndex(of: String(parts[1])) {
        self = .glow(led)
      } else if let line = offset(parts[1], from: 0) {
        self = .drive(line)
      } else {
        return nil
      }
    case (1, "leds"): self = .leds
    case (2...3, "leds"):
      guard let led = configuration.leds.firstIndex(of: String(parts[1])) else { return nil }
      if parts.count == 2 {
        self = .led(led)
      } else if let file = LEDFile(rawValue: String(parts[2])) {
        self = .ledFile(led, file)
      } else {
        return nil
      }
    case (2...4, "gpio") where parts[1] == "chip0":
      guard let node = Self.own(parts.dropFirst(2), offset: { offset($0, from: 0) }) else { return nil }
      self = node
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

  /// Parses a path below `chip0`.
  private static func own(_ parts: ArraySlice<Substring>, offset: (Substring) -> Int?) -> SysfsNode? {
    guard let name = parts.first else { return .ownChip }
    if parts.count == 1 {
      switch name {
      case "export": return .ownExport
      case "unexport": return .ownUnexport
      // It has no `base`.
      case "label", "ngpio": return ChipFile(rawValue: String(name)).map { .ownChipFile($0) }
      default: break
      }
    }
    guard name.hasPrefix("gpio"), let line = offset(name.dropFirst(4)) else { return nil }
    if parts.count == 1 { return .ownLine(line) }
    switch parts.last {
    case "direction": return .ownLineFile(line, .direction)
    case "value": return .ownLineFile(line, .value)
    default: return nil
    }
  }
}
