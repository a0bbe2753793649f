import Encoding
import Posix
import Testing

@testable import Channel

@Suite("Metadata")
struct MetadataTests {
  private let repository = Repository()

  private func edited<Role: RoleMetadata>(
    _ role: Role, _ edit: (inout [String: JSONValue]) -> Void
  ) throws(DocumentError) -> Role {
    guard case .object(var fields) = role.json else { return role }
    edit(&fields)
    return try Role(.object(fields))
  }

  @Test("documents parse to what was written, with fields that are not known")
  func roundTrip() throws {
    repository.delegate("ro", paths: ["ro/*"], key: 9, isTerminating: true)
    repository.offer("a.kit")
    repository.targets["targets"]!.targets["a.kit"]!.custom = .object(["kit": .string("a")])
    repository.targets["targets"]!.others["x"] = .integer(1)
    let targets = repository.targets["targets"]!
    #expect(try TargetsRole(targets.json) == targets)
    #expect(try RootRole(repository.root.json) == repository.root)
    #expect(try SnapshotRole(repository.snapshot.json) == repository.snapshot)
    #expect(try TimestampRole(repository.timestamp.json) == repository.timestamp)
    let signed = try SignedMetadata<RootRole>(parsing: repository.trustedRoot)
    #expect(signed.file == repository.trustedRoot)
    #expect(signed.role == repository.root)
  }

  @Test("a signature covers fields that are not known")
  func unknownFields() throws {
    repository.root.others["later"] = .array([.bool(true)])
    repository.publishRoot()
    let signed = try SignedMetadata<RootRole>(parsing: repository.trustedRoot)
    #expect(signed.isSigned(by: signed.role.role("root"), among: signed.role.keys))
    let text = String(decoding: repository.trustedRoot, as: UTF8.self).replacing("true\n  ]", with: "false\n  ]")
    let changed = try SignedMetadata<RootRole>(parsing: Array(text.utf8))
    #expect(changed.canonical != signed.canonical)
    #expect(!changed.isSigned(by: signed.role.role("root"), among: signed.role.keys))
  }

