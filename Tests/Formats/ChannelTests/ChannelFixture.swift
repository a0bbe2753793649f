import CSodium
import Channel
import Encoding
import Posix

/// A key pair that is the same in each run.
struct TestKey {
  let key: ChannelKey
  private let secret: [UInt8]

  init(_ number: UInt8) {
    _ = Sodium.ready
    var (point, secret) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 64))
    crypto_sign_seed_keypair(&point, &secret, [UInt8](repeating: number, count: 32))
    key = ChannelKey(ed25519: point)
    self.secret = secret
  }

  func sign(_ bytes: [UInt8]) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: 64)
    crypto_sign_detached(&signature, nil, bytes, UInt64(bytes.count), secret)
    return signature
  }
}

/// A channel in memory: changes its roles and publishes them as a publisher does, or as an attacker who has the keys.
final class Repository {
  static let start = WallTime("2026-11-01T00:00:00.000Z")!
  static let end = WallTime("2027-01-01T00:00:00.000Z")!

  /// The files of `metadata`, by name.
  var files: [String: [UInt8]] = [:]
  var root: RootRole
  var timestamp: TimestampRole
  var snapshot: SnapshotRole
  var targets: [String: TargetsRole] = ["targets": TargetsRole(version: 1, expires: end)]
  /// The keys that sign each role.
  var signers: [String: [TestKey]] = [
    "root": [TestKey(1), TestKey(2)], "timestamp": [TestKey(3)], "snapshot": [TestKey(4)], "targets": [TestKey(5)],
  ]
  /// Whether snapshot and timestamp list lengths and hashes.
  var listsHashes = true

  init() {
    root = RootRole(version: 1, expires: Self.end, keys: [:], roles: [:])
    snapshot = SnapshotRole(version: 1, expires: Self.end, meta: [:])
    timestamp = TimestampRole(version: 1, expires: Self.end, snapshot: MetaFile(version: 1))
    for (role, keys) in signers { setKeys(role, keys, threshold: keys.count) }
    publishRoot()
    publishAll()
  }

  var trustedRoot: [UInt8] { files["1.root.json"] ?? [] }

  func setKeys(_ role: String, _ keys: [TestKey], threshold: Int) {
    for key in keys { root.keys[key.key.id] = key.key }
    root.roles[role] = RoleKeys(keyIDs: keys.map(\.key.id), threshold: threshold)
    signers[role] = keys
  }

  func signed(_ role: some RoleMetadata, by keys: [TestKey]) -> [UInt8] {
    var metadata = SignedMetadata(role)
    for key in keys { metadata.add(signature: key.sign(metadata.canonical), by: key.key.id) }
    return metadata.file
  }

  /// Publishes the root, signed by these keys and its own.
  func publishRoot(also others: [TestKey] = []) {
    files["\(root.version).root.json"] = signed(root, by: (signers["root"] ?? []) + others)
  }

  func publishTargets(_ role: String = "targets") {
    let metadata = targets[role]!
    let bytes = signed(metadata, by: signers[role] ?? [])
    files["\(metadata.version).\(role).json"] = bytes
    snapshot.meta["\(role).json"] = entry(metadata.version, bytes)
  }

  func publishSnapshot() {
    let bytes = signed(snapshot, by: signers["snapshot"] ?? [])
    files["\(snapshot.version).snapshot.json"] = bytes
    timestamp.snapshot = entry(snapshot.version, bytes)
  }

  func publishTimestamp() { files["timestamp.json"] = signed(timestamp, by: signers["timestamp"] ?? []) }

  private func entry(_ version: Int, _ bytes: [UInt8]) -> MetaFile {
    listsHashes ? MetaFile(version: version, bytes: bytes) : MetaFile(version: version)
  }

  /// Publishes all but the root with their versions as they are.
  func publishAll() {
    for role in targets.keys.sorted() { publishTargets(role) }
    publishSnapshot()
    publishTimestamp()
  }

  /// Raises all versions but the root's and publishes.
  func advance() {
    for role in targets.keys { targets[role]!.version += 1 }
    snapshot.version += 1
    timestamp.version += 1
    publishAll()
  }

  func delegate(
    _ name: String, from parent: String = "targets", paths: [String], key: UInt8, isTerminating: Bool = false
  ) {
    let key = TestKey(key)
    if targets[parent]!.delegations == nil { targets[parent]!.delegations = TargetsRole.Delegations() }
    targets[parent]!.delegations!.keys[key.key.id] = key.key
    targets[parent]!.delegations!.roles.append(
      DelegatedRole(
        name: name, keys: RoleKeys(keyIDs: [key.key.id], threshold: 1), paths: paths, isTerminating: isTerminating))
    if targets[name] == nil { targets[name] = TargetsRole(version: 1, expires: Self.end) }
    signers[name, default: []].append(key)
  }

  func offer(_ path: String, by role: String = "targets", _ text: String = "content") {
    targets[role]!.targets[path] = TargetFile(length: text.utf8.count, sha256: Digest.sha256(text))
  }
}

/// A device that follows a channel in memory.
struct TestDevice {
  /// The metadata that it trusts, as its disk has it.
  var disk: [String: [UInt8]]
  /// The files that it asked for in its last refresh or search.
  var requests: [String] = []
  var warnings: [ChannelClient.Warning] = []

  init(_ repository: Repository) { disk = ["root.json": repository.trustedRoot] }

  func client(
    at now: WallTime = Repository.start, _ expiry: ChannelClient.Expiry = .strict
  ) throws(ChannelError) -> ChannelClient {
    let disk = disk
    return try ChannelClient(trustedRoot: disk["root.json"] ?? [], now: now, expiry: expiry) { disk[$0] }
  }

  mutating func advance(_ client: inout ChannelClient, _ repository: Repository) throws(ChannelError) {
    while let request = client.request {
      requests.append(request.file)
      do throws(ChannelError) {
        for change in try client.receive(repository.files[request.file]) {
          switch change {
          case .keep(let file, let bytes): disk[file] = bytes
          case .remove(let file): disk[file] = nil
          }
        }
      } catch { if !client.isComplete { throw error } }
    }
    warnings = client.warnings
  }

  mutating func refresh(
    _ repository: Repository, at now: WallTime = Repository.start, _ expiry: ChannelClient.Expiry = .strict
  ) throws(ChannelError) {
    requests = []
    var client = try client(at: now, expiry)
    try advance(&client, repository)
  }

  mutating func find(_ path: String, _ repository: Repository) throws(ChannelError) -> ChannelClient.Target {
    var client = try client()
    try advance(&client, repository)
    requests = []
    client.search(for: path)
    try advance(&client, repository)
    return try client.target(path)
  }

  mutating func list(_ repository: Repository) throws(ChannelError) -> [ChannelClient.Target] {
    var client = try client()
    try advance(&client, repository)
    client.searchAll()
    try advance(&client, repository)
    return client.targets { _ in true }
  }

  /// The versions of the trusted metadata: root, timestamp, snapshot, targets.
  var versions: [Int?] {
    [
      version("root", RootRole.self), version("timestamp", TimestampRole.self), version("snapshot", SnapshotRole.self),
      version("targets", TargetsRole.self),
    ]
  }

  private func version<Role: RoleMetadata>(_ name: String, _: Role.Type) -> Int? {
    disk["\(name).json"].flatMap { try? SignedMetadata<Role>(parsing: $0) }?.role.version
  }
}
