import Board
import BoardJSON
import CatalogueFixture
import Diagnostics
import Encoding
import Foundation
import Testing

@testable import Catalogue

/// The reader of the YAML and the reader of the JSON have one table of limits.
@Suite struct BoardLimitsTests {
  /// A value for a key. The path in the JSON is that in the YAML unless it is given.
  private struct Edit {
    let yaml: String
    let json: String
    let value: Any

    init(_ yaml: String, json: String? = nil, _ value: Any) {
      self.yaml = yaml
      self.json = json ?? yaml
      self.value = value
    }
  }

  /// A board in which every key is given. JSON is YAML too.
  private static let base = """
    {"name": "b", "use": "trial",
    "sound": {"pcm": "x", "channels": 2, "period": 64, "buffer": 9600, "stream": "running", "sleep": 10, "lead": 0,
    "gain": 0, "volume": {"default": -6, "floor": -30, "ceiling": 0, "quiet": -40, "step": 3},
    "mixer": {"card": "x", "element": "y"}},
    "presses": {"hold": 800, "guard": 400, "stuck": 30, "digits": 3000},
    "lines": {"chip": "a", "lockout": 30, "poll": 10,
    "buttons": [{"chip": "a", "line": 0, "debounce": 0, "button": "stop"}]},
    "inputs": [{"device": "/dev/x", "keys": [{"code": 1, "button": "repeat", "label": "x",
    "place": {"row": 1, "column": 1, "rows": 1, "columns": 1}}]},
    {"name": "pad", "keys": [{"code": 1, "button": "repeat"}]}],
    "leds": [{"led": "ACT"}, {"chip": "b", "line": 1}], "journal": {"size": 64, "days": 1}}
    """

  private let scratch: Scratch
  private let catalogue: Catalogue
  private let json: [UInt8]

  init() throws {
    scratch = try Scratch()
    catalogue = try Repository.catalogue()
    json = try BoardFile.read(try scratch.write("base.yaml", Self.base), catalogue: catalogue).json()
  }

  /// Returns a document with one value replaced; numbers in the path are indices of lists.
  private func replaced(_ document: Any, _ path: ArraySlice<Substring>, by value: Any) -> Any {
    guard let key = path.first else { return value }
    if var list = document as? [Any], let index = Int(key) {
      list[index] = replaced(list[index], path.dropFirst(), by: value)
      return list
    }
    var map = document as? [String: Any] ?? [:]
    map[String(key)] = replaced(map[String(key)] ?? [:], path.dropFirst(), by: value)
    return map
  }

  private func edited(_ text: some Sequence<UInt8>, _ edits: [(path: String, value: Any)]) throws -> Data {
    var document = try JSONSerialization.jsonObject(with: Data(text))
    for edit in edits { document = replaced(document, edit.path.split(separator: ".")[...], by: edit.value) }
    return try JSONSerialization.data(withJSONObject: document, options: [.sortedKeys, .withoutEscapingSlashes])
  }

  /// Expects that both readers accept the base board with these values, or that both refuse it.
  private func expect(_ isAccepted: Bool, _ edits: Edit..., at location: SourceLocation = #_sourceLocation) throws {
    let what = edits.map { "\($0.yaml) = \(String("\($0.value)".prefix(60)))" }.joined(separator: ", ")
    let yaml = try edited(Self.base.utf8, edits.map { ($0.yaml, $0.value) })
    let path = try scratch.write("b.yaml", String(decoding: yaml, as: UTF8.self))
    var errors: [String] = []
    do throws(DiagnosticsError) { _ = try BoardFile.read(path, catalogue: catalogue) } catch {
      errors.append("\(error)")
    }
    #expect(errors.isEmpty == isAccepted, "YAML: \(what): \(errors)", sourceLocation: location)
    errors = []
    let compiled = Array(try edited(json, edits.map { ($0.json, $0.value) }))
    do throws(DocumentError) { _ = try Board(json: compiled) } catch { errors.append("\(error)") }
    #expect(errors.isEmpty == isAccepted, "JSON: \(what): \(errors)", sourceLocation: location)
  }

