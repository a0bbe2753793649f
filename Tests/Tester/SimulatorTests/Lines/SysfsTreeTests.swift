import Glibc
import Posix
import Testing

@testable import Simulator

/// The rules of the tree, without a mount; time is a parameter.
@Suite struct SysfsTreeTests {
  static let start = Monotonic(nanoseconds: 0)

  /// A tree with line 5 exported.
  private struct Rig {
    var tree: SysfsTree
    init(_ configuration: LinesConfiguration = LinesConfiguration()) throws {
      tree = SysfsTree(configuration)
      try put("\(configuration.base + 5)", "/gpio/export")
    }

    mutating func put(_ text: String, _ path: String) throws {
      guard let node = tree.node(at: path) else { throw SysfsTree.Refusal(ENOENT) }
      let file = try tree.open(node, flags: O_WRONLY | O_TRUNC, now: start)
      try tree.write(Array(text.utf8), to: file, now: start)
    }

    mutating func refusal(of text: String, _ path: String) -> CInt {
      do { try put(text, path) } catch let error as SysfsTree.Refusal { return error.code } catch { return -1 }
      return 0
    }

    var lampChanges: [Lines.LampChange] { tree.lampChanges }

    func text(_ path: String) throws -> String {
      guard let node = tree.node(at: path) else { throw SysfsTree.Refusal(ENOENT) }
      var file = try tree.open(node, flags: O_RDONLY, now: start)
      return String(decoding: try tree.read(&file, from: 0, count: 4096), as: UTF8.self)
    }

    /// Drives line 5 to a level and returns whether that is an event.
    mutating func isEvent(_ level: Lines.Level) throws -> Bool {
      guard let node = tree.node(at: value) else { throw SysfsTree.Refusal(ENOENT) }
      var file = try tree.open(node, flags: O_RDONLY, now: start)
      _ = try tree.read(&file, from: 0, count: 4096)
      tree.drive(5, level)
      return tree.hasEvent(file)
    }
  }

  static let value = "/gpio/gpio517/value"
  static let direction = "/gpio/gpio517/direction"
  static let edge = "/gpio/gpio517/edge"
  static let activeLow = "/gpio/gpio517/active_low"

  @Test(
    "Each requested edge is an event, and no other",
    arguments: [("none", false, false), ("rising", true, false), ("falling", false, true), ("both", true, true)])
  func edges(word: String, rises: Bool, falls: Bool) throws {
    var rig = try Rig()
    try rig.put(word + "\n", Self.edge)
    #expect(try rig.text(Self.edge) == word + "\n")
    #expect(try rig.isEvent(.low) == falls)
    #expect(try rig.isEvent(.low) == false)
    #expect(try rig.isEvent(.high) == rises)
  }

  @Test(
    "active_low turns the value and the sense of an edge, whichever is set first",
    arguments: [("rising", false, true), ("falling", true, false), ("both", true, true)], [true, false])
  func activeLowTurns(case each: (word: String, rises: Bool, falls: Bool), edgeFirst: Bool) throws {
    var rig = try Rig()
    if edgeFirst { try rig.put(each.word, Self.edge) }
    #expect(try rig.text(Self.value) == "1\n")
    try rig.put("1", Self.activeLow)
    #expect(try rig.text(Self.value) == "0\n")
    if !edgeFirst { try rig.put(each.word, Self.edge) }
    #expect(try rig.isEvent(.low) == each.falls)
    #expect(try rig.text(Self.value) == "1\n")
    #expect(try rig.isEvent(.high) == each.rises)
    try rig.put("0\n", Self.activeLow)
    #expect(try rig.text(Self.value) == "1\n")
  }

