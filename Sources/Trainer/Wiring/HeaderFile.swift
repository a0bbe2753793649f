import Catalogue
import Diagnostics
import Posix

/// Reads a header from YAML: `Hardware/headers/raspberry-pi.yaml`.
public enum HeaderFile {
  /// Reads and validates a header.
  ///
  /// - Throws: `DiagnosticsError` with every error of the file.
  public static func read(_ path: String) throws(DiagnosticsError) -> Header {
    let log = DiagnosticLog()
    let header = YAMLFile.read(path, log: log).flatMap { Header($0) }
    try log.throwErrors()
    guard let header else { throw DiagnosticsError([.unusable(path)]) }
    return header
  }

  /// Reads the header that a board names: next to the board's directory (`../headers`), or else with the catalogue.
  ///
  /// - Parameters:
  ///   - source: the board.
  ///   - catalogue: the directory of the catalogue.
  /// - Returns: nil where the board names no header.
  /// - Throws: where the file is missing or invalid.
  public static func read(for source: BoardSource, catalogue: String) throws(DiagnosticsError) -> Header? {
    guard let header = source.header else { return nil }
    let own = Path(source.path).parent.appending("../headers")
    let directories = [own] + HardwareDirectory.find("headers", catalogue: catalogue)
    for directory in directories {
      let path = directory.appending("\(header.name).yaml")
      if Files.exists(path) { return try read(path.string) }
    }
    let known = Set(directories.flatMap { (try? Files.list($0)) ?? [] }).filter { $0.hasSuffix(".yaml") }
      .map { String($0.dropLast(5)) }.sorted()
    throw DiagnosticsError(
      path: source.path, line: header.line, message: "there is no header '\(header.name)'",
      remedy: known.isEmpty
        ? "name the directory with 'Hardware/headers' by --catalogue" : "write one of \(known.joined(separator: ", "))")
  }
}

/// Where boards and headers lie: with the sources, or installed.
public enum HardwareDirectory {
  /// Returns the directories of a kind that exist, in order of preference.
  ///
  /// - Parameters:
  ///   - kind: `boards` or `headers`.
  ///   - catalogue: the directory of the catalogue.
  public static func find(_ kind: String, catalogue: String) -> [Path] {
    ["Hardware/\(kind)", kind].map { Path(catalogue).appending($0) }.filter { Files.isDirectory($0) }
  }
}

extension Header {
  /// Reads the whole file; nil after adding the errors to the log.
  fileprivate init?(_ root: Field) {
    let keys = ["name", "title", "tried", "sources", "models", "strips"]
    guard let map = root.mapping(keys, optional: ["functions"]) else { return nil }
    let name = map["name"]?.identifier()
    let title = map["title"]?.text(length: 1...60)
    let isTried = map["tried"]?.flag()
    let sources = map["sources"]?.items(count: 1...20) { $0.text(length: 1...200) }
    let functions = map["functions"].or([]) { field -> [Function]? in
      guard let entries = field.entries() else { return nil }
      let functions = entries.compactMap { entry in
        entry.value.text(length: 1...200).map { Function(name: entry.key, remedy: $0) }
      }
      return functions.count == entries.count ? functions : nil
    }
    let models = map["models"]?.items(count: 1...20) { Model($0) }
    let strips = map["strips"]?.items(count: 1...4) { Strip($0) }
    guard let name, let title, let isTried, let sources, let functions, let models, let strips else { return nil }
    self.init(
      name: name, title: title, isTried: isTried, sources: sources, functions: functions, models: models,
      strips: strips)
    let lines = pins.filter { if case .line = $0.kind { true } else { false } }
    if Set(lines.map(\.kind)).count < lines.count {
      root.refuse("two pins have the same line", "give each line one pin")
    }
    for pin in pins where pin.use.map({ use in use != "i2s" && !functions.contains { $0.name == use } }) ?? false {
      root.refuse("pin \(pin.label) has the unknown function '\(pin.use ?? "")'", "add it to 'functions'")
    }
  }
}

extension Header.Strip {
  fileprivate init?(_ field: Field) {
    guard let map = field.mapping(["name", "pins"]) else { return nil }
    guard let name = map["name"]?.text(length: 0...8) else { return nil }
    guard let pins = map["pins"]?.items(count: 2...100, { Header.Pin($0, strip: name) }) else { return nil }
    if pins.map(\.number) != Array(1...pins.count) {
      field.refuse("the pins are not 1 to \(pins.count) in order", "list every pin once")
      return nil
    }
    self.init(name: name, pins: pins)
  }
}

