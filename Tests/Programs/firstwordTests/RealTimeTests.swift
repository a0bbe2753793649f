import Control
import Foundation
import Glibc
import Posix
import Simulator
import TestSupport
import Testing

/// What the audio thread may not do, asked of the compiler and of the running daemon.
@Suite("The audio thread", .serialized)
struct RealTimeTests {
  /// Sums of `Tests/Support/heapspy` in its file.
  private struct Sums {
    let heap: UInt64
    let rounds: UInt64

    init(_ path: String) throws {
      let bytes = try Files.read(path)
      func sum(_ index: Int) -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(bytes[index * 8 + $1]) << (8 * UInt64($1)) } }
      (heap, rounds) = (sum(0), sum(1))
    }
  }

  @Test(
    "allocates and frees nothing in thousands of rounds: presses, barge-in, stop, volume, and every fault",
    .disabled(if: Sanitizer.isOn, "a sanitizer has to be loaded before all others"))
  func heap() throws {
    let sandbox = try Sandbox()
    let sums = sandbox.directory + "/heap"
    let bench = try sandbox.bench {
      // Short periods: many rounds.
      $0.board.sound.period = 96
      $0.environment = [
        "LD_PRELOAD": try Files.programDirectory().appending("libheapspy.so").string, "HEAPSPY_FILE": sums,
        "HEAPSPY_THREAD": "audio",
      ]
    }
    let client = bench.client
    #expect(try bench.waitForStatus { $0.sound })
    _ = try client.ask(.press, button: "next-language")
    let before = try Sums(sums)
    try #require(before.heap > 0, "heapspy sees the thread's beginning, or it sees nothing")
    let faults: [[CardFault]] = [
      [.xrun(1)], [.suspend(1)], [.refuseRewind], [.unplugged], [], [.xrun(2), .refuseRewind],
    ]
    var turn = 0
    while try Sums(sums).rounds - before.rounds < 4_000 {
      for button in ["safe-here", "need-doctor", "louder", "wrong-language", "stop", "quieter", "repeat", "quiet"] {
        _ = try client.ask(.press, button: button)
        try bench.rest(until: .now.adding(milliseconds: 20))
      }
      try bench.control.set(faults[turn % faults.count])
      turn += 1
      // Without a card it has nothing to do.
      if turn % faults.count == 5 { #expect(try bench.waitForStatus { $0.sound }) }
      try #require(turn < 400, "the audio thread does not turn")
    }
    #expect(turn > faults.count)
    let after = try Sums(sums)
    #expect(after.heap == before.heap, "\(after.heap - before.heap) calls in \(after.rounds - before.rounds) rounds")
  }

  #if compiler(>=6.2)
    /// Compiles the sources of Playback as a whole, without optimization, as `change` makes them; what the compiler
    /// says against it.
    private func compile(_ change: (String) -> String = { $0 }) throws -> String {
      let repository = SourceTree.path
      let place = try Workplace()
      var sources: [String] = []
      for name in try Files.list(repository + "/Sources/Device/Playback") {
        let text = String(decoding: try Files.read("\(repository)/Sources/Device/Playback/\(name)"), as: UTF8.self)
        sources.append("\(place.directory)/\(name)")
        try Files.replace(sources.last!, with: Array((name == "RenderLoop.swift" ? change(text) : text).utf8))
      }
      let headers = ["CALSA", "CLinux", "COpusFile"].flatMap { ["-I", "\(repository)/Sources/CLibraries/\($0)"] }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments =
        ["swiftc", "-swift-version", "6", "-parse-as-library", "-module-name", "Playback", "-wmo", "-Onone", "-c"]
        + [
          "-o", "\(place.directory)/playback.o", "-I", try Files.programDirectory().appending("Modules").string, "-I",
          "/usr/include/opus",
        ]
        + headers + sources
      let log = place.directory + "/log"
      try Files.replace(log, with: [])
      process.standardError = FileHandle(forWritingAtPath: log)
      try process.run()
      process.waitUntilExit()
      let said = String(decoding: try Files.read(log), as: UTF8.self)
      #expect((process.terminationStatus == 0) == !said.contains("error:"))
      return said
    }

    @Test("neither allocates nor locks, says the compiler")
    func compiler() throws {
      let said = try compile()
      #expect(!said.contains("error:"), "\(said)")
    }

    @Test(
      "the compiler would find an array, a print, and a call into C that nobody has vouched for",
      arguments: [
        ("_ = [Int16](repeating: 0, count: position)", "allocat"), ("print(position)", "error:"),
        ("_ = getpid()", "error:"),
      ])
    func compilerFinds(_ statement: String, _ complaint: String) throws {
      let begin = "  private mutating func inspect(now: Int64, events: borrowing Ring<PlaybackEvent>) {\n"
      let said = try compile { $0.replacingOccurrences(of: begin, with: begin + "    \(statement)\n") }
      #expect(said.contains("error:") && said.contains(complaint), "\(said)")
    }
  #endif
}