  @Test("An output drives its level, and an input does not")
  func outputs() throws {
    var rig = try Rig()
    let drive = "/drive/5"
    #expect(try rig.text(Self.direction) == "in\n")
    for (word, level) in [("out", "0\n"), ("high", "1\n"), ("low", "0\n")] {
      try rig.put(word, Self.direction)
      #expect(try rig.text(Self.direction) == "out\n")
      #expect(try rig.text(drive) == level)
      #expect(try rig.text(Self.value) == level)
    }
    try rig.put("1", Self.value)
    #expect(try rig.text(drive) == "1\n")
    try rig.put("0", drive)
    #expect(try rig.text(drive) == "1\n", "the program's level wins")
    try rig.put("in\n", Self.direction)
    #expect(try rig.text(drive) == "0\n", "the outside level returns")
    try rig.put("1", Self.activeLow)
    try rig.put("high", Self.direction)
    #expect(try rig.text(drive) == "1\n", "high is the level of the line")
    try rig.put("1", Self.value)
    #expect(try rig.text(drive) == "0\n", "a value is inverted")
    try rig.put("0x0", Self.value)
    #expect(try rig.text(drive) == "1\n")
  }

  @Test("Writes that the kernel refuses are refused with its errno and change nothing")
  func refusals() throws {
    var rig = try Rig()
    #expect(rig.refusal(of: "1", Self.value) == EPERM)
    #expect(rig.refusal(of: "sideways", Self.direction) == EINVAL)
    #expect(rig.refusal(of: "in\n\n", Self.direction) == EINVAL)
    #expect(rig.refusal(of: "BOTH", Self.edge) == EINVAL)
    #expect(rig.refusal(of: "yes", Self.activeLow) == EINVAL)
    for burst in ["", "\n", "2", "01x", "0 1", "01\n0"] { #expect(rig.refusal(of: burst, "/drive/5") == EINVAL) }
    #expect(try rig.text("/drive/5") == "1\n", "an invalid burst drives nothing")
    #expect(rig.refusal(of: "1", "/gpio/gpiochip512/label") == EACCES)
    #expect(rig.refusal(of: "1", "/gpio/gpio518/value") == ENOENT)
    try rig.put("out", Self.direction)
    #expect(rig.refusal(of: "garbage", Self.value) == EINVAL)
    #expect(rig.refusal(of: "none", Self.edge) == 0)
    #expect(rig.refusal(of: "both", Self.edge) == EIO)
    #expect(try rig.text(Self.edge) == "none\n")
  }

  @Test("An output that requests another edge loses the one it had as an input")
  func edgeOfAnOutput() throws {
    var rig = try Rig()
    try rig.put("both", Self.edge)
    try rig.put("out", Self.direction)
    #expect(rig.refusal(of: "both", Self.edge) == 0, "the same edge again does not reach the chip")
    #expect(rig.refusal(of: "rising", Self.edge) == EIO)
    #expect(try rig.text(Self.edge) == "none\n")
  }

  @Test("An unexport resets edge and active_low; the chip keeps direction and level")
  func unexport() throws {
    var rig = try Rig()
    try rig.put("rising", Self.edge)
    try rig.put("1", Self.activeLow)
    try rig.put("high", Self.direction)
    try rig.put("517", "/gpio/unexport")
    #expect(rig.tree.node(at: Self.value) == nil)
    #expect(try rig.text("/drive/5") == "1\n")
    try rig.put("517", "/gpio/export")
    #expect(try rig.text(Self.edge) == "none\n")
    #expect(try rig.text(Self.activeLow) == "0\n")
    #expect(try rig.text(Self.direction) == "out\n")
  }

  @Test("The idle level is that of the pull resistor")
  func idle() throws {
    var high = try Rig()
    #expect(try high.text(Self.value) == "1\n")
    var low = try Rig(LinesConfiguration(idle: .low))
    #expect(try low.text(Self.value) == "0\n")
    #expect(try low.isEvent(.high) == false, "no edge was requested")
    #expect(try high.isEvent(.low) == false)
  }

  @Test("Files of a new export are refused for the configured time")
  func unreadable() throws {
    var tree = SysfsTree(LinesConfiguration(unreadable: 50))
    let export = try tree.open(.export, flags: O_WRONLY, now: Self.start)
    try tree.write(Array("517".utf8), to: export, now: Self.start)
    let value = SysfsNode.lineFile(5, .value)
    #expect(throws: SysfsTree.Refusal(EACCES)) {
      try tree.open(value, flags: O_RDONLY, now: Self.start.adding(milliseconds: 49))
    }
    _ = try tree.open(value, flags: O_RDONLY, now: Self.start.adding(milliseconds: 50))
  }

