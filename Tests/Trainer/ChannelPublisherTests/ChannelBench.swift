import Channel
import ChannelPublisher
import Encoding
import Foundation
import Kit
import KitBuilder
import Posix

/// A channel in a temporary directory, and its people's keys.
final class ChannelBench {
  let directory: Path
  /// 2026-05-01, and no clock moves it.
  var now = WallTime(milliseconds: 1_777_593_600_000)
  private var keys: [String: SecretKey] = [:]

  init() throws { directory = try Files.makeTemporaryDirectory("firstword-channel") }

  deinit { try? FileManager.default.removeItem(atPath: directory.string) }

  var web: Path { directory.appending("web") }

  /// The key of this name; made when it is first asked for.
  func key(_ name: String) throws -> SecretKey {
    if let key = keys[name] { return key }
    let key = try SecretKey.generate()
    keys[name] = key
    return key
  }

  func named(_ names: String...) throws -> [NamedPublicKey] {
    try names.map { NamedPublicKey(name: $0, key: try key($0).publicKey) }
  }

  /// Makes a channel whose root needs two of three keys.
  func make() throws -> ChannelFolder {
    let online = KeyChoice(try named("online"))
    let choices: [String: KeyChoice] = [
      "root": KeyChoice(try named("anna", "ben", "chris"), threshold: 2), "targets": KeyChoice(try named("kits")),
      "snapshot": online, "timestamp": online,
    ]
    return try ChannelFolder.make(web, choices: choices, now: now)
  }

  /// Makes a channel and publishes it with a kit of version 1.0.
  func published() throws -> ChannelFolder {
    let folder = try make()
    _ = try folder.add(kit: try kit("1.0"), acceptsDrafts: true, now: now)
    try sign(folder, "anna", "ben", "kits")
    return folder
  }

  /// Signs with these keys, and publishes with `online`.
  @discardableResult
  func sign(_ folder: ChannelFolder, _ names: String..., online: [String] = ["online"]) throws
    -> ChannelFolder.Published
  {
    for name in names { _ = try folder.sign(with: try key(name), named: name) }
    return try folder.publish(signedBy: try online.map { try key($0) }, now: now)
  }

  /// Writes a kit of one clip; each version has a different clip.
  func kit(_ version: String, name: String = "sample") throws -> KitFile {
    let path = directory.appending("\(name)-\(version).kit").string
    let manifest = KitManifest(
      name: name, version: version, draft: true, source: "en",
      prompts: [
        KitPrompt(
          number: 3, id: "safe-here", module: "opening", audience: .all, answer: .none, jurisdiction: false,
          title: "safe-here", caution: "", text: "You are safe here with us now.")
      ], bundles: [])
    let clip = Clip(
      prompt: "safe-here", number: 3, voice: "f1", file: "", sha256: "", bytes: 0, frames: 48_000, loudness: -16.02,
      peak: -1.5, onset: 480, status: .draft, synthetic: true, text: "Sunteți în siguranță aici cu noi.",
      back: "You are safe here with us.", wording: "")
    let bundle = BundleManifest(
      tag: "ro", number: 3, english: "Romanian", autonym: "română", script: "Latn", direction: .ltr, regions: ["RO"],
      fallback: [], clips: [])
    let packed = PackedBundle(bundle, clips: [PackedClip(clip, content: Array("a clip of \(version)".utf8))])
    try Pack.write(manifest, bundles: [packed], signedBy: try key("publisher"), to: path)
    return try KitFile(path: path)
  }

  /// Writes a signed recall list of this issue.
  func recalls(issue: Int) throws -> String {
    var list = RecallList()
    for number in 0..<issue {
      _ = try list.add(
        Recall(kind: .clip, id: Digest.sha256("clip \(number)"), reason: "swapped", date: "2026-05-01"))
    }
    let path = directory.appending("recalls-\(issue).json").string
    try SignedFile.write(try list.json(), to: path, signedBy: try key("publisher"), comment: "recalls")
    return path
  }

