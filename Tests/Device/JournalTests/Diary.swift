import Foundation
import Journal
import Posix

/// A journal in a directory of its own, and clocks that a test sets.
final class Diary {
  let directory = FileManager.default.temporaryDirectory.path + "/firstword-journal-\(UUID().uuidString.prefix(8))"
  var path: String { directory + "/journal.jsonl" }
  var moment = JournalMoment(
    wall: WallTime("2026-03-01T10:00:00.000Z")!, monotonic: Monotonic(nanoseconds: 5_000_000_000), boot: "boot-1")
  /// What was told to people.
  private(set) var told: [String] = []

  init() throws { try Files.makeDirectory(directory) }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// By both clocks.
  func pass(seconds: Int64) {
    moment.wall.milliseconds += seconds * 1000
    moment.monotonic.nanoseconds += seconds * 1_000_000_000
  }

  /// As when the device is off for so long.
  func restart(_ boot: String, off seconds: Int64 = 60) {
    moment.wall.milliseconds += seconds * 1000
    moment.monotonic = Monotonic(nanoseconds: 3_000_000_000)
    moment.boot = boot
  }

  func open(_ policy: JournalFile.Policy = .init()) throws -> JournalFile {
    try JournalFile(path: path, policy: policy, at: moment) { [weak self] in self?.told.append($0) }
  }

  /// A second passes before it.
  func write(_ file: JournalFile, _ contents: JournalContent...) {
    for content in contents {
      pass(seconds: 1)
      file.append(content, at: moment)
    }
  }

  static let kit = "shelter 1.0 \(String(repeating: "a", count: 64))"
  static let ready = JournalContent(event: "ready", kit: kit, signer: "79F9E4B4FF91325D")
  static let end = JournalContent(event: "end")

  static func message(_ event: String, _ prompt: String, _ language: String = "ro", heard: Int? = nil) -> JournalContent
  {
    .init(
      event: event, language: language, prompt: prompt, clip: String(repeating: "c", count: 64), heard: heard,
      voice: "f1")
  }

  static func answer(_ prompt: String, _ answer: String, _ language: String = "ro", about: String? = nil)
    -> JournalContent
  {
    .init(event: "answer", language: language, prompt: prompt, detail: answer, judge: "responder", about: about)
  }

  /// A first contact of a dozen lines.
  static let contact: [JournalContent] = [
    ready, .init(event: "language", language: "ro"), message("started", "safe-here"),
    message("completed", "safe-here", heard: 2400), message("started", "need-doctor"),
    message("stopped", "need-doctor", heard: 900), answer("need-doctor", "yes"), answer("need-doctor", "no"),
    .init(event: "signal", language: "ro", prompt: "child-safe", detail: "not-available"),
    .init(event: "sound-lost", detail: "hw:0: unplugged"), .init(event: "sound-found", detail: "hw:0"), end,
  ]

  func writeContact(_ policy: JournalFile.Policy = .init()) throws {
    let file = try open(policy)
    for content in Self.contact { write(file, content) }
  }

  /// All its files.
  var files: [String] {
    ((try? Files.list(directory)) ?? []).filter { $0.hasPrefix("journal.jsonl") }.map { "\(directory)/\($0)" }
  }

  func read() throws -> JournalReading { try JournalReading(files) }

  func lines() throws -> [[UInt8]] { try Files.read(path).split(separator: 0x0A).map(Array.init) }

  func replace(_ lines: [[UInt8]]) throws {
    try Files.replace(path, with: Array(lines.map { $0 + [0x0A] }.joined()))
  }
}