  @Test("A file that was never read has an event; a partial read continues the same text")
  func reads() throws {
    var rig = try Rig()
    var file = try rig.tree.open(.lineFile(5, .value), flags: O_RDONLY, now: Self.start)
    #expect(rig.tree.hasEvent(file))
    #expect(try rig.tree.read(&file, from: 0, count: 1) == [UInt8(ascii: "1")])
    rig.tree.drive(5, .low)
    #expect(try rig.tree.read(&file, from: 1, count: 9) == [UInt8(ascii: "\n")])
    #expect(try rig.tree.read(&file, from: 2, count: 9) == [])
    #expect(try rig.tree.read(&file, from: 0, count: 9) == Array("0\n".utf8)[...])
    var label = try rig.tree.open(.chipFile(.label), flags: O_RDONLY, now: Self.start)
    #expect(!rig.tree.hasEvent(label))
    #expect(try rig.tree.read(&label, from: 99, count: 9) == [])
  }

  @Test("The chip's own tree exports by offset, without edges; an export through either tree appears in both")
  func ownTree() throws {
    var rig = try Rig(LinesConfiguration(ownSysfs: true))
    #expect(rig.tree.names(in: .gpio) == ["chip0", "export", "gpiochip512", "unexport", "gpio517"])
    #expect(rig.tree.names(in: .ownChip) == ["export", "label", "ngpio", "unexport", "gpio5"])
    #expect(rig.tree.names(in: .ownLine(5)) == ["direction", "value"])
    #expect(try rig.text("/gpio/chip0/label") == "pinctrl-bcm2711\n")
    #expect(rig.refusal(of: "5", "/gpio/chip0/export") == EBUSY)
    try rig.put("7\n", "/gpio/chip0/export")
    #expect(try rig.text("/gpio/gpio519/value") == "1\n")
    try rig.put("high", "/gpio/chip0/gpio7/direction")
    try rig.put("0", "/gpio/chip0/gpio7/value")
    #expect(try rig.text("/drive/7") == "0\n")
    try rig.put("5", "/gpio/chip0/unexport")
    #expect(rig.tree.node(at: Self.value) == nil)
    #expect(rig.tree.node(at: "/gpio/chip0/base") == nil && rig.tree.node(at: "/gpio/chip0/gpio7/edge") == nil)
  }

  @Test("A kernel without the legacy tree has only the chip's own tree")
  func withoutLegacy() {
    let tree = SysfsTree(LinesConfiguration(legacy: false, ownSysfs: true))
    #expect(tree.names(in: .gpio) == ["chip0"])
    #expect(tree.node(at: "/gpio/export") == nil && tree.node(at: "/gpio/gpiochip512/base") == nil)
  }

