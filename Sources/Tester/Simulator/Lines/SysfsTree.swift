import Glibc
import Posix

/// The simulated sysfs of a GPIO chip and its LEDs: the rules of the kernel's gpiolib-sysfs.c, leds and kernfs.
///
/// All rules are here. The type depends neither on FUSE nor on threads; its owner locks. A refusal carries the kernel's
/// errno.
struct SysfsTree: Sendable {
  /// A refused call.
  struct Refusal: Error, Equatable {
    /// The errno.
    let code: CInt

    init(_ code: CInt) { self.code = code }
  }

  /// The simulated chip.
  let configuration: LinesConfiguration
  private var lines: [SysfsLine]
  private var leds: [SysfsLED]
  /// Number of exports so far.
  private var exports: UInt64 = 0
  /// All changes of lamps by programs, in order.
  private(set) var lampChanges: [Lines.LampChange] = []

  init(_ configuration: LinesConfiguration) {
    self.configuration = configuration
    lines = Array(repeating: SysfsLine(outside: configuration.idle == .high), count: configuration.count)
    leds = Array(repeating: SysfsLED(), count: configuration.leds.count)
  }

  // MARK: Names

  /// Returns the node at a path; `nil` if it does not exist now.
  func node(at path: String) -> SysfsNode? {
    guard let node = SysfsNode(path: path, configuration) else { return nil }
    return exists(node) ? node : nil
  }

  private func exists(_ node: SysfsNode) -> Bool {
    switch node {
    case .export, .unexport, .chip, .chipFile: return configuration.legacy
    case .line(let line): return configuration.legacy && lines[line].export != nil
    case .lineFile(let line, let file):
      return configuration.legacy && lines[line].export != nil
        && (file != .edge || !configuration.withoutEdge.contains(line))
    case .ownChip, .ownChipFile, .ownExport, .ownUnexport: return configuration.ownSysfs
    // An export through either tree appears in both.
    case .ownLine(let line), .ownLineFile(let line, _): return configuration.ownSysfs && lines[line].export != nil
    case .leds: return !leds.isEmpty
    default: return true
    }
  }

  /// Returns the names in a directory.
  func names(in directory: SysfsNode) -> [String] {
    let exported = lines.indices.filter { lines[$0].export != nil }
    switch directory {
    case .root: return ["drive", "gpio"] + (leds.isEmpty ? [] : ["leds"])
    case .gpio:
      let own = configuration.ownSysfs ? ["chip0"] : []
      if !configuration.legacy { return own }
      return own + ["export", "gpiochip\(configuration.base)", "unexport"]
        + exported.map { "gpio\(configuration.base + $0)" }
    case .chip: return SysfsNode.ChipFile.allCases.map(\.rawValue)
    case .line(let line):
      return SysfsNode.LineFile.allCases.filter { exists(.lineFile(line, $0)) }.map(\.rawValue)
    case .ownChip: return ["export", "label", "ngpio", "unexport"] + exported.map { "gpio\($0)" }
    case .ownLine: return ["direction", "value"]
    case .leds: return configuration.leds
    case .led: return SysfsNode.LEDFile.allCases.map(\.rawValue)
    case .drives: return lines.indices.map(String.init) + configuration.leds
    default: return []
    }
  }

  // MARK: Open files

  /// The state of an open file in kernfs.
  struct File: Sendable {
    /// The file.
    let node: SysfsNode
    /// Number of the export that the file belongs to; `nil` for other files.
    fileprivate let export: UInt64?
    /// Number of events at the last read.
    fileprivate var seen: UInt64 = 0
    /// The text of the last read from the start.
    fileprivate var text: [UInt8]?
  }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - node: an existing node.
  ///   - flags: as of open(2).
  ///   - now: the current time.
  func open(_ node: SysfsNode, flags: CInt, now: Monotonic) throws(Refusal) -> File {
    if node.isDirectory { throw Refusal(EISDIR) }
    // Applies to root too, as in kernfs.
    let access = flags & O_ACCMODE
    if access != O_WRONLY && node.mode & 0o444 == 0 { throw Refusal(EACCES) }
    if access != O_RDONLY && node.mode & 0o222 == 0 { throw Refusal(EACCES) }
    guard let line = node.exportedLine else { return File(node: node, export: nil) }
    guard let export = lines[line].export else { throw Refusal(ENOENT) }
    if now < export.time.adding(milliseconds: configuration.unreadable) { throw Refusal(EACCES) }
    return File(node: node, export: export.number)
  }