  @Test("the id of a key is the SHA-256 of its canonical form")
  func keyID() throws {
    // The example of the specification's root.json.
    let point = ChannelKey.bytes("66dd78c5c2a78abc6fc6b267ff1a8017ba0e8bfc853dd97af351949bba021275")!
    let key = ChannelKey(ed25519: point)
    let canonical = #"{"keytype":"ed25519","keyval":{"public":""# + Digest.hexadecimal(point)
    #expect(key.id == Digest.sha256(canonical + #""},"scheme":"ed25519"}"#))
    #expect(throws: DocumentError.self) {
      try edited(repository.root) { $0["keys"] = .object([String(repeating: "0", count: 64): key.json]) }
    }
  }

  @Test("a key counts once, under whatever ids it is listed")
  func threshold() throws {
    let (first, second) = (TestKey(20), TestKey(21))
    guard case .object(var fields) = first.key.json else { return }
    fields["note"] = .string("the same key")
    let twin = try ChannelKey(.object(fields), "key")
    #expect(twin.id != first.key.id && twin.point == first.key.point)
    var signed = SignedMetadata(repository.timestamp)
    for id in [first.key.id, twin.id] { signed.add(signature: first.sign(signed.canonical), by: id) }
    let keys = [first.key.id: first.key, twin.id: twin, second.key.id: second.key]
    let role = RoleKeys(keyIDs: [first.key.id, twin.id, second.key.id], threshold: 2)
    #expect(signed.signers(of: role, among: keys) == [first.key.id])
    #expect(!signed.isSigned(by: role, among: keys))
    signed.add(signature: second.sign(signed.canonical), by: second.key.id)
    #expect(signed.isSigned(by: role, among: keys))
  }

  @Test("signatures that are no signatures do not count, and do no harm")
  func badSignatures() throws {
    let (good, bad) = (TestKey(20), TestKey(21))
    var signed = SignedMetadata(repository.timestamp)
    signed.add(signature: [], by: bad.key.id)
    signed.add(signature: good.sign(signed.canonical), by: good.key.id)
    let keys = [good.key.id: good.key, bad.key.id: bad.key]
    #expect(signed.isSigned(by: RoleKeys(keyIDs: [bad.key.id, good.key.id], threshold: 1), among: keys))
    #expect(!signed.isSigned(by: RoleKeys(keyIDs: [bad.key.id, good.key.id], threshold: 2), among: keys))
    #expect(!signed.isSigned(by: RoleKeys(keyIDs: [], threshold: 1), among: keys))
    signed.add(signature: bad.sign(signed.canonical + [0]), by: bad.key.id)
    #expect(!signed.isSigned(by: RoleKeys(keyIDs: [bad.key.id, good.key.id], threshold: 2), among: keys))
  }

  @Test("keys of other types are kept, and never count")
  func otherKeys() throws {
    let value: JSONValue = .object([
      "keytype": .string("rsa"), "scheme": .string("rsassa-pss-sha256"),
      "keyval": .object(["public": .string("-----BEGIN PUBLIC KEY-----")]),
    ])
    let key = try ChannelKey(value, "key")
    #expect(key.point == nil && key.json == value)
    #expect(!key.verifies([UInt8](repeating: 0, count: 64), of: []))
  }

  @Test("two signatures of one key are refused")
  func twoSignatures() throws {
    guard case .object(var fields) = try JSONValue(parsing: repository.trustedRoot),
      case .array(let list) = fields["signatures"]
    else { return }
    fields["signatures"] = .array(list + [list[0]])
    let bytes = JSONValue.object(fields).file
    #expect(throws: DocumentError.self) { try SignedMetadata<RootRole>(parsing: bytes) }
  }

  static let wrong: [(String, JSONValue?)] = [
    ("_type", .string("snapshot")), ("_type", nil), ("spec_version", .string("2.0.0")), ("spec_version", .string("1")),
    ("version", .integer(0)), ("version", .string("1")), ("version", nil), ("expires", .string("2027-01-01")),
    ("expires", .string("2027-02-30T00:00:00Z")), ("expires", .string("2027-01-01T00:00:00.000Z")), ("expires", nil),
  ]

  @Test("a wrong type, specification, version or time is refused", arguments: wrong)
  func common(_ key: String, _ value: JSONValue?) {
    #expect(throws: DocumentError.self) { try edited(repository.root) { $0[key] = value } }
    #expect(throws: DocumentError.self) { try edited(repository.targets["targets"]!) { $0[key] = value } }
    #expect(throws: DocumentError.self) { try edited(repository.timestamp) { $0[key] = value } }
  }

  @Test("a root without a role, a key that a role names twice, and a threshold of 0 are refused")
  func roots() {
    for name in RootRole.roleNames {
      var root = repository.root
      root.roles[name] = nil
      #expect(throws: DocumentError.self) { try RootRole(root.json) }
    }
    var root = repository.root
    root.roles["root"]!.keyIDs += root.roles["root"]!.keyIDs
    #expect(throws: DocumentError.self) { try RootRole(root.json) }
    root = repository.root
    root.roles["root"]!.threshold = 0
    #expect(throws: DocumentError.self) { try RootRole(root.json) }
  }

  static let paths: [String] = ["", "/a", "a/", "a//b", "../a", "a/../b", ".", "a/.", "a\\b", "a\nb"]

  @Test("a target's path leads nowhere else", arguments: paths)
  func targetPaths(_ path: String) {
    #expect(!TargetFile.isPath(path))
    repository.offer(path)
    #expect(throws: DocumentError.self) { try TargetsRole(repository.targets["targets"]!.json) }
  }

  static let patterns: [(String, String, Bool)] = [
    ("foo.tgz", "*.tgz", true), ("targets/foo.tgz", "*.tgz", false), ("targets/foo.tgz", "targets/*.tgz", true),
    ("foo-version-a.tgz", "foo-version-?.tgz", true), ("foo-version-alpha.tgz", "foo-version-?.tgz", false),
    ("README.MD", "*.md", false), ("a/b", "*", false), ("abcabd", "*abd", true), ("é", "?", true), ("", "*", true),
    ("a/b/c", "a/*/c", true), ("aaa", "a*a*a*a", false),
  ]

  @Test("patterns cover paths component by component", arguments: patterns)
  func matching(_ path: String, _ pattern: String, _ isCovered: Bool) {
    #expect(DelegatedRole.matches(path, pattern) == isCovered)
  }

  @Test("a delegation twice, of a top-level role's name, or by a pattern with brackets is refused")
  func delegations() {
    for name in ["root", "timestamp", "snapshot", "targets"] {
      let repository = Repository()
      repository.delegate("ro", paths: ["ro/*"], key: 9)
      repository.targets["targets"]!.delegations!.roles[0].name = name
      #expect(throws: DocumentError.self) { try TargetsRole(repository.targets["targets"]!.json) }
    }
    repository.delegate("ro", paths: ["[a-z]"], key: 9)
    #expect(throws: DocumentError.self) { try TargetsRole(repository.targets["targets"]!.json) }
    repository.targets["targets"]!.delegations!.roles[0].scope = .paths(["a"])
    repository.delegate("ro", paths: ["b"], key: 9)
    #expect(throws: DocumentError.self) { try TargetsRole(repository.targets["targets"]!.json) }
  }

  @Test("hash prefixes cover the paths whose SHA-256 begins with them")
  func hashPrefixes() {
    var role = DelegatedRole(name: "bin", keys: RoleKeys(keyIDs: [], threshold: 1), paths: [])
    role.scope = .hashPrefixes([String(Digest.sha256("a.kit").prefix(3))])
    #expect(role.covers("a.kit") && !role.covers("b.kit"))
  }

  @Test("a role's name cannot lead out of the metadata's directory")
  func names() {
    #expect(ChannelName.metadata("../x", version: 2) == "2...%2Fx.json")
    #expect(ChannelName.metadata("?#é") == "%3F%23%C3%A9.json")
    #expect(ChannelName.target("a/b.kit", hash: "00") == "a/00.b.kit")
    #expect(ChannelName.target("b.kit", hash: nil) == "b.kit")
  }

  @Test("a file is known by each hash that is listed, and by none alone that is not known")
  func hashes() {
    var hash = TargetHash()
    Array("abc".utf8).withUnsafeBytes { hash.add($0) }
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    let sha512 =
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    #expect(hash.matches(["sha256": sha256, "sha512": sha512, "md5": "x"]))
    #expect(hash.matches(["sha512": sha512]))
    #expect(!hash.matches(["sha256": sha256, "sha512": String(sha512.reversed())]))
    #expect(!hash.matches(["md5": "x"]))
    #expect(!hash.matches([:]))
  }
}
