import Foundation
import Kit
import Posix
import Testing

/// What a file goes through before it has its name, as the kernel was asked for it: a power cut at any moment leaves
/// the old file or the new. No test can cut the power; but the order of the calls decides.
@Suite("A file that is replaced", .enabled(if: Program.isInstalled("strace"), "strace is not installed"))
struct DiskOrderTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// Opens, syncs and renames that name a file of the folder, in order.
  private func trace(_ arguments: String...) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/strace")
    let log = place.folder + "/trace"
    process.arguments =
      ["-f", "-y", "-qq", "-e", "trace=openat,write,fsync,fdatasync,rename,renameat,renameat2", "-o", log]
      + [try Files.programFolder() + "/firstword"] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: place.folder)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  private func index(_ calls: [String], _ name: String, _ words: String...) throws -> Int {
    try #require(
      calls.lastIndex { call in call.contains(" \(name)(") && words.allSatisfy { call.contains($0) } },
      "\(name) \(words): \(calls.filter { $0.contains("board.json") || $0.contains("sync") })")
  }

  @Test("its content is on the disk before it has its name, and its name is on the disk before the program ends")
  func order() throws {
    let board =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path + "/Hardware/boards/headless.yaml"
    let calls = try trace("board", "compile", board, "-o", place.folder + "/board.json")
    let written = try index(calls, "write", "board.json.part")
    let synced = try index(calls, "fsync", "board.json.part")
    let renamed = try index(calls, "rename", "board.json.part", "/board.json\"")
    let named = try index(calls, "fsync", "<\(place.folder)>")
    #expect(written < synced && synced < renamed && renamed < named)
  }
}
