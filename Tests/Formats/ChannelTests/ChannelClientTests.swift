import Encoding
import Posix
import Testing

@testable import Channel

/// The client workflow: each check refuses what it is for, and keeps what was verified before.
@Suite("Following a channel")
struct ChannelClientTests {
  private let repository = Repository()
  private var device: TestDevice

  init() { device = TestDevice(repository) }

  private static let later = WallTime("2027-06-01T00:00:00.000Z")!

  /// Refreshes and returns the error; nil if there is none.
  private mutating func refusal(_ expiry: ChannelClient.Expiry = .strict, at now: WallTime = Repository.start)
    -> ChannelError?
  {
    do throws(ChannelError) {
      try device.refresh(repository, at: now, expiry)
      return nil
    } catch { return error }
  }

  // MARK: Order

  @Test("a first refresh asks for four files, and keeps root, timestamp, snapshot and targets")
  mutating func first() throws {
    try device.refresh(repository)
    #expect(device.requests == ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"])
    #expect(device.versions == [1, 1, 1, 1])
    #expect(device.disk["timestamp.json"] == repository.files["timestamp.json"])
  }

  @Test("without news, root and timestamp are all that is asked for")
  mutating func noNews() throws {
    try device.refresh(repository)
    try device.refresh(repository)
    #expect(device.requests == ["2.root.json", "timestamp.json"])
    repository.timestamp.version += 1
    repository.publishTimestamp()
    try device.refresh(repository)
    #expect(device.requests == ["2.root.json", "timestamp.json"])
    #expect(device.versions == [1, 2, 1, 1])
  }

  @Test("without consistent snapshots, files are asked for by their plain names")
  mutating func plainNames() throws {
    repository.root.consistentSnapshot = false
    repository.publishRoot()
    repository.files["snapshot.json"] = repository.files["1.snapshot.json"]
    repository.files["targets.json"] = repository.files["1.targets.json"]
    device = TestDevice(repository)
    try device.refresh(repository)
    #expect(device.requests == ["2.root.json", "timestamp.json", "snapshot.json", "targets.json"])
  }

  // MARK: Root

  @Test("each new root is signed by the old keys and by its own")
  mutating func rootChain() throws {
    let old = repository.signers["root"]!
    repository.root.version = 2
    repository.setKeys("root", [TestKey(30), TestKey(31), TestKey(32)], threshold: 2)
    repository.publishRoot(also: old)
    repository.root.version = 3
    repository.publishRoot()
    try device.refresh(repository)
    #expect(device.versions[0] == 3)
    #expect(device.requests.prefix(3) == ["2.root.json", "3.root.json", "4.root.json"])
  }

  @Test("a root that the old keys have not signed is refused, and the old one stays")
  mutating func rootWithoutOldKeys() {
    repository.root.version = 2
    repository.setKeys("root", [TestKey(30), TestKey(31)], threshold: 2)
    repository.publishRoot(also: [TestKey(1)])
    #expect(refusal() == .unsigned(file: "2.root.json", threshold: 2))
    #expect(device.versions == [1, nil, nil, nil])
  }

  @Test("a root that its own keys have not signed is refused")
  mutating func rootWithoutNewKeys() {
    let old = repository.signers["root"]!
    repository.root.version = 2
    repository.setKeys("root", [TestKey(30), TestKey(31)], threshold: 2)
    repository.signers["root"] = [TestKey(30)]
    repository.publishRoot(also: old)
    #expect(refusal() == .unsigned(file: "2.root.json", threshold: 2))
    #expect(device.versions[0] == 1)
  }

  @Test("a root with another version than its successor's number is refused")
  mutating func rootVersion() {
    repository.root.version = 3
    repository.publishRoot()
    repository.files["2.root.json"] = repository.files["3.root.json"]
    #expect(refusal() == .version(file: "2.root.json", found: 3, expected: 2))
    repository.files["2.root.json"] = repository.files["1.root.json"]
    #expect(refusal() == .rollback(file: "2.root.json", found: 1, known: 1))
    #expect(device.versions == [1, nil, nil, nil])
  }

  @Test("a trusted root that its own keys have not signed begins nothing")
  mutating func unsignedRoot() {
    repository.signers["root"] = [TestKey(1)]
    repository.publishRoot()
    device = TestDevice(repository)
    #expect(refusal() == .unsigned(file: "root.json", threshold: 2))
    #expect(device.requests.isEmpty)
  }

