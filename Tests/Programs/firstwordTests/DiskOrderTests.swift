import Foundation
import Posix
import TestSupport
import Testing

/// What a file goes through before it has its name, as the disk was asked for it: a power cut at any moment leaves the
/// old file or the new. No test can cut the power; but the order of the calls decides.
@Suite("A file that is replaced")
struct DiskOrderTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func index(_ calls: [DiskCall], _ verb: String, _ paths: String...) throws -> Int {
    try #require(calls.lastIndex { $0.verb == verb && $0.paths == paths }, "\(verb) \(paths): \(calls)")
  }

  @Test(
    "its content is synced before it is renamed, and the directory before the program ends",
    .disabled(if: Sanitizer.isOn, "a sanitizer has to be loaded before all others"))
  func order() throws {
    let board =
      SourceTree.path + "/Hardware/boards/headless.yaml"
    let calls = try DiskCall.made(
      by: ["board", "compile", board, "-o", place.directory + "/board.json"], in: place.directory,
      below: place.directory)
    let written = try index(calls, "write", "board.json.part")
    let synced = try index(calls, "sync", "board.json.part")
    let renamed = try index(calls, "rename", "board.json.part", "board.json")
    let named = try index(calls, "syncdir", ".")
    #expect(written < synced && synced < renamed && renamed < named)
  }
}
