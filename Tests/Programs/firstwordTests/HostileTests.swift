import Foundation
import Posix
import TestSupport
import Testing

/// Tests/hostile: hostile files for every program that reads files.
@Suite("Hostile files", .serialized)
struct HostileTests {
  @Test(
    "every command and the daemon end by themselves on hostile files, without a crash, and change nothing else",
    .enabled(if: Program.isInstalled("python3") && Program.isInstalled("espeak-ng")))
  func all() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = [SourceTree.path + "/Tests/hostile"]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["FIRSTWORD_PROGRAMS": try Files.programDirectory().string]) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(output.suffix(4000))")
  }
}