  func file(_ name: String) -> String { web.appending(name).string }

  // MARK: - A reader

  /// What a reader of a channel sees, who begins with its first root.
  struct View: Equatable {
    var root: Int
    var timestamp: Int
    var snapshot: Int
    var targets: Int
    var files: Set<String>
  }

  /// Why a reader refuses a channel.
  struct Refusal: Error { let why: String }

  /// Follows the channel as TUF's workflow demands, by other code than the publisher's: every signature, version, length
  /// and hash, and every file that is offered.
  func read() throws -> View {
    func metadata<Role>(_ name: String, _ type: Role.Type = Role.self) throws -> (SignedMetadata<Role>, [UInt8])? {
      let path = file("metadata/\(name)")
      guard Files.exists(path) else { return nil }
      let bytes = try Files.read(path)
      return (try SignedMetadata<Role>(parsing: bytes), bytes)
    }
    func demand(_ isTrue: Bool, _ why: String) throws { if !isTrue { throw Refusal(why: why) } }
    guard var (root, _) = try metadata("1.root.json", RootRole.self) else { throw Refusal(why: "no root") }
    try demand(root.isSigned(by: root.role.roles["root"]!, among: root.role.keys), "root 1")
    while let (next, _) = try metadata("\(root.role.version + 1).root.json", RootRole.self) {
      try demand(next.isSigned(by: root.role.roles["root"]!, among: root.role.keys), "old keys of the next root")
      try demand(next.isSigned(by: next.role.roles["root"]!, among: next.role.keys), "new keys of the next root")
      try demand(next.role.version == root.role.version + 1, "version of the next root")
      root = next
    }
    let keys = root.role.keys
    guard let (timestamp, _) = try metadata("timestamp.json", TimestampRole.self) else {
      throw Refusal(why: "no timestamp")
    }
    try demand(timestamp.isSigned(by: root.role.roles["timestamp"]!, among: keys), "timestamp")
    let entry = timestamp.role.snapshot
    guard let (snapshot, bytes) = try metadata("\(entry.version).snapshot.json", SnapshotRole.self) else {
      throw Refusal(why: "no snapshot")
    }
    try demand(snapshot.isSigned(by: root.role.roles["snapshot"]!, among: keys), "snapshot")
    try demand(entry.length == bytes.count && entry.hashes["sha256"] == Digest.sha256(bytes), "snapshot's hash")
    try demand(snapshot.role.version == entry.version, "snapshot's version")
    var files: Set<String> = []
    func targets(_ name: String, _ role: RoleKeys, _ keys: [String: ChannelKey]) throws -> TargetsRole {
      guard let entry = snapshot.role.meta["\(name).json"],
        let (targets, bytes) = try metadata("\(entry.version).\(name).json", TargetsRole.self)
      else { throw Refusal(why: "no \(name)") }
      try demand(targets.isSigned(by: role, among: keys), name)
      try demand(targets.role.version == entry.version, "\(name)'s version")
      try demand(entry.length == bytes.count && entry.hashes["sha256"] == Digest.sha256(bytes), "\(name)'s hash")
      for (path, target) in targets.role.targets {
        let content = try Files.read(file("targets/\(ChannelName.target(path, hash: target.nameHash))"))
        try demand(content.count == target.length && Digest.sha256(content) == target.hashes["sha256"], path)
        files.insert(path)
      }
      return targets.role
    }
    let top = try targets("targets", root.role.roles["targets"]!, keys)
    for delegation in top.delegations?.roles ?? [] {
      let role = try targets(delegation.name, delegation.keys, top.delegations?.keys ?? [:])
      try demand(role.targets.keys.allSatisfy(delegation.covers), "paths of \(delegation.name)")
    }
    return View(
      root: root.role.version, timestamp: timestamp.role.version, snapshot: snapshot.role.version,
      targets: top.version, files: files)
  }
}