  @Test("a chain of roots is followed to its limit, and the refresh goes on")
  mutating func endlessRoots() throws {
    for version in 2...ChannelLimit.rotations + 2 {
      repository.root.version = version
      repository.publishRoot()
    }
    try device.refresh(repository)
    #expect(device.versions[0] == ChannelLimit.rotations + 1)
    #expect(device.requests.contains("timestamp.json"))
  }

  // MARK: Timestamp

  @Test("a timestamp that its keys have not signed is refused")
  mutating func unsignedTimestamp() {
    repository.signers["timestamp"] = [TestKey(99)]
    repository.publishTimestamp()
    #expect(refusal() == .unsigned(file: "timestamp.json", threshold: 1))
    #expect(device.versions == [1, nil, nil, nil])
  }

  @Test("an older timestamp is refused under both policies")
  mutating func timestampRollback() throws {
    repository.advance()
    try device.refresh(repository)
    repository.timestamp.version = 1
    repository.publishTimestamp()
    for expiry in [ChannelClient.Expiry.strict, .warn] {
      #expect(refusal(expiry) == .rollback(file: "timestamp.json", found: 1, known: 2))
    }
    #expect(device.versions == [1, 2, 2, 2])
  }

  @Test("a newer timestamp of an older snapshot is refused")
  mutating func snapshotRollback() throws {
    repository.advance()
    try device.refresh(repository)
    repository.snapshot.version = 1
    repository.publishSnapshot()
    repository.timestamp.version = 3
    repository.publishTimestamp()
    #expect(refusal() == .rollback(file: "snapshot.json", found: 1, known: 2))
    #expect(device.versions == [1, 2, 2, 2])
  }

  @Test("another timestamp with the same version changes nothing")
  mutating func sameTimestamp() throws {
    try device.refresh(repository)
    let before = device.disk
    repository.timestamp.snapshot = MetaFile(version: 100)
    repository.publishTimestamp()
    try device.refresh(repository)
    #expect(device.disk == before)
    #expect(device.requests == ["2.root.json", "timestamp.json"])
  }

  @Test("another role's document in the timestamp's place is refused")
  mutating func wrongType() throws {
    repository.signers["snapshot"] = [TestKey(3)]
    repository.publishSnapshot()
    repository.files["timestamp.json"] = repository.files["1.snapshot.json"]
    guard case .malformed("timestamp.json", _)? = refusal() else {
      Issue.record("it was not refused as malformed")
      return
    }
  }

  // MARK: Snapshot

  @Test("a snapshot with another hash, length or version than the timestamp lists is refused")
  mutating func snapshotMismatch() {
    repository.timestamp.snapshot.hashes["sha256"] = String(repeating: "0", count: 64)
    repository.publishTimestamp()
    #expect(refusal() == .mismatch(file: "1.snapshot.json"))
    repository.timestamp.version = 2
    repository.publishSnapshot()
    repository.timestamp.snapshot.length! += 1
    repository.publishTimestamp()
    #expect(refusal() == .mismatch(file: "1.snapshot.json"))
    repository.timestamp.version = 3
    repository.timestamp.snapshot = MetaFile(version: 2)
    repository.files["2.snapshot.json"] = repository.files["1.snapshot.json"]
    repository.publishTimestamp()
    #expect(refusal() == .version(file: "2.snapshot.json", found: 1, expected: 2))
    #expect(device.versions == [1, 3, nil, nil])
  }

  @Test("a snapshot that its keys have not signed is refused, and the timestamp stays")
  mutating func unsignedSnapshot() {
    repository.signers["snapshot"] = [TestKey(99)]
    repository.publishSnapshot()
    repository.publishTimestamp()
    #expect(refusal() == .unsigned(file: "1.snapshot.json", threshold: 1))
    #expect(device.versions == [1, 1, nil, nil])
  }

  @Test("a newer snapshot of older targets is refused, with and without hashes", arguments: [true, false])
  mutating func targetsRollback(_ listsHashes: Bool) throws {
    repository.listsHashes = listsHashes
    repository.advance()
    try device.refresh(repository)
    repository.targets["targets"]!.version = 1
    repository.publishTargets()
    repository.snapshot.version = 3
    repository.timestamp.version = 3
    repository.publishSnapshot()
    repository.publishTimestamp()
    #expect(refusal() == .rollback(file: "targets.json", found: 1, known: 2))
    #expect(device.versions == [1, 3, 2, 2])
  }

