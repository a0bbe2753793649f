import Encoding
import Foundation
import Kit
import Posix
import Project
import Testing

/// A file as a page that went by post saves it, without a browser.
struct PostedFile {
  /// The directory in which it is made.
  let directory: String
  /// The key of the browser.
  let key: SecretKey
  /// The withdrawal code of its speaker.
  static let code = "4Q7YK-M2RT9-0XWVB-3HJNE"

  init(in directory: String) throws {
    self.directory = directory
    key = try SecretKey.generate()
  }

  /// Saves what a speaker's page saves, with a take of each item, and returns its path.
  ///
  /// - Parameters:
  ///   - project: the project that made the page; the last page of its post ledger is taken.
  ///   - sounds: the samples by item.
  func booth(_ project: String, name: String = "Iris", serial: Int = 1, _ sounds: [String: [Float]]) throws -> String {
    var files: [String: [UInt8]] = [:]
    var takes: [[String: Any]] = []
    for (item, samples) in sounds.sorted(by: { $0.key < $1.key }) {
      let bytes = try flac(samples)
      files["takes/\(item).flac"] = bytes
      takes.append([
        "item": item, "wording": Digest.sha256(try Words.text(item, in: "ro")), "file": "takes/\(item).flac",
        "sha256": Digest.sha256(bytes), "rate": 48_000, "samples": samples.count,
      ])
    }
    let consent: [String: Any] = [
      "pseudonym": name, "words": "<b>only</b> for people who need help", "voice": "woman", "day": "2026-04-20",
      "withdrawal": try #require(WithdrawalCode.hash(of: Self.code)),
    ]
    return try save(
      project, .booth, ["name": name, "serial": serial, "takes": takes, "notes": [String](), "consent": consent], files)
  }

  /// Saves what a reviewer's page saves: yes to the wordings of these items.
  func review(_ project: String, name: String = "Sok D.", serial: Int = 1, _ items: [String]) throws -> String {
    let answers = try items.map { item -> [String: Any] in
      let hash = Digest.sha256(try Words.text(item, in: "ro"))
      let approval = try Approval(
        hash: hash, kind: .wording, language: "ro", prompt: item, name: name, role: .backTranslator, date: "2026-04-21"
      ).signed(by: key)
      return [
        "item": item, "wording": hash, "kind": "wording", "hash": hash, "verdict": "accepted", "date": "2026-04-21",
        "back": "You are safe.", "signature": approval.signature ?? "",
      ]
    }
    return try save(project, .review, ["name": name, "serial": serial, "answers": answers], [:])
  }

  private func flac(_ samples: [Float]) throws -> [UInt8] {
    let stem = "\(directory)/\(UUID().uuidString)"
    try Files.create("\(stem).wav", with: StudioSound.wave(samples))
    try run("ffmpeg", ["-v", "error", "-i", "\(stem).wav", "\(stem).flac"], in: directory)
    return try Files.read("\(stem).flac")
  }

  private func save(
    _ project: String, _ kind: PostRecord.Kind, _ content: [String: Any], _ files: [String: [UInt8]]
  ) throws -> String {
    let ledger = try PostLedger.read("\(project)/\(PostLedger.name)")
    let made = ledger.entries.last { $0.act == .made && $0.kind == kind }
    let page = try #require(made).page
    var content = content
    content["format"] = "firstword-return/1"
    content["kind"] = kind.rawValue
    content["page"] = page
    content["language"] = "ro"
    content["made"] = "2026-04-20T10:00:00Z"
    content["key"] = key.publicKey.base64
    content["agent"] = "a browser"
    let bytes = Array(try JSONSerialization.data(withJSONObject: content))
    let comment = "firstword \(kind.rawValue) \(page) \(content["serial"] ?? 0)"
    var all = files
    all["return.json"] = bytes
    all["return.json.minisig"] = try key.sign(bytes, trustedComment: comment).file
    all["key.pub"] = key.publicKey.file
    let place = "\(directory)/\(UUID().uuidString)"
    for (name, bytes) in all {
      try Files.makeDirectory(Path("\(place)/\(name)").parent)
      try Files.create("\(place)/\(name)", with: bytes)
    }
    let path = "\(place).zip"
    let names = ["return.json"] + all.keys.filter { $0 != "return.json" }.sorted()
    try run("zip", ["-q", "-0", "-X", path] + names, in: place)
    return path
  }

  private func run(_ program: String, _ arguments: [String], in place: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: place)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(program)")
  }
}
