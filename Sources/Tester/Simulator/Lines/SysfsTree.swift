import Glibc
import Posix

/// What the kernel keeps of a GPIO chip behind `/sys/class/gpio`, and the wires behind the chip.
///
/// Every rule that a program could meet is here and nowhere else; it knows neither FUSE nor threads. Its owner
/// locks. The rules are those of the kernel's gpiolib-sysfs.c and kernfs; a refusal carries the same errno.
struct SysfsTree: Sendable {
  /// errno of a refused call.
  struct Refusal: Error, Equatable {
    let code: CInt
    init(_ code: CInt) { self.code = code }
  }

  enum Edge: String, CaseIterable, Sendable { case none, rising, falling, both }

  let configuration: LinesConfiguration
  private var lines: [Line]
  private var leds: [LED]
  private var exports: UInt64 = 0
  /// Every change of what a program lights or drives, in order.
  private(set) var lights: [Lines.Light] = []

  init(_ configuration: LinesConfiguration) {
    self.configuration = configuration
    lines = Array(repeating: Line(outside: configuration.idle == .high), count: configuration.count)
    leds = Array(repeating: LED(), count: configuration.leds.count)
  }

  /// A LED is born under a trigger of its own, as that of a Raspberry Pi under `mmc0`.
  private struct LED: Sendable {
    static let triggers = ["none", "timer", "heartbeat", "mmc0"]
    static let maximum = 255
    var brightness = 0
    var trigger = "mmc0"
    /// Changes of its light, counted from 1.
    var changes: UInt64 = 1
  }

  private struct Line: Sendable {
    /// What the world outside puts on the wire.
    var outside: Bool
    var isOutput = false
    /// What the chip puts on the wire of an output.
    var latch = false
    var activeLow = false
    var edge = Edge.none
    var export: Export?
    /// Edges seen and changes of the wire, counted from 1 as kernfs does: a fresh open file has seen 0.
    var edges: UInt64 = 1
    var changes: UInt64 = 1

    var wire: Bool { isOutput ? latch : outside }

    /// Whatever changes a line goes through here, so that no edge of the wire is missed.
    mutating func change(_ body: (inout Line) -> Void) {
      let before = wire
      body(&self)
      guard wire != before else { return }
      changes += 1
      // active_low turns the sense of an edge as it turns the value.
      let rises = wire != activeLow
      switch edge {
      case .none: break
      case .rising: if rises { edges += 1 }
      case .falling: if !rises { edges += 1 }
      case .both: edges += 1
      }
    }
  }

  private struct Export: Sendable {
    let time: Monotonic
    /// Tells an export from the next one of the same line: files of the earlier stay dead.
    let number: UInt64
  }

  // MARK: Names

  func node(at path: String) -> SysfsNode? {
    guard let node = SysfsNode(path: path, configuration) else { return nil }
    return isThere(node) ? node : nil
  }

  private func isThere(_ node: SysfsNode) -> Bool {
    switch node {
    case .export, .unexport, .chip, .chipFile: return configuration.legacy
    case .line(let line): return configuration.legacy && lines[line].export != nil
    case .lineFile(let line, let file):
      return configuration.legacy && lines[line].export != nil
        && (file != .edge || !configuration.withoutEdge.contains(line))
    case .ownChip, .ownChipFile, .ownExport, .ownUnexport: return configuration.ownSysfs
    // An export through either tree is seen in both.
    case .ownLine(let line), .ownLineFile(let line, _): return configuration.ownSysfs && lines[line].export != nil
    case .leds: return !leds.isEmpty
    default: return true
    }
  }

