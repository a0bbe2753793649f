import Foundation
import Kit
import Posix
import Simulator
import Testing

@Suite("The doctor", .serialized)
struct DoctorTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private struct Report: Decodable {
    struct Chip: Decodable { var path: String }
    struct Line: Decodable {
      var button: String
      var access: String?
      var why: String?
      var fault: String?
    }
    struct Part: Decodable { var fault: String? }
    struct Examined: Decodable {
      var lines: [Line]
      var inputs: [Part]
      var leds: [Part]
    }
    var chips: [Chip]
    var leds: [String]
    var board: Examined?
    var faults: Int
  }

  private func report(_ lines: Lines, _ board: Board?) throws -> (status: Int32, report: Report) {
    var arguments = ["doctor", "--json", "--gpio-root", lines.gpioRoot, "--led-root", lines.ledRoot]
    if let board {
      try Files.replace(place.folder + "/board.json", with: try board.json())
      arguments += ["--board", "board.json"]
    }
    let outcome = try Program.run(arguments, in: place.folder)
    return (outcome.status, try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8)))
  }

  @Test("a board in order: how each line is read and why, status 0", .enabled(if: Lines.available))
  func good() throws {
    let lines = try Lines.start(mountedAt: place.folder + "/lines", LinesConfiguration(withoutEdge: [5], leds: ["ACT"]))
    var board = Sandbox.board()
    board.leds = [.init(led: "ACT")]
    let (status, report) = try report(lines, board)
    #expect(status == 0)
    #expect(report.faults == 0)
    #expect(report.leds == ["ACT"])
    #expect(report.chips.map(\.path).contains(lines.gpioRoot + "/gpiochip512"))
    let examined = try #require(report.board)
    #expect(examined.lines.map(\.button).prefix(2) == ["stop", "repeat"])
    #expect(examined.lines[0].access == "sysfs, edges")
    #expect(examined.lines[0].why?.hasSuffix("gpiochip512 has the chip") == true)
    #expect(examined.lines[1].access == "sysfs, on a timer (the line has no interrupt)")
    #expect(examined.lines.last?.access == "sysfs, on a timer (the board says so)")
  }

  @Test("each fault has its line and what to do, status 1", .enabled(if: Lines.available))
  func faults() throws {
    let lines = try Lines.start(
      mountedAt: place.folder + "/lines", LinesConfiguration(inUse: [4], legacy: false, ownSysfs: true))
    try lines.drive(6, .low)
    var board = Sandbox.board()
    board.lines.buttons[1].chip = "elsewhere"
    board.leds = [.init(led: "nowhere")]
    board.inputs = [.init(device: "/dev/input/by-id/none", keys: [.init(code: 1, button: .star)])]
    let (status, report) = try report(lines, board)
    #expect(status == 1)
    #expect(report.faults == 5)
    let examined = try #require(report.board)
    #expect(examined.lines[0].fault?.contains("is in use by a driver") == true)
    #expect(examined.lines[1].fault?.contains("correct the chip in the board file") == true)
    #expect(examined.lines[2].fault?.hasPrefix("it is down") == true)
    #expect(examined.lines[3].fault == nil)
    #expect(examined.lines[3].why?.hasPrefix("no legacy sysfs for the chip; ") == true)
    #expect(examined.inputs[0].fault?.contains("plug it in") == true)
    #expect(examined.leds[0].fault?.contains("nowhere") == true)
  }

  @Test("without a board it tells what there is, and no lines at all are no crash")
  func withoutBoard() throws {
    let outcome = try place.run("doctor", "--gpio-root", "/nowhere", "--led-root", "/nowhere")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("GPIO chips"))
    #expect(!outcome.output.contains("\u{1B}"))
  }

  @Test("a board that is not there is 2, a damaged one 1")
  func badBoards() throws {
    #expect(try place.run("doctor", "--board", "none.json").status == 2)
    try Files.replace(place.folder + "/bad.json", with: Array("{}".utf8))
    let damaged = try place.run("doctor", "--board", "bad.json")
    #expect(damaged.status == 1)
    #expect(damaged.errors.contains("write it again with `firstword board compile`"))
  }
}