  /// Returns up to `count` bytes from `offset`.
  ///
  /// A read from the start takes the current value and clears the event; a later one continues the same text.
  func read(_ file: inout File, from offset: Int, count: Int) throws(Refusal) -> ArraySlice<UInt8> {
    if isGone(file) { throw Refusal(ENODEV) }
    let text: [UInt8]
    if offset > 0, let earlier = file.text {
      text = earlier
    } else {
      file.seen = events(of: file.node)
      text = Array("\(try show(file.node))\n".utf8)
      file.text = text
    }
    return text.dropFirst(offset).prefix(count)
  }

  /// Returns whether there is an event since the file's last read (or no read yet); always true if the line is not
  /// exported any more.
  func hasEvent(_ file: File) -> Bool {
    if isGone(file) { return true }
    switch file.node {
    case .lineFile(_, .value), .drive, .glow: return file.seen != events(of: file.node)
    default: return false
    }
  }

  /// Returns whether a poll that waits for the file is woken: by events, but not by an unexport, of which the kernel
  /// wakes no poll.
  func wakes(_ file: File) -> Bool { !isGone(file) && hasEvent(file) }

  private func isGone(_ file: File) -> Bool {
    guard let line = file.node.exportedLine else { return false }
    return lines[line].export?.number != file.export
  }

  private func events(of node: SysfsNode) -> UInt64 {
    switch node {
    case .lineFile(let line, .value): lines[line].edges
    case .drive(let line): lines[line].changes
    case .glow(let led): leds[led].changes
    default: 0
    }
  }

  private func show(_ node: SysfsNode) throws(Refusal) -> String {
    switch node {
    case .chipFile(.base): return String(configuration.base)
    case .chipFile(.label), .ownChipFile(.label): return configuration.label
    case .chipFile(.ngpio), .ownChipFile(.ngpio): return String(configuration.count)
    case .lineFile(let line, .direction), .ownLineFile(let line, .direction): return lines[line].isOutput ? "out" : "in"
    case .lineFile(let line, .edge): return lines[line].edge.rawValue
    case .lineFile(let line, .activeLow): return lines[line].activeLow ? "1" : "0"
    case .lineFile(let line, .value), .ownLineFile(let line, .value):
      return lines[line].level != lines[line].activeLow ? "1" : "0"
    case .drive(let line): return lines[line].level ? "1" : "0"
    case .ledFile(let led, .brightness), .glow(let led): return String(leds[led].brightness)
    case .ledFile(_, .maximum): return String(SysfsLED.maximum)
    case .ledFile(let led, .trigger):
      return SysfsLED.triggers.map { $0 == leds[led].trigger ? "[\($0)]" : $0 }.joined(separator: " ")
    default: throw Refusal(EIO)
    }
  }

  // MARK: Writes

  /// Performs one write(2). The offset in the file does not matter.
  mutating func write(_ bytes: [UInt8], to file: File, now: Monotonic) throws(Refusal) {
    if isGone(file) { throw Refusal(ENODEV) }
    let lamp = lamp(of: file.node)
    let before = lamp.map(isLit)
    try perform(bytes, file, now: now)
    if let lamp, isLit(lamp) != before { lampChanges.append(.init(lamp: lamp, isLit: isLit(lamp), time: now)) }
  }

  /// Returns the lamp that a write to the file may change.
  private func lamp(of node: SysfsNode) -> Lines.Lamp? {
    switch node {
    case .ledFile(let led, _): .led(configuration.leds[led])
    case .lineFile(let line, _), .ownLineFile(let line, _): .line(line)
    default: nil
    }
  }