extension Header.Pin {
  private enum Supply: String, CaseIterable {
    case volt3 = "3V3"
    case volt5 = "5V"
    case ground = "GND"
  }

  fileprivate init?(_ field: Field, strip: String) {
    let optional = ["supply", "name", "bank", "line", "use", "signal", "reserved"]
    guard let map = field.mapping(["pin"], optional: optional) else { return nil }
    guard let number = map["pin"]?.integer(in: 1...100) else { return nil }
    if let supply = map["supply"] {
      guard let supply = supply.word(Supply.self) else { return nil }
      let kinds: [Supply: (String, Kind)] = [
        .volt3: ("3.3 V", .supply3V3), .volt5: ("5 V", .supply5V), .ground: ("ground", .ground),
      ]
      let (name, kind) = kinds[supply] ?? ("", .other)
      self.init(strip: strip, number: number, name: name, kind: kind, use: nil, signal: nil, reserved: nil)
      return
    }
    guard let name = map["name"]?.text(length: 1...10) else {
      field.refuse("pin \(number) has neither 'supply' nor 'name'", "add one of them")
      return nil
    }
    let bank = map["bank"].or(0) { $0.integer(in: 0...15) }
    let line = map["line"].or(Int?.none) { $0.integer(in: 0...4095).map(Int?.some) }
    let use = map["use"].or(String?.none) { $0.identifier().map(String?.some) }
    let signal = map["signal"].or(Header.Signal?.none) { $0.word(Header.Signal.self).map(Header.Signal?.some) }
    let reserved = map["reserved"].or(String?.none) { $0.text(length: 1...80).map(String?.some) }
    guard let bank, let line, let use, let signal, let reserved else { return nil }
    self.init(
      strip: strip, number: number, name: name, kind: line.map { .line(bank: bank, offset: $0) } ?? .other, use: use,
      signal: signal, reserved: reserved)
  }
}

extension Header.Model {
  fileprivate init?(_ field: Field) {
    guard let map = field.mapping(["name", "title", "chips"], optional: ["jack", "outline"]) else { return nil }
    let name = map["name"]?.identifier()
    let title = map["title"]?.text(length: 1...60)
    let chips = map["chips"]?.items(count: 1...16) { $0.text(length: 1...64) }
    let jack = map["jack"].or(false) { $0.flag() }
    let outline = map["outline"].or(Header.Outline?.none) { Header.Outline($0).map(Header.Outline?.some) }
    guard let name, let title, let chips, let jack, let outline else { return nil }
    self.init(name: name, title: title, chips: chips, hasJack: jack, outline: outline)
  }
}

extension Header.Outline {
  private static var millimetres: ClosedRange<Double> { 0...400 }

  fileprivate init?(_ field: Field) {
    guard let map = field.mapping(["width", "height", "strips", "sockets"]) else { return nil }
    let width = map["width"]?.number(in: 10...400)
    let height = map["height"]?.number(in: 10...400)
    let strips = map["strips"]?.items(count: 1...4) { field -> (String, Point)? in
      guard let map = field.mapping(["name", "left", "top"]) else { return nil }
      let name = map["name"]?.text(length: 0...8)
      let x = map["left"]?.number(in: Self.millimetres)
      let y = map["top"]?.number(in: Self.millimetres)
      guard let name, let x, let y else { return nil }
      return (name, Point(x: x, y: y))
    }
    let sockets = map["sockets"]?.items(count: 1...20) { Header.Socket($0) }
    guard let width, let height, let strips, let sockets else { return nil }
    self.init(
      width: width, height: height, strips: Dictionary(strips, uniquingKeysWith: { first, _ in first }),
      sockets: sockets)
  }
}

extension Header.Socket {
  fileprivate init?(_ field: Field) {
    guard let map = field.mapping(["name", "side", "from", "to"], optional: ["usb"]) else { return nil }
    let name = map["name"]?.text(length: 1...20)
    let side = map["side"]?.word(Side.self)
    let from = map["from"]?.number(in: 0...400)
    let to = map["to"]?.number(in: 0...400)
    let isUSB = map["usb"].or(false) { $0.flag() }
    guard let name, let side, let from, let to, let isUSB else { return nil }
    self.init(name: name, side: side, from: from, to: to, isUSB: isUSB)
  }
}
