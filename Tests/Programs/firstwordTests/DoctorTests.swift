import Board
import BoardJSON
import Diagnostics
import Foundation
import Posix
import Simulator
import Synchronization
import Testing

@Suite("The doctor", .serialized)
struct DoctorTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private struct Report: Decodable {
    struct Chip: Decodable { var path: String }
    var chips: [Chip]
    var leds: [String]
    var checks: [Diagnostic]
    var errors: Int

    func check(_ name: String) throws -> Diagnostic { try #require(checks.first { $0.path == name }, "\(name)") }
    var wrong: [String] { checks.filter { $0.severity == .error }.map(\.path) }
  }

  private func report(
    _ lines: Lines, _ board: Board?, _ more: [String] = []
  ) throws -> (status: Int32, report: Report) {
    var arguments = ["doctor", "--json", "--gpio-root", lines.gpioRoot, "--led-root", lines.ledRoot, "--pcm", "null"]
    arguments += more
    if let board {
      try Files.replace(place.directory + "/board.json", with: try board.json())
      arguments += ["--board", "board.json"]
    }
    let outcome = try Program.run(arguments, in: place.directory)
    return (outcome.status, try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8)))
  }

  @Test("a board in order: how each line is read and why, status 0", .enabled(if: Lines.available))
  func good() throws {
    let lines = try Lines.start(
      mountedAt: place.directory + "/lines", LinesConfiguration(withoutEdge: [5], leds: ["ACT"]))
    var board = Sandbox.board()
    board.leds = [.init(led: "ACT")]
    let (status, report) = try report(lines, board)
    #expect(status == 0)
    #expect(report.errors == 0)
    #expect(report.leds == ["ACT"])
    #expect(report.chips.map(\.path).contains(lines.gpioRoot + "/gpiochip512"))
    let stop = try report.check("line stop").message
    #expect(stop.hasPrefix("pinctrl-bcm2711:4: sysfs, edges; ") && stop.hasSuffix("gpiochip512 has the chip"))
    #expect(try report.check("line repeat").message.contains("sysfs, on a timer (the line has no interrupt)"))
    #expect(try report.check("line wrong-language").message.contains("sysfs, on a timer (the board says so)"))
    #expect(try report.check("card").severity == .note)
    for name in ["LED ACT", "real time", "memory", "clock", "root"] { _ = try report.check(name) }
  }

  @Test("a plugin that hangs while it opens the card is an error after seconds, and the other checks are made")
  func hangs() throws {
    let faults = place.directory + "/faults"
    let card = CardConfiguration(
      library: try CardConfiguration.findLibrary(), record: place.directory + "/record", control: faults)
    let alsa = try card.write(to: place.directory + "/card.conf")
    try CardControl(path: faults).set([.hangOpen])
    try Files.replace(place.directory + "/board.json", with: try Sandbox.board().json())
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments =
      ["-s", "KILL", "60", try Files.programDirectory().appending("firstword").string, "doctor", "--json"]
      + ["--board", place.directory + "/board.json", "--pcm", CardConfiguration.pcm, "--gpio-root", place.directory]
    process.environment = ProcessInfo.processInfo.environment.merging([CardConfiguration.environmentName: alsa]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 1)
    let report = try JSONDecoder().decode(Report.self, from: bytes)
    let check = try report.check("card")
    #expect(check.severity == .error && check.message.contains("hangs") && check.remedy?.contains("hw:CARD") == true)
    _ = try report.check("memory")
  }

  @Test("each fault has its line and what to do, status 1", .enabled(if: Lines.available))
  func faults() throws {
    let lines = try Lines.start(
      mountedAt: place.directory + "/lines", LinesConfiguration(inUse: [4], legacy: false, ownSysfs: true))
    try lines.drive(6, .low)
    var board = Sandbox.board()
    board.lines.buttons[1].chip = "elsewhere"
    board.leds = [.init(led: "nowhere")]
    board.inputs = [.init(device: "/dev/input/by-id/none", keys: [.init(code: 1, button: .star)])]
    let (status, report) = try report(lines, board)
    #expect(status == 1)
    #expect(
      report.wrong == [
        "line stop", "line repeat", "line next-language", "input /dev/input/by-id/none", "LED nowhere",
      ])
    #expect(try report.check("line stop").message.contains("is in use by a driver"))
    #expect(try report.check("line repeat").message.contains("correct the chip in the board file"))
    #expect(try report.check("line next-language").message.contains("it is down"))
    #expect(try report.check("line previous-language").message.contains("no legacy sysfs for the chip; "))
    #expect(try report.check("input /dev/input/by-id/none").message.contains("plug it in"))
    #expect(try report.check("LED nowhere").message.contains("nowhere"))
  }

  @Test("a line that goes down by itself floats: an error with what to do", .enabled(if: Lines.available))
  func floating() throws {
    let lines = try Lines.start(mountedAt: place.directory + "/lines", LinesConfiguration())
    let isOver = Atomic<Bool>(false)
    let wind = try Posix.Thread("wind") {
      while !isOver.load(ordering: .acquiring) {
        try? lines.drive(5, .low)
        usleep(40_000)
        try? lines.drive(5, .high)
        usleep(40_000)
      }
    }
    defer {
      isOver.store(true, ordering: .releasing)
      wind.join()
    }
    // It may be down just when it is looked at: then it is taken for stuck.
    let (status, report) = try report(lines, Sandbox.board())
    #expect(status == 1)
    #expect(report.wrong == ["line repeat"])
    #expect(try report.check("line repeat").remedy != nil)
  }

  @Test("no card, a DRAFT kit of a stranger, a journal in no directory: each told, with what to do")
  func deviceFaults() throws {
    let sandbox = try Sandbox()
    let lines = try Lines.start(mountedAt: place.directory + "/lines", LinesConfiguration())
    let options = ["--kit", sandbox.kit, "--journal", place.directory + "/none/journal"]
    let (status, report) = try report(lines, Sandbox.board(), options + ["--pcm", "hw:7"])
    #expect(status == 1)
    #expect(report.wrong == ["card", "kit release", "trust", "journal"])
    #expect(try report.check("card").remedy?.contains("aplay -L") == true)
    #expect(try report.check("kit").message.contains("12 clips in 3 languages"))
    let damaged = try sandbox.damagedKit("safe-here", in: "ro")
    let allowed = try self.report(
      lines, Sandbox.board(), ["--kit", damaged, "--trust", sandbox.publicKey, "--allow-draft"])
    #expect(allowed.report.wrong == ["kit"])
    #expect(try allowed.report.check("kit release").severity == .warning)
  }

  @Test("the daemon makes the same checks: 0, 1, and 2 where its board cannot be read")
  func selfTest() throws {
    let sandbox = try Sandbox()
    let lines = try Lines.start(mountedAt: place.directory + "/lines", LinesConfiguration())
    let board = place.directory + "/board.json"
    try Files.replace(board, with: try Sandbox.board().json())
    func test(_ more: String...) throws -> (status: Int32, text: String) {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try DaemonProcess.find())
      process.arguments =
        ["--self-test", "--kit", sandbox.kit, "--gpio-root", lines.gpioRoot, "--led-root", lines.ledRoot] + more
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = FileHandle.nullDevice
      try process.run()
      let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationStatus, text)
    }
    let good = try test(
      "--board", board, "--trust", sandbox.publicKey, "--allow-draft", "--pcm", "null", "--json")
    #expect(good.status == 0, "\(good.text)")
    let checks = try JSONDecoder().decode([Diagnostic].self, from: Data(good.text.utf8))
    #expect(checks.map(\.path).contains("line stop") && checks.map(\.path).contains("trust"))
    let wrong = try test("--board", board, "--pcm", "null")
    #expect(wrong.status == 1)
    #expect(wrong.text.contains("trust: error: "))
    #expect(wrong.text.hasSuffix("2 errors.\n") || wrong.text.contains("2 errors, "))
    #expect(try test("--board", place.directory + "/none.json").status == 2)
  }

  @Test("without a board it lists chips, input devices and LEDs, also where there are none")
  func withoutBoard() throws {
    let outcome = try place.run("doctor", "--gpio-root", "/nowhere", "--led-root", "/nowhere")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("GPIO chips"))
    #expect(!outcome.output.contains("\u{1B}"))
  }

  @Test("a missing board exits with 2, a damaged one with 1")
  func badBoards() throws {
    #expect(try place.run("doctor", "--board", "none.json").status == 2)
    try Files.replace(place.directory + "/bad.json", with: Array("{}".utf8))
    let damaged = try place.run("doctor", "--board", "bad.json")
    #expect(damaged.status == 1)
    #expect(damaged.errors.contains("write it again with `firstword board compile`"))
  }
}
