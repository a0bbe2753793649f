import Foundation
import Journal
import Kit
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

  func open(_ policy: JournalFile.Policy = .init(), signedBy key: SecretKey? = nil) throws -> JournalFile {
    try JournalFile(path: path, policy: policy, signedBy: key, at: moment) { [weak self] in self?.told.append($0) }
  }

  /// Writes events, one a second.
  func write(_ file: JournalFile, _ events: JournalEvent...) {
    for event in events {
      pass(seconds: 1)
      file.append(event, at: moment)
    }
  }

  static let kit = "shelter 1.0 \(String(repeating: "a", count: 64))"
  static let ready = JournalEvent.ready(JournalKit(kit, signer: "79F9E4B4FF91325D"))

  static func message(_ prompt: String, _ language: String = "ro") -> JournalMessage {
    JournalMessage(language: language, prompt: prompt, voice: "f1", clip: String(repeating: "c", count: 64))
  }

  static func started(_ prompt: String, _ language: String = "ro") -> JournalEvent {
    .started(message(prompt, language))
  }

  static func ended(
    _ prompt: String, _ outcome: MessageOutcome, in language: String = "ro", heard: Int
  ) -> JournalEvent {
    .ended(message(prompt, language), outcome, heard: heard)
  }

  static func answer(_ prompt: String, _ answer: ListenerAnswer) -> JournalEvent {
    .answer(answer, language: "ro", prompt: prompt, about: nil)
  }

  /// A first contact of a dozen lines.
  static let contact: [JournalEvent] = [
    ready, .language("ro"), started("safe-here"), ended("safe-here", .completed, heard: 2400),
    started("need-doctor"), ended("need-doctor", .stopped, heard: 900), answer("need-doctor", .yes),
    answer("need-doctor", .no), .signal(.notAvailable, language: "ro", prompt: "child-safe"),
    .device(.soundLost, detail: "hw:0: unplugged"), .device(.soundFound, detail: "hw:0"), .terminated,
  ]

  func writeContact(_ policy: JournalFile.Policy = .init()) throws {
    let file = try open(policy)
    for event in Self.contact { write(file, event) }
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