  @Test("a snapshot that leaves a role out is refused")
  mutating func removedRole() throws {
    repository.delegate("ro", paths: ["ro/*"], key: 9)
    repository.publishAll()
    try device.refresh(repository)
    repository.snapshot.meta["ro.json"] = nil
    repository.snapshot.version = 2
    repository.timestamp.version = 2
    repository.publishSnapshot()
    repository.publishTimestamp()
    #expect(refusal() == .removed(file: "ro.json"))
    #expect(device.versions == [1, 2, 1, 1])
  }

  // MARK: Targets

  @Test("targets of another snapshot are refused")
  mutating func mixAndMatch() throws {
    repository.advance()
    repository.files["2.targets.json"] = repository.files["1.targets.json"]
    #expect(refusal() == .mismatch(file: "2.targets.json"))
    let plain = Repository()
    plain.listsHashes = false
    plain.advance()
    plain.files["2.targets.json"] = plain.files["1.targets.json"]
    device = TestDevice(plain)
    #expect(throws: ChannelError.version(file: "2.targets.json", found: 1, expected: 2)) {
      try device.refresh(plain)
    }
    #expect(device.versions == [1, 2, 2, nil])
  }

  @Test("targets that their keys have not signed are refused")
  mutating func unsignedTargets() {
    repository.signers["targets"] = [TestKey(99)]
    repository.publishAll()
    #expect(refusal() == .unsigned(file: "1.targets.json", threshold: 1))
    #expect(device.versions == [1, 1, 1, nil])
  }

  @Test("a missing file ends the refresh, and what was verified before it stays")
  mutating func missing() {
    repository.files["1.targets.json"] = nil
    #expect(refusal() == .missing(file: "1.targets.json"))
    #expect(device.versions == [1, 1, 1, nil])
    repository.files["1.snapshot.json"] = nil
    device = TestDevice(repository)
    #expect(refusal() == .missing(file: "1.snapshot.json"))
    repository.files["timestamp.json"] = nil
    #expect(refusal() == .missing(file: "timestamp.json"))
  }

  @Test("a file that is longer than allowed is refused")
  mutating func tooLong() {
    repository.files["timestamp.json"]! += [UInt8](repeating: 0x20, count: ChannelLimit.timestamp)
    #expect(refusal() == .tooLong(file: "timestamp.json", limit: ChannelLimit.timestamp))
    repository.files["2.root.json"] = [UInt8](repeating: 0x20, count: ChannelLimit.root + 1)
    #expect(refusal() == .tooLong(file: "2.root.json", limit: ChannelLimit.root))
  }

  @Test("damaged files on the disk are fetched again")
  mutating func damagedDisk() throws {
    try device.refresh(repository)
    for name in ["timestamp.json", "snapshot.json", "targets.json"] {
      device.disk[name] = Array("{".utf8)
      try device.refresh(repository)
      #expect(device.versions == [1, 1, 1, 1])
    }
  }

  // MARK: Expiry

  @Test("under the strict policy, expired metadata of any role is refused")
  mutating func strictExpiry() {
    let past = WallTime("2026-10-31T23:59:59.000Z")!
    repository.timestamp.expires = past
    repository.publishTimestamp()
    #expect(refusal() == .expired(file: "timestamp.json", past))
    #expect(device.versions == [1, nil, nil, nil])
    repository.timestamp.expires = Repository.end
    repository.snapshot.expires = past
    repository.publishSnapshot()
    repository.publishTimestamp()
    #expect(refusal() == .expired(file: "1.snapshot.json", past))
    #expect(device.versions == [1, 1, nil, nil])
    repository.snapshot.expires = Repository.end
    repository.targets["targets"]!.expires = past
    repository.advance()
    #expect(refusal() == .expired(file: "2.targets.json", past))
    #expect(device.versions == [1, 2, 2, nil])
    repository.root.version = 2
    repository.root.expires = past
    repository.publishRoot()
    #expect(refusal() == .expired(file: "root.json", past))
    #expect(device.versions[0] == 2)
  }

  @Test("metadata ends at the second that it names")
  mutating func expiryBoundary() {
    #expect(refusal(at: Repository.end) == .expired(file: "root.json", Repository.end))
    #expect(refusal(at: WallTime(milliseconds: Repository.end.milliseconds - 1)) == nil)
  }

  @Test("the strict policy notices that no newer timestamp comes")
  mutating func freeze() throws {
    repository.timestamp.expires = WallTime("2026-11-08T00:00:00.000Z")!
    repository.publishTimestamp()
    try device.refresh(repository)
    let now = WallTime("2026-11-09T00:00:00.000Z")!
    #expect(refusal(at: now) == .expired(file: "timestamp.json", repository.timestamp.expires))
    #expect(refusal(.warn, at: now) == nil)
    #expect(device.warnings.map(\.file) == ["timestamp.json"])
  }

  @Test("under the policy of warnings, a wrong clock stops nothing and is reported")
  mutating func warnings() throws {
    try device.refresh(repository, at: Self.later, .warn)
    #expect(device.versions == [1, 1, 1, 1])
    #expect(device.warnings.map(\.file) == ["root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"])
    repository.advance()
    try device.refresh(repository, at: WallTime(milliseconds: 0), .warn)
    #expect(device.versions == [1, 2, 2, 2])
    #expect(device.warnings.isEmpty)
  }

  // MARK: Recovery

  @Test("after an attacker has used up the versions, new keys begin again", arguments: ["timestamp", "snapshot"])
  mutating func fastForward(_ role: String) throws {
    repository.timestamp.version = 1 << 40
    repository.snapshot.version = 1 << 40
    repository.targets["targets"]!.version = 1 << 40
    repository.publishAll()
    try device.refresh(repository)
    repository.root.version = 2
    repository.setKeys("timestamp", [TestKey(40)], threshold: 1)
    if role == "snapshot" { repository.setKeys("snapshot", [TestKey(41)], threshold: 1) }
    repository.publishRoot()
    (repository.timestamp.version, repository.snapshot.version) = (1, 1)
    repository.targets["targets"]!.version = 1
    repository.publishAll()
    try device.refresh(repository)
    #expect(device.versions == [2, 1, 1, 1])
  }

  @Test("a key that is only added opens no way back")
  mutating func addedKey() throws {
    repository.advance()
    try device.refresh(repository)
    repository.root.version = 2
    repository.setKeys("timestamp", [TestKey(3), TestKey(40)], threshold: 1)
    repository.publishRoot()
    repository.timestamp.version = 1
    repository.publishTimestamp()
    #expect(refusal() == .rollback(file: "timestamp.json", found: 1, known: 2))
  }

  @Test("a power cut between a new root and the removal of what it ends is recovered from")
  mutating func cutRotation() throws {
    repository.timestamp.version = 100
    repository.publishTimestamp()
    try device.refresh(repository)
    repository.root.version = 2
    repository.setKeys("timestamp", [TestKey(40)], threshold: 1)
    repository.publishRoot()
    repository.timestamp.version = 1
    repository.publishTimestamp()
    device.disk["root.json"] = repository.files["2.root.json"]
    try device.refresh(repository)
    #expect(device.versions == [2, 1, 1, 1])
  }

  // MARK: Delegations

  @Test("roles are searched in preorder, and the first that offers a target is believed")
  mutating func preorder() throws {
    repository.delegate("a", paths: ["*"], key: 50)
    repository.delegate("b", paths: ["*"], key: 51)
    repository.delegate("c", from: "a", paths: ["*"], key: 52)
    repository.offer("x.kit", by: "c", "of c")
    repository.offer("x.kit", by: "b", "of b")
    repository.publishAll()
    let found1 = try device.find("x.kit", repository).role
    #expect(found1 == "c")
    #expect(device.requests == ["1.a.json", "1.c.json"])
    #expect(throws: ChannelError.noTarget(path: "y.kit")) { try device.find("y.kit", repository) }
    #expect(device.requests == ["1.b.json"])
    let found2 = try device.list(repository).map(\.role)
    #expect(found2 == ["c"])
  }

  @Test("a terminating delegation ends the search")
  mutating func terminating() throws {
    repository.delegate("a", paths: ["*"], key: 50)
    repository.delegate("b", paths: ["*"], key: 51)
    repository.delegate("c", from: "a", paths: ["*"], key: 52, isTerminating: true)
    repository.delegate("d", from: "a", paths: ["*"], key: 53)
    repository.offer("x.kit", by: "b")
    repository.publishAll()
    #expect(throws: ChannelError.noTarget(path: "x.kit")) { try device.find("x.kit", repository) }
    #expect(device.requests == ["1.a.json", "1.c.json"])
    let found3 = try device.list(repository).isEmpty
    #expect(found3)
  }

  @Test("a role offers only what every role above it may offer")
  mutating func paths() throws {
    repository.delegate("ro", paths: ["ro/*"], key: 50)
    repository.delegate("deep", from: "ro", paths: ["*", "bg/*"], key: 51)
    repository.offer("bg/x.kit", by: "deep")
    repository.offer("bg/y.kit", by: "ro")
    repository.offer("ro/z.kit", by: "ro")
    repository.publishAll()
    #expect(throws: ChannelError.noTarget(path: "bg/x.kit")) { try device.find("bg/x.kit", repository) }
    let found4 = try device.list(repository).map(\.path)
    #expect(found4 == ["ro/z.kit"])
  }

  @Test("a cycle of delegations ends")
  mutating func cycle() throws {
    repository.delegate("a", paths: ["*"], key: 50)
    repository.delegate("b", from: "a", paths: ["*"], key: 51)
    repository.delegate("a", from: "b", paths: ["*"], key: 50)
    repository.publishAll()
    #expect(throws: ChannelError.noTarget(path: "x.kit")) { try device.find("x.kit", repository) }
  }

  @Test("a search visits a bounded number of roles")
  mutating func manyRoles() throws {
    for number in 0..<ChannelLimit.roles + 10 { repository.delegate("r\(number)", paths: ["*"], key: 50) }
    repository.publishAll()
    #expect(throws: ChannelError.noTarget(path: "x.kit")) { try device.find("x.kit", repository) }
    #expect(device.requests.count == ChannelLimit.roles - 1)
  }

  @Test("a role's metadata counts only for those that delegated to its keys")
  mutating func diamond() throws {
    repository.delegate("a", paths: ["a/*"], key: 50)
    repository.delegate("b", paths: ["b/*"], key: 51)
    repository.delegate("release", from: "a", paths: ["a/*"], key: 52)
    repository.delegate("release", from: "b", paths: ["b/*"], key: 53)
    repository.signers["release"] = [TestKey(52)]
    repository.offer("a/x", by: "release")
    repository.offer("b/x", by: "release")
    repository.publishAll()
    var client = try device.client()
    try device.advance(&client, repository)
    for path in ["a/x", "b/x"] {
      client.search(for: path)
      try device.advance(&client, repository)
    }
    #expect(try client.target("a/x").role == "release")
    #expect(throws: ChannelError.unsigned(file: "1.release.json", threshold: 1)) { try client.target("b/x") }
  }

  @Test("a role that is not in the snapshot is not asked for")
  mutating func unlisted() throws {
    repository.delegate("a", paths: ["*"], key: 50)
    repository.publishAll()
    repository.snapshot.meta["a.json"] = nil
    repository.publishSnapshot()
    repository.publishTimestamp()
    #expect(throws: ChannelError.missing(file: "a.json")) { try device.find("x.kit", repository) }
    #expect(device.requests.isEmpty)
  }

  @Test("a role that is withheld hides what later roles offer in its place, and nothing else")
  mutating func withheld() throws {
    repository.delegate("ro", paths: ["ro/*"], key: 50)
    repository.delegate("all", paths: ["*", "*/*"], key: 51)
    repository.offer("ro/x.kit", by: "all")
    repository.offer("bg/x.kit", by: "all")
    repository.publishAll()
    repository.files["1.ro.json"] = nil
    #expect(throws: ChannelError.missing(file: "1.ro.json")) { try device.find("ro/x.kit", repository) }
    let found5 = try device.list(repository).map(\.path)
    #expect(found5 == ["bg/x.kit"])
  }

  @Test("delegated metadata with another hash or version, or past its end, is refused")
  mutating func delegatedChecks() throws {
    repository.delegate("a", paths: ["*"], key: 50)
    repository.offer("x.kit", by: "a")
    repository.publishAll()
    let found6 = try device.find("x.kit", repository).name
    #expect(found6 == Digest.sha256("content") + ".x.kit")
    let old = repository.files["1.a.json"]
    repository.advance()
    repository.files["2.a.json"] = old
    #expect(throws: ChannelError.mismatch(file: "2.a.json")) { try device.find("x.kit", repository) }
    repository.targets["a"]!.expires = Repository.start
    repository.advance()
    #expect(throws: ChannelError.expired(file: "3.a.json", Repository.start)) {
      try device.find("x.kit", repository)
    }
  }

  @Test("a target whose hashes are all unknown is refused")
  mutating func unknownHash() throws {
    repository.offer("x.kit")
    repository.targets["targets"]!.targets["x.kit"]!.hashes = ["blake9": "00"]
    repository.publishAll()
    #expect(throws: ChannelError.mismatch(file: "x.kit")) { try device.find("x.kit", repository) }
  }
}