  private func expectEdges(_ range: ClosedRange<Int>, _ yaml: String, json: String? = nil) throws {
    for value in [range.lowerBound, range.upperBound] { try expect(true, Edit(yaml, json: json, value)) }
    for value in [range.lowerBound - 1, range.upperBound + 1] { try expect(false, Edit(yaml, json: json, value)) }
  }

  @Test("YAML and JSON accept and refuse the same whole numbers")
  func numbers() throws {
    typealias Limits = Board.Limits
    try expectEdges(Limits.channels, "sound.channels")
    try expectEdges(Limits.period, "sound.period")
    try expectEdges(Limits.buffer, "sound.buffer")
    try expectEdges(Limits.sleep, "sound.sleep")
    try expectEdges(Limits.lead, "sound.lead")
    try expectEdges(Limits.hold, "presses.hold")
    try expectEdges(Limits.guardTime, "presses.guard")
    try expectEdges(Limits.stuck, "presses.stuck")
    try expectEdges(Limits.digits, "presses.digits")
    try expectEdges(Limits.lockout, "lines.lockout")
    try expectEdges(Limits.poll, "lines.poll")
    try expectEdges(Limits.line, "lines.buttons.0.line")
    try expectEdges(Limits.debounce, "lines.buttons.0.debounce")
    try expectEdges(Limits.keyCode, "inputs.0.keys.0.code")
    for key in ["row", "column", "rows", "columns"] { try expectEdges(Limits.grid, "inputs.0.keys.0.place.\(key)") }
    try expectEdges(Limits.line, "leds.1.line", json: "leds.1.output.line")
    try expectEdges(Limits.journalSize, "journal.size")
    try expectEdges(Limits.journalDays, "journal.days")
  }

  @Test("YAML and JSON accept and refuse the same volumes")
  func volumes() throws {
    let volume = "sound.volume."
    for accepted in [-60, -12.5, 0] { try expect(true, Edit("sound.gain", accepted)) }
    for refused in [-60.5, 0.5] { try expect(false, Edit("sound.gain", refused)) }
    try expect(false, Edit(volume + "ceiling", 0.5))
    try expect(true, Edit(volume + "floor", -60))
    try expect(false, Edit(volume + "floor", -60.5))
    try expect(false, Edit(volume + "floor", -3), Edit(volume + "ceiling", -6))
    for (value, isAccepted) in [(-30, true), (-30.5, false), (0, true)] {
      try expect(isAccepted, Edit(volume + "default", json: volume + "standard", value))
    }
    for (value, isAccepted) in [(-60, true), (-60.5, false), (-6, true), (-5.5, false)] {
      try expect(isAccepted, Edit(volume + "quiet", value))
    }
    for (value, isAccepted) in [(0.25, false), (0.5, true), (12, true), (12.5, false)] {
      try expect(isAccepted, Edit(volume + "step", value))
    }
  }

  @Test("YAML and JSON have the same rules between values")
  func rules() throws {
    try expect(true, Edit("sound.period", 480), Edit("sound.buffer", 960))
    try expect(false, Edit("sound.period", 480), Edit("sound.buffer", 959))
    try expect(true, Edit("presses.hold", 1999), Edit("presses.stuck", 2))
    try expect(false, Edit("presses.hold", 2000), Edit("presses.stuck", 2))
    try expect(true, Edit("presses.hold", 300), Edit("lines.lockout", 299))
    try expect(false, Edit("presses.hold", 300), Edit("lines.lockout", 300))
    try expect(true, Edit("sound.map", "left"))
    try expect(false, Edit("sound.map", "left"), Edit("sound.channels", 1))
    try expect(false, Edit("lines.buttons.0.access", "sysfs"), Edit("lines.buttons.0.bias", "up"))
    try expect(false, Edit("inputs.0.device", "kbd"))
    try expect(false, Edit("leds.0.led", "../ACT"))
    try expect(
      false, Edit("leds.1.chip", json: "leds.1.output.chip", "a"), Edit("leds.1.line", json: "leds.1.output.line", 0))
  }