  /// Names in a directory.
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
      return SysfsNode.LineFile.allCases.filter { isThere(.lineFile(line, $0)) }.map(\.rawValue)
    case .ownChip: return ["export", "label", "ngpio", "unexport"] + exported.map { "gpio\($0)" }
    case .ownLine: return ["direction", "value"]
    case .leds: return configuration.leds
    case .led: return SysfsNode.LEDFile.allCases.map(\.rawValue)
    case .drives: return lines.indices.map(String.init) + configuration.leds
    default: return []
    }
  }

  // MARK: Open files

  /// An open file: what kernfs remembers of it.
  struct File: Sendable {
    let node: SysfsNode
    fileprivate let export: UInt64?
    /// The count of events at the last read.
    fileprivate var seen: UInt64 = 0
    /// The text of the last read from the start.
    fileprivate var text: [UInt8]?
  }

  /// `flags` as of open(2).
  func open(_ node: SysfsNode, flags: CInt, now: Monotonic) throws(Refusal) -> File {
    if node.isDirectory { throw Refusal(EISDIR) }
    // Held against root too, as kernfs does.
    let access = flags & O_ACCMODE
    if access != O_WRONLY && node.mode & 0o444 == 0 { throw Refusal(EACCES) }
    if access != O_RDONLY && node.mode & 0o222 == 0 { throw Refusal(EACCES) }
    guard let line = node.exportedLine else { return File(node: node, export: nil) }
    guard let export = lines[line].export else { throw Refusal(ENOENT) }
    if now < export.time.adding(milliseconds: configuration.unreadable) { throw Refusal(EACCES) }
    return File(node: node, export: export.number)
  }

  /// Bytes from `offset`. A read from the start looks anew and takes the events; one from further on goes on
  /// with the same text.
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

  /// Whether there is an event that the file has not read (or never read); of a line that is gone always.
  func hasEvent(_ file: File) -> Bool {
    if isGone(file) { return true }
    switch file.node {
    case .lineFile(_, .value), .drive, .glow: return file.seen != events(of: file.node)
    default: return false
    }
  }

  /// Whether somebody who sleeps on the file is woken: by events, not by the line's end, of which the kernel
  /// wakes nobody.
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
      return lines[line].wire != lines[line].activeLow ? "1" : "0"
    case .drive(let line): return lines[line].wire ? "1" : "0"
    case .ledFile(let led, .brightness), .glow(let led): return String(leds[led].brightness)
    case .ledFile(_, .maximum): return String(LED.maximum)
    case .ledFile(let led, .trigger):
      return LED.triggers.map { $0 == leds[led].trigger ? "[\($0)]" : $0 }.joined(separator: " ")
    default: throw Refusal(EIO)
    }
  }

  // MARK: Writes

  /// One write(2), whole: where it is put in the file means nothing.
  mutating func write(_ bytes: [UInt8], to file: File, now: Monotonic) throws(Refusal) {
    if isGone(file) { throw Refusal(ENODEV) }
    let lamp = lamp(of: file.node)
    let before = lamp.map(isLit)
    try obey(bytes, file, now: now)
    if let lamp, isLit(lamp) != before { lights.append(.init(lamp: lamp, isLit: isLit(lamp), time: now)) }
  }

  /// What shines, or may, when a program writes there.
  private func lamp(of node: SysfsNode) -> Lines.Lamp? {
    switch node {
    case .ledFile(let led, _): .led(configuration.leds[led])
    case .lineFile(let line, _), .ownLineFile(let line, _): .line(line)
    default: nil
    }
  }

  /// A LED that shines, or an output that is high.
  private func isLit(_ lamp: Lines.Lamp) -> Bool {
    switch lamp {
    case .led(let name): configuration.leds.firstIndex(of: name).map { leds[$0].brightness > 0 } ?? false
    case .line(let line): lines[line].isOutput && lines[line].wire
    }
  }

  private mutating func obey(_ bytes: [UInt8], _ file: File, now: Monotonic) throws(Refusal) {
    let text = SysfsText(bytes)
    switch file.node {
    case .export, .ownExport:
      let line = try line(named: text, from: file.node == .export ? configuration.base : 0)
      if lines[line].export != nil || configuration.inUse.contains(line) { throw Refusal(EBUSY) }
      exports += 1
      lines[line].export = Export(time: now, number: exports)
    case .unexport, .ownUnexport:
      let line = try line(named: text, from: file.node == .unexport ? configuration.base : 0)
      if lines[line].export == nil { throw Refusal(EINVAL) }
      // The direction and the latch are the chip's and stay; the rest was the kernel's.
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
      guard let edge = Edge(rawValue: text.word) else { throw Refusal(EINVAL) }
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
      set(number, of: led)
    case .ledFile(let led, .trigger):
      guard LED.triggers.contains(text.word) else { throw Refusal(EINVAL) }
      leds[led].trigger = text.word
      if text.word == "none" { shine(0, led) }
    default: throw Refusal(EIO)
    }
  }

  /// A brightness of 0 ends the trigger, as the kernel has it; any other is overwritten by a trigger at once.
  private mutating func set(_ brightness: Int, of led: Int) {
    if brightness == 0 { leds[led].trigger = "none" }
    if leds[led].trigger == "none" { shine(min(brightness, LED.maximum), led) }
  }

  private mutating func shine(_ brightness: Int, _ led: Int) {
    if brightness != leds[led].brightness { leds[led].changes += 1 }
    leds[led].brightness = brightness
  }

  /// An interrupt is asked for anew: an output is refused, and has lost the earlier one by then.
  private mutating func set(_ edge: Edge, of line: Int) throws(Refusal) {
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

  // MARK: The world outside

  /// What the world puts on the wire. An output's wire keeps the program's level; the world's shows again when
  /// the line becomes an input.
  mutating func drive(_ line: Int, _ level: Lines.Level) { lines[line].change { $0.outside = level == .high } }

  func wire(_ line: Int) -> Lines.Level { lines[line].wire ? .high : .low }
}

extension SysfsNode {
  /// The line whose export this file lives and dies with.
  fileprivate var exportedLine: Int? {
    switch self {
    case .lineFile(let line, _), .ownLineFile(let line, _): line
    default: nil
    }
  }
}
