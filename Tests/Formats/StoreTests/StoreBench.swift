import Encoding
import Foundation
import Kit
import KitBuilder
import Posix

@testable import Store

/// A store of one trusted publisher in a temporary directory, and what it can be given.
struct StoreBench {
  let directory: ScratchDirectory
  let store: Store
  let publisher: SecretKey

  init() throws {
    directory = try ScratchDirectory()
    store = Store(directory.file("store"))
    publisher = try Self.key("publisher", in: directory)
    try store.trust(publisher.publicKey)
  }

  /// Makes a spool that takes files.
  func spool() throws -> Spool {
    let spool = Spool(directory.file("spool"))
    try Files.makeDirectory(spool.directory.appending("in"))
    return spool
  }

  /// The version of the kit that is played.
  var played: String? { try? store.snapshot().choose(acceptsDrafts: false).kit.manifest.version }

  private static func key(_ name: String, in directory: ScratchDirectory) throws -> SecretKey {
    if !Files.exists(directory.file("\(name).key")) {
      _ = try SecretKey.generate(name: directory.file(name), passphrase: nil)
    }
    return try SecretKey(reading: directory.file("\(name).key")) { _ in nil }
  }

  /// The key of this name; made when it is first asked for.
  func key(_ name: String) throws -> SecretKey { try Self.key(name, in: directory) }

  /// The point of one key with the id of another.
  static func publicKey(_ key: PublicKey, id other: PublicKey) throws -> PublicKey {
    func bytes(_ key: PublicKey) throws -> Data {
      guard let data = Data(base64Encoded: key.base64) else { throw CocoaError(.fileReadCorruptFile) }
      return data
    }
    let forged = try bytes(other).prefix(10) + bytes(key).dropFirst(10)
    guard let key = PublicKey(base64: forged.base64EncodedString()) else { throw CocoaError(.fileReadCorruptFile) }
    return key
  }

  /// Writes a kit of one clip; each version has a different clip.
  func kit(_ version: String, draft: Bool = false, by key: SecretKey? = nil) throws -> String {
    let path = directory.file("sample-\(version).kit")
    let manifest = KitManifest(
      name: "sample", version: version, draft: draft, source: "en",
      prompts: [
        KitPrompt(
          number: 3, id: "safe-here", module: "opening", audience: .all, answer: .none, jurisdiction: false,
          title: "safe-here", caution: "", text: "You are safe here with us now.")
      ], bundles: [])
    let clip = Clip(
      prompt: "safe-here", number: 3, voice: "f1", file: "", sha256: "", bytes: 0, frames: 48_000, loudness: -16.02,
      peak: -1.5, onset: 480, status: draft ? .draft : .approved, synthetic: draft,
      text: "Sunteți în siguranță aici cu noi.", back: "You are safe here with us.", wording: "")
    let bundle = BundleManifest(
      tag: "ro", number: 3, english: "Romanian", autonym: "română", script: "Latn", direction: .ltr, regions: ["RO"],
      fallback: [], clips: [])
    let content = [UInt8](repeating: 0x2A, count: 300) + Array(version.utf8)
    let packed = PackedBundle(bundle, clips: [PackedClip(clip, content: content)])
    try Pack.write(manifest, bundles: [packed], signedBy: key ?? publisher, to: path)
    return path
  }

  /// Writes a signed recall list with an entry of each kind that is given, and this issue.
  func recalls(
    _ ids: [Recall.Kind: String], by key: SecretKey, issue: Int? = nil, name: String = "recalls.json"
  ) throws -> String {
    var list = RecallList()
    for (kind, id) in ids { _ = try list.add(Recall(kind: kind, id: id, reason: "swapped", date: "2026-05-01")) }
    var text = String(decoding: try list.json(), as: UTF8.self)
    if let issue { text = text.replacing("\"issue\" : \(list.issue)", with: "\"issue\" : \(issue)") }
    let path = directory.file(name)
    try SignedFile.write(Array(text.utf8), to: path, signedBy: key, comment: "recalls")
    return path
  }

  /// Writes a signed statement that a key replaces another.
  func rotation(from old: SecretKey, to new: SecretKey) throws -> String { try rotation(from: old, to: new.publicKey) }

  /// Writes a signed statement that a key replaces another.
  func rotation(from old: SecretKey, to new: SecretKey, name: String) throws -> String {
    try rotation(from: old, to: new.publicKey, name: name)
  }

  /// Writes a signed statement that a key replaces another.
  func rotation(from old: SecretKey, to new: PublicKey, name: String = "rotation.json") throws -> String {
    let rotation = KeyRotation(from: old.publicKey, to: new, date: "2026-05-01")
    let path = directory.file(name)
    try SignedFile.write(try rotation.json(), to: path, signedBy: old, comment: rotation.comment)
    return path
  }

  /// The text of a state with the checksum that it should have.
  static func sealed(_ text: String) throws -> [UInt8] {
    let blank = String(repeating: "0", count: 64)
    let pattern = /"checksum" : "[0-9a-f]{64}"/
    let zeros = text.replacing(pattern, with: "\"checksum\" : \"\(blank)\"")
    return Array(zeros.replacing(blank, with: Digest.sha256(zeros), maxReplacements: 1).utf8)
  }
}