  @Test("YAML and JSON accept and refuse texts of the same lengths, in characters")
  func lengths() throws {
    typealias Limits = Board.Limits
    let texts: [(ClosedRange<Int>, yaml: String, json: String)] = [
      (Limits.device, "sound.pcm", "sound.pcm"), (Limits.device, "sound.mixer.card", "sound.mixer.card"),
      (Limits.element, "sound.mixer.element", "sound.mixer.element"),
      (Limits.chip, "lines.buttons.0.chip", "lines.buttons.0.chip"), (Limits.device, "inputs.1.name", "inputs.1.name"),
      (Limits.label, "inputs.0.keys.0.label", "inputs.0.keys.0.label"), (Limits.led, "leds.0.led", "leds.0.led"),
      (Limits.chip, "leds.1.chip", "leds.1.output.chip"),
    ]
    for (range, yaml, json) in texts {
      for (count, isAccepted) in [(0, false), (1, true), (range.upperBound, true), (range.upperBound + 1, false)] {
        try expect(isAccepted, Edit(yaml, json: json, String(repeating: "é", count: count)))
      }
    }
    for (count, isAccepted) in [(1, true), (Limits.device.upperBound, true), (Limits.device.upperBound + 1, false)] {
      try expect(isAccepted, Edit("inputs.0.device", "/" + String(repeating: "x", count: count - 1)))
    }
    for (name, isAccepted) in [
      (String(repeating: "x", count: 40), true), (String(repeating: "x", count: 41), false), ("", false), ("B", false),
      ("a-b", true), ("a--b", false), ("a-", false), ("-a", false), ("é", false),
    ] { try expect(isAccepted, Edit("name", name)) }
  }

  @Test("YAML and JSON accept and refuse the same numbers of lines, input devices, keys and LEDs")
  func counts() throws {
    typealias Limits = Board.Limits
    func lines(_ count: Int) -> [[String: Any]] {
      (0..<count).map {
        ["chip": "a", "line": $0, "button": "stop", "active": "low", "access": "auto", "timed": false, "debounce": 0]
      }
    }
    func keys(_ count: Int) -> [[String: Any]] { (0..<count).map { ["code": 1 + $0, "button": "repeat"] } }
    func inputs(_ count: Int) -> [[String: Any]] { Array(repeating: ["name": "pad", "keys": keys(1)], count: count) }
    // No catalogue has 256 buttons, so that only the refusal can be compared.
    try expect(false, Edit("lines.buttons", lines(Limits.lines + 1)))
    try expect(true, Edit("inputs", inputs(Limits.inputs)))
    try expect(false, Edit("inputs", inputs(Limits.inputs + 1)))
    try expect(true, Edit("inputs.0.keys", keys(Limits.keys)))
    try expect(false, Edit("inputs.0.keys", keys(Limits.keys + 1)))
    let shows = Board.LED.State.allCases.map { ($0.rawValue, "steady") }
    let patterns = Dictionary(uniqueKeysWithValues: shows)
    for (count, isAccepted) in [(Limits.leds, true), (Limits.leds + 1, false)] {
      let yaml = Array(repeating: patterns.merging(["led": "ACT"]) { $1 }, count: count)
      try expect(
        isAccepted, Edit("leds", yaml), json: Array(repeating: ["led": "ACT", "shows": patterns], count: count))
    }
  }

  /// As `expect(_:_:)`, for a key whose form differs between YAML and JSON.
  private func expect(
    _ isAccepted: Bool, _ edit: Edit, json value: Any, at location: SourceLocation = #_sourceLocation
  ) throws {
    let path = try scratch.write(
      "b.yaml", String(decoding: try edited(Self.base.utf8, [(edit.yaml, edit.value)]), as: UTF8.self))
    let isYAMLAccepted = (try? BoardFile.read(path, catalogue: catalogue)) != nil
    let isJSONAccepted = (try? Board(json: Array(try edited(json, [(edit.json, value)])))) != nil
    #expect((isYAMLAccepted, isJSONAccepted) == (isAccepted, isAccepted), "\(edit.yaml)", sourceLocation: location)
  }
}
