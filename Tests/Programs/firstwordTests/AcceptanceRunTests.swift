import Board
import BoardJSON
import Foundation
import Kit
import Posix
import Simulator
import Testing

@Suite("firstword doctor --acceptance", .serialized)
struct AcceptanceRunTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  private struct Report: Decodable {
    struct Row: Decodable {
      var button: String
      var presses: Int
      var heard: [String]
    }
    var facts: [String: String]
    var buttons: [Row]
    var errors: Int
  }

  private func start(_ bench: Bench, _ more: [String]) throws -> Process {
    try Files.replace(sandbox.directory + "/board.json", with: try bench.board.json())
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Files.programDirectory().appending("firstword").string)
    let words = ["doctor", "--acceptance", "sheet.html", "--socket", bench.socket, "--board", "board.json", "--json"]
    process.arguments = words + ["--card", "none.json"] + more
    process.currentDirectoryURL = URL(fileURLWithPath: sandbox.directory)
    try Files.replace(sandbox.directory + "/out", with: [])
    process.standardOutput = FileHandle(forWritingAtPath: sandbox.directory + "/out")
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  private func report() throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(try Files.read(sandbox.directory + "/out")))
  }

  @Test("follows each press on simulated lines and what sounded after it, and writes the sheet to sign")
  func whole() throws {
    let bench = try sandbox.bench()
    let process = try start(bench, ["--wait", "60"])
    let buttons = bench.board.lines.buttons.map(\.button)
    // It may begin to listen after the first presses.
    while process.isRunning {
      for button in buttons where process.isRunning {
        try bench.press(button)
        if button == .control(.nextLanguage) { _ = try bench.waitForEnd() }
      }
    }
    #expect(process.terminationStatus == 0 || process.terminationStatus == 1)
    let report = try report()
    #expect(report.buttons.map(\.button) == buttons.map(\.description))
    #expect(report.buttons.allSatisfy { $0.presses > 0 })
    #expect(report.buttons.contains { $0.heard.contains { $0.hasSuffix("completed") } })
    #expect(report.facts["Kit"] == "sounds 1.0 DRAFT" && report.facts["Board"]?.hasSuffix("for trials") == true)
    let sheet = String(decoding: try Files.read(sandbox.directory + "/sheet.html"), as: UTF8.self)
    #expect(
      sheet.contains("Signature") && sheet.components(separatedBy: "class=\"box\"").count == 2 * buttons.count + 1)
    _ = try bench.finish()
  }

  @Test("without a press the run ends by itself: each button is a finding, status 1")
  func nobody() throws {
    let bench = try sandbox.bench()
    let process = try start(bench, ["--wait", "1"])
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(try report().errors > bench.board.lines.buttons.count)
    _ = try bench.finish()
  }
}