  @Test("A LED obeys its trigger until it is removed, and limits its brightness")
  func leds() throws {
    var rig = try Rig(LinesConfiguration(leds: ["ACT", "led0:green"]))
    #expect(rig.tree.names(in: .root) == ["drive", "gpio", "leds"])
    let brightness = "/leds/ACT/brightness"
    let trigger = "/leds/ACT/trigger"
    #expect(try rig.text(trigger) == "none timer heartbeat [mmc0]\n")
    try rig.put("255", brightness)
    #expect(try rig.text("/drive/ACT") == "0\n", "the trigger overwrites the brightness")
    try rig.put("none\n", trigger)
    try rig.put("300\n", brightness)
    #expect(try rig.text("/drive/ACT") == "255\n")
    #expect(try rig.text("/drive/led0:green") == "0\n")
    try rig.put("timer", trigger)
    try rig.put("0", brightness)
    #expect(try rig.text(trigger) == "[none] timer heartbeat mmc0\n", "0 removes the trigger")
    #expect(rig.refusal(of: "party", trigger) == EINVAL)
    #expect(rig.refusal(of: "-1", brightness) == EINVAL)
    #expect(rig.refusal(of: "1", "/drive/ACT") == EACCES)
    #expect(rig.refusal(of: "1", "/leds/ACT/max_brightness") == EACCES)
    #expect(rig.tree.node(at: "/leds/PWR") == nil)
  }

  @Test(
    "Names that resemble those of the tree do not exist",
    arguments: [
      "/gpio/gpio", "/gpio/gpio0517", "/gpio/gpio+517", "/gpio/gpio517/values", "/gpio/gpio517/value/x",
      "/gpio/gpiochip0", "/gpio/gpiochip512/owner", "/drive/58", "/drive/-1", "/drive/05", "/drive/5/x", "/other",
      "/gpio/gpio570", "/gpio/gpio511",
    ])
  func otherNames(path: String) throws {
    let rig = try Rig()
    #expect(rig.tree.node(at: path) == nil)
  }

  @Test("Every listed name exists, and no node has two names")
  func names() throws {
    let rig = try Rig(LinesConfiguration(base: 0, count: 8, withoutEdge: [5]))
    var found: Set<SysfsNode> = []
    func walk(_ path: String) throws {
      let node = try #require(rig.tree.node(at: path), "\(path)")
      #expect(found.insert(node).inserted, "\(path)")
      for name in rig.tree.names(in: node) { try walk(path == "/" ? "/" + name : path + "/" + name) }
    }
    try walk("/")
    #expect(found.count == 3 + 2 + 4 + 4 + 8)
  }

  @Test("Every change of a LED or output is recorded, and no write without a change")
  func lights() throws {
    var rig = try Rig(LinesConfiguration(leds: ["ACT"]))
    try rig.put("none", "/leds/ACT/trigger")
    try rig.put("255", "/leds/ACT/brightness")
    try rig.put("200", "/leds/ACT/brightness")
    try rig.put("0", "/leds/ACT/brightness")
    try rig.put("high", "/gpio/gpio517/direction")
    try rig.put("0", "/gpio/gpio517/value")
    try rig.put("in", "/gpio/gpio517/direction")
    #expect(
      rig.lampChanges.map { "\($0.lamp) \($0.isLit)" } == [
        "led(\"ACT\") true", "led(\"ACT\") false", "line(5) true", "line(5) false",
      ])
  }
}

@Suite struct SysfsTextTests {
  @Test(
    "Numbers are parsed as by the kernel",
    arguments: [
      ("5", 5), ("5\n", 5), ("+5", 5), ("-5", -5), ("010", 8), ("0x1F", 31), ("0", 0), ("5\0junk", 5), ("", nil),
      ("\n", nil), ("5\n\n", nil), (" 5", nil), ("5 ", nil), ("09", nil), ("0x", nil), ("--5", nil), ("0x-5", nil),
      ("five", nil), ("99999999999999999999", nil),
    ] as [(String, Int?)])
  func numbers(text: String, number: Int?) { #expect(SysfsText(Array(text.utf8)).number == number) }

  @Test("Levels are one or more digits 0 and 1")
  func levels() {
    #expect(SysfsText(Array("0101\n".utf8)).levels == [.low, .high, .low, .high])
    #expect(SysfsText(Array("1".utf8)).levels == [.high])
    #expect(SysfsText([]).levels == nil)
    #expect(SysfsText(Array("012".utf8)).levels == nil)
  }
}