  /// Returns whether a LED has a brightness, or an output is high.
  private func isLit(_ lamp: Lines.Lamp) -> Bool {
    switch lamp {
    case .led(let name): configuration.leds.firstIndex(of: name).map { leds[$0].brightness > 0 } ?? false
    case .line(let line): lines[line].isOutput && lines[line].level
    }
  }

  private mutating func perform(_ bytes: [UInt8], _ file: File, now: Monotonic) throws(Refusal) {
    let text = SysfsText(bytes)
    switch file.node {
    case .export, .ownExport:
      let line = try line(named: text, from: file.node == .export ? configuration.base : 0)
      if lines[line].export != nil || configuration.inUse.contains(line) { throw Refusal(EBUSY) }
      exports += 1
      lines[line].export = .init(time: now, number: exports)
    case .unexport, .ownUnexport:
      let line = try line(named: text, from: file.node == .unexport ? configuration.base : 0)
      if lines[line].export == nil { throw Refusal(EINVAL) }
      // Direction and latch belong to the chip and stay; the rest belongs to the kernel.
      lines[line].export = nil
      lines[line].edge = .none
      lines[line].activeLow = false
    case .lineFile(let line, .direction), .ownLineFile(let line, .direction):
      switch text.word {
      case "in": lines[line].change { $0.isOutput = false }
      case "out", "low", "high":
        let latch = text.word == "high"
        lines[line].change {
          $0.latch = latch
          $0.isOutput = true
        }
      default: throw Refusal(EINVAL)
      }
    case .lineFile(let line, .edge):
      guard let edge = SysfsLine.Edge(rawValue: text.word) else { throw Refusal(EINVAL) }
      try set(edge, of: line)
    case .lineFile(let line, .activeLow):
      guard let number = text.number else { throw Refusal(EINVAL) }
      let activeLow = number != 0
      if activeLow == lines[line].activeLow { break }
      lines[line].activeLow = activeLow
      let edge = lines[line].edge
      if edge == .rising || edge == .falling {
        lines[line].edge = .none
        try set(edge, of: line)
      }
    case .lineFile(let line, .value), .ownLineFile(let line, .value):
      if !lines[line].isOutput { throw Refusal(EPERM) }
      guard let number = text.number else { throw Refusal(EINVAL) }
      lines[line].change { $0.latch = (number != 0) != $0.activeLow }
    case .drive(let line):
      guard let levels = text.levels else { throw Refusal(EINVAL) }
      for level in levels { drive(line, level) }
    case .ledFile(let led, .brightness):
      guard let number = text.number, number >= 0 else { throw Refusal(EINVAL) }
      leds[led].set(brightness: number)
    case .ledFile(let led, .trigger):
      guard SysfsLED.triggers.contains(text.word) else { throw Refusal(EINVAL) }
      leds[led].set(trigger: text.word)
    default: throw Refusal(EIO)
    }
  }

  /// Requests the interrupt again. An output is refused, and has lost its earlier interrupt by then.
  private mutating func set(_ edge: SysfsLine.Edge, of line: Int) throws(Refusal) {
    if edge == lines[line].edge { return }
    lines[line].edge = .none
    if edge != .none && lines[line].isOutput { throw Refusal(EIO) }
    lines[line].edge = edge
  }

  private func line(named text: SysfsText, from base: Int) throws(Refusal) -> Int {
    guard let number = text.number else { throw Refusal(EINVAL) }
    let (line, overflow) = number.subtractingReportingOverflow(base)
    guard !overflow, lines.indices.contains(line) else { throw Refusal(EINVAL) }
    return line
  }

  // MARK: Driving lines

  /// Drives a line from outside. An output keeps the program's level, and takes this one when it becomes an input.
  mutating func drive(_ line: Int, _ level: Lines.Level) { lines[line].change { $0.outside = level == .high } }

  /// Returns the level of a line.
  func level(of line: Int) -> Lines.Level { lines[line].level ? .high : .low }
}

extension SysfsNode {
  /// The line without whose export this file does not exist; `nil` for other files.
  fileprivate var exportedLine: Int? {
    switch self {
    case .lineFile(let line, _), .ownLineFile(let line, _): line
    default: nil
    }
  }
}
