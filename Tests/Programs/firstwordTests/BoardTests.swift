import Foundation
import Posix
import TestSupport
import Testing

@Suite("firstword board")
struct BoardTests {
  private let place: Workplace
  private let boards = SourceTree.path + "/Hardware/boards"

  init() throws { place = try Workplace() }

  @Test("list names every board with its hardware, also as JSON")
  func list() throws {
    let table = try place.run("board", "list")
    #expect(table.status == 0, "\(table.output)")
    for text in ["raspberry-pi-zero", "Raspberry Pi Zero 2 W", "BeagleBone Black", "any Linux with 1 input device"] {
      #expect(table.output.contains(text), "\(table.output)")
    }
    let json = try place.run("board", "list", "--json")
    let rows = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]], "\(json.output)")
    let files = try Files.list(boards).filter { $0.hasSuffix(".yaml") }
    #expect(rows.count == files.count)
    let own = try #require(rows.first { $0["name"] as? String == "listener-buttons" })
    #expect(own["listenerButtons"] as? Int == 5 && own["buttons"] as? Int == 19 && own["use"] as? String == "trial")
  }

  @Test(
    "check wires the board, and refuses a conflict in one line with file, line and remedy; draw writes nothing then")
  func conflict() throws {
    let good = try place.run("board", "check", boards + "/raspberry-pi.yaml")
    #expect(good.status == 0 && good.output.contains("17 parts with wires, no conflict"), "\(good.output)")
    let text = String(decoding: try Files.read(boards + "/raspberry-pi.yaml"), as: UTF8.self)
    let changed = text.replacingOccurrences(of: "{ line: 16, button: may-stop", with: "{ line: 2, button: may-stop")
    try Files.replace(place.directory + "/b.yaml", with: Array(changed.utf8))
    let checked = try place.run("board", "check", "b.yaml")
    #expect(checked.status == 1, "\(checked.output)")
    let line = try #require(checked.errors.split(separator: "\n").first { $0.contains("b.yaml:") }, "\(checked.errors)")
    #expect(line.contains("'may-stop' is on pin 3 (GPIO2), which is I2C: choose a free line, such as 4 (pin 7)"))
    let drawn = try place.run("board", "draw", "b.yaml", "-o", "w.html")
    #expect(drawn.status == 1 && !Files.exists(place.directory + "/w.html"), "\(drawn.output)")
    // The compiled board has no header: the daemon does not care.
    #expect(try place.run("board", "compile", "b.yaml", "-o", "b.json").status == 0)
  }

  @Test("draw writes HTML and SVG, labels write HTML, and other endings are refused")
  func files() throws {
    let html = try place.run("board", "draw", boards + "/listener-buttons.yaml", "-o", "w.html")
    #expect(html.status == 0 && html.output.contains("23 parts with wires"), "\(html.output)")
    let svg = try place.run("board", "draw", boards + "/number-pad.yaml", "-o", "w.svg")
    #expect(svg.status == 0 && svg.output.contains("18 keys"), "\(svg.output)")
    let picture = String(decoding: try Files.read(place.directory + "/w.svg"), as: UTF8.self)
    #expect(picture.hasPrefix("<?xml"))
    let labels = try place.run(
      "board", "labels", boards + "/raspberry-pi.yaml", "--language", "German", "--size", "30", "-o", "l.html")
    #expect(labels.status == 0 && labels.output.contains("14 labels, de"), "\(labels.output)")
    #expect(try place.run("board", "draw", boards + "/number-pad.yaml", "-o", "w.png").status == 64)
    #expect(try place.run("board", "labels", boards + "/number-pad.yaml", "--size", "900", "-o", "l.html").status == 64)
    #expect(
      try place.run("board", "labels", boards + "/number-pad.yaml", "--language", "ro", "-o", "l.html").status == 2)
    #expect(try place.run("board", "draw", "none.yaml", "-o", "w.html").status == 2)
  }
}
