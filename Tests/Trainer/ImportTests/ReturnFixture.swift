import Catalogue
import Diagnostics
import Encoding
import Foundation
import Import
import Kit
import KitBuilder
import Posix
import Project
import Testing

/// A project with a page of a speaker and one of a reviewer, and files as these pages save them.
struct ReturnFixture {
  let place: ImportFixture
  /// The key of the browser.
  let key: SecretKey
  static let booth = String(repeating: "b", count: 32)
  static let review = String(repeating: "c", count: 32)

  init(speakers: String? = nil) throws {
    place = try ImportFixture(["ro"], prompts: ["safe-here", "need-doctor"], speakers: speakers)
    key = try SecretKey.generate()
    try PostLedger.append(
      [
        PostRecord(made: Self.booth, kind: .booth, language: "ro", date: "2026-04-01", contact: "ana@example.org"),
        PostRecord(made: Self.review, kind: .review, language: "ro", date: "2026-04-01"),
      ], to: "\(place.project)/\(PostLedger.name)")
  }

  /// Returns the SHA-256 of a wording of the catalogue.
  func wording(_ item: String) throws -> String {
    Digest.sha256(try #require(Self.catalogue?.wording(item, in: "ro")).text)
  }

  private static let catalogue = try? Catalogue.load(directory: ImportFixture.catalogue, memory: ImportFixture.memory)

  /// Returns a FLAC file of a buzz, with its number of samples.
  func flac(_ sound: Int) throws -> (bytes: [UInt8], samples: Int) {
    let samples = ImportFixture.buzz(seed: sound, seconds: 1.2)
    let name = "sound-\(UUID().uuidString)"
    try Files.create("\(place.given)/\(name).wav", with: ImportFixture.wave(samples))
    #expect(try place.run("ffmpeg", ["-v", "error", "-i", "\(name).wav", "\(name).flac"]) == 0)
    let bytes = try Files.read("\(place.given)/\(name).flac")
    for ending in ["wav", "flac"] { try FileManager.default.removeItem(atPath: "\(place.given)/\(name).\(ending)") }
    return (bytes, samples.count)
  }

  /// Returns what a speaker's page says, with a take of each item.
  func booth(
    _ items: [String] = ["safe-here"], name: String = "Iris", serial: Int = 1, key: SecretKey? = nil
  ) throws -> (content: [String: Any], takes: [String: [UInt8]]) {
    var takes: [[String: Any]] = []
    var files: [String: [UInt8]] = [:]
    for (index, item) in items.enumerated() {
      let (bytes, samples) = try flac(serial * 10 + index)
      files["takes/\(item).flac"] = bytes
      takes.append([
        "item": item, "wording": try wording(item), "file": "takes/\(item).flac", "sha256": Digest.sha256(bytes),
        "rate": ImportFixture.rate, "samples": samples,
      ])
    }
    let content: [String: Any] = [
      "format": "firstword-return/1", "kind": "booth", "page": Self.booth, "project": "p", "language": "ro",
      "serial": serial, "made": "2026-04-20T10:00:00Z", "key": (key ?? self.key).publicKey.base64, "agent": "a browser",
      "name": name, "takes": takes, "notes": [] as [Any],
      "consent": [
        "pseudonym": name, "words": "for people who need help", "voice": "woman", "day": "2026-04-20",
        "withdrawal": try #require(WithdrawalCode.hash(of: "4Q7YK-M2RT9-0XWVB-3HJNE")), "tongue": "en",
      ] as [String: Any],
    ]
    return (content, files)
  }

  /// Returns what a reviewer's page says: yes to the wordings of these items.
  func review(
    _ items: [String] = ["safe-here"], name: String = "Sok D.", serial: Int = 1, key: SecretKey? = nil
  ) throws -> [String: Any] {
    let key = key ?? self.key
    let answers = try items.map { item -> [String: Any] in
      let hash = try wording(item)
      let approval = try Approval(
        hash: hash, kind: .wording, language: "ro", prompt: item, name: name, role: .backTranslator, date: "2026-04-21"
      ).signed(by: key)
      return [
        "item": item, "wording": hash, "kind": "wording", "hash": hash, "verdict": "accepted", "date": "2026-04-21",
        "back": "You are safe.", "signature": approval.signature ?? "",
      ]
    }
    return [
      "format": "firstword-return/1", "kind": "review", "page": Self.review, "project": "p", "language": "ro",
      "serial": serial, "made": "2026-04-21T10:00:00Z", "key": key.publicKey.base64, "agent": "a browser", "name": name,
      "answers": answers,
    ]
  }

  /// Writes a file as a page saves it, and returns its path.
  func save(
    _ content: [String: Any], takes: [String: [UInt8]] = [:], key: SecretKey? = nil, name: String = "return.zip"
  ) throws -> String {
    let key = key ?? self.key
    let bytes = Array(try JSONSerialization.data(withJSONObject: content))
    let comment = "firstword \(content["kind"] ?? "") \(content["page"] ?? "") \(content["serial"] ?? "")"
    let directory = "\(place.directory)/\(UUID().uuidString)"
    var files = takes
    files["return.json"] = bytes
    files["return.json.minisig"] = try key.sign(bytes, trustedComment: comment).file
    files["key.pub"] = key.publicKey.file
    for (name, bytes) in files {
      try Files.makeDirectory(Path("\(directory)/\(name)").parent)
      try Files.create("\(directory)/\(name)", with: bytes)
    }
    let path = "\(place.directory)/\(name)"
    try? FileManager.default.removeItem(atPath: path)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["zip", "-q", "-0", "-X", path, "return.json"] + files.keys.filter { $0 != "return.json" }.sorted()
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    try process.run()
    process.waitUntilExit()
    return path
  }

  /// Plans the import of a file.
  func plan(_ path: String, voice: String? = nil, replaces: Bool = false) throws -> ReturnPlan {
    #expect(PostReturn.isReturn(path))
    return try planner(voice, replaces).plan(try PostReturn(path), try Source(path))
  }

  private func planner(_ voice: String?, _ replaces: Bool) throws -> ReturnPlanner {
    ReturnPlanner(
      try place.workspace(), post: try PostLedger.read("\(place.project)/\(PostLedger.name)"),
      imports: try ImportLedger.read("\(place.project)/\(ImportLedger.name)"), voice: voice, replaces: replaces)
  }

  /// Imports a file.
  @discardableResult
  func take(_ path: String, voice: String? = nil, replaces: Bool = false) throws -> ReturnPlan {
    let (file, source) = (try PostReturn(path), try Source(path))
    let plan = try planner(voice, replaces).plan(file, source)
    let tags = try place.workspace().catalogue.languages.map(\.tag)
    _ = try ReturnTransaction(place.project).carryOut(plan, file, source, tags: tags) { _ in }
    return plan
  }

  /// Returns the message of the refusal of a file.
  func refusal(_ path: String, voice: String? = nil) -> String {
    do {
      _ = try plan(path, voice: voice)
      return "it was not refused"
    } catch { return "\(error)" }
  }
}
