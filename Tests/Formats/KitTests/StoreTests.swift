import Foundation
import Glibc
import Posix
import Store
import Testing

@testable import Kit
@testable import KitBuilder

@Suite("The store of a device")
struct StoreTests {
  private let directory: Directory
  private let store: Store
  private let publisher: SecretKey

  init() throws {
    directory = try Directory()
    store = Store(directory.file("store"))
    publisher = try Self.key("publisher", in: directory)
    try store.trust(publisher.publicKey)
  }

  private static func key(_ name: String, in directory: Directory) throws -> SecretKey {
    _ = try SecretKey.generate(name: directory.file(name), passphrase: nil)
    return try SecretKey(reading: directory.file("\(name).key")) { _ in nil }
  }

  /// A kit of the given version; other bytes for each.
  private func kit(_ version: String, draft: Bool = false, by key: SecretKey? = nil) throws -> String {
    var manifest = Sample.kit
    (manifest.version, manifest.draft) = (version, draft)
    let path = directory.file("sample-\(version).kit")
    let bundle = Sample.bundle("ro", 3, clips: [Sample.clip(3, "safe-here")], size: 300 + version.utf8.count)
    try Pack.write(manifest, bundles: [bundle], signedBy: key ?? publisher, to: path)
    return path
  }

  private var played: String? { try? store.choose().kit.manifest.version }

  @Test("an installed kit is played, the one before it is the way back, and a second rollback leads forth again")
  func wayBack() throws {
    try store.install(try kit("1.0"))
    try store.install(try kit("1.1"))
    #expect(played == "1.1")
    try store.rollback()
    #expect(played == "1.0")
    try store.rollback()
    #expect(played == "1.1")
  }

  @Test("a kit that is only brought in is played when it is activated, by name and version or by name")
  func activation() throws {
    try store.install(try kit("1.0"))
    var options = Store.InstallOptions()
    options.activate = false
    try store.install(try kit("1.1"), options)
    #expect(played == "1.0")
    try store.activate("sample@1.1")
    #expect(played == "1.1")
    try store.activate("sample@1.0")
    try store.activate("sample")
    #expect(played == "1.1")
    #expect(throws: StoreError.unknown(path: store.path, name: "other", known: ["sample@1.0", "sample@1.1"])) {
      try store.activate("other")
    }
  }

  @Test("the same kit a second time changes nothing, and one that is not played is played then")
  func twice() throws {
    let kit = try kit("1.0")
    try store.install(kit)
    let before = try store.state()
    try store.install(kit)
    #expect(try store.state() == before)
    try store.install(try self.kit("1.0.0+other"))
    try store.install(kit)
    #expect(try store.state().kits.map(\.version) == ["1.0", "1.0.0+other"])
    #expect(played == "1.0")
  }

  @Test("prune leaves the active kit and the one before it, and removes what no decision names")
  func pruning() throws {
    for version in ["1.0", "1.1", "1.2"] { try store.install(try kit(version)) }
    try Files.replace(store.path + "/kits/left-over.kit", with: [1])
    #expect(try store.prune().map(\.version) == ["1.0"])
    #expect(try Files.list(store.path + "/kits").count == 2)
    #expect(played == "1.2")
  }

  @Test("untrusted, DRAFT, damaged, older, recalled: refused, and the store stays as it was")
  func refusals() throws {
    try store.install(try kit("1.1"))
    let before = try store.state()
    func refused(_ path: String, _ expected: (StoreError) -> Bool) {
      do throws(StoreError) {
        try store.install(path)
        Issue.record("\(path) was installed")
      } catch { #expect(expected(error), "\(error)") }
      #expect((try? store.state()) == before)
    }
    let stranger = try kit("2.0", by: try Self.key("stranger", in: directory))
    refused(stranger) { if case .kit(let error) = $0 { error.isUntrusted } else { false } }
    refused(try kit("2.1", draft: true)) { if case .draft = $0 { true } else { false } }
    refused(try kit("1.0.9")) { if case .downgrade = $0 { true } else { false } }
    let damaged = try kit("2.2")
    var bytes = try Files.read(damaged)
    bytes[bytes.count / 2] ^= 1
    try Files.replace(damaged, with: bytes)
    refused(damaged) { if case .kit = $0 { true } else { false } }
    #expect(try Files.list(store.path + "/kits").count == 1)
  }

  @Test("a clip that its inspector refuses keeps the whole kit out")
  func inspected() throws {
    #expect(throws: StoreError.self) { try store.install(try kit("1.0"), inspect: { _, _ in "no Ogg Opus stream" }) }
    #expect(try Files.list(store.path + "/kits").isEmpty)
    #expect(played == nil)
  }

  @Test("a pruned version counts as older all the same")
  func memory() throws {
    for version in ["1.2", "2.0", "2.1"] { try store.install(try kit(version)) }
    try store.prune()
    var options = Store.InstallOptions()
    #expect(throws: StoreError.self) { try store.install(try kit("1.2"), options) }
    options.allowDowngrade = true
    try store.install(try kit("1.2"), options)
    #expect(played == "1.2")
  }

  @Test("damaged active kit: the one before it is played, and it is told why")
  func damagedActive() throws {
    try store.install(try kit("1.0"))
    let installed = try store.install(try kit("1.1"))
    let path = store.path + "/kits/" + installed.file
    try Files.replace(path, with: Array(try Files.read(path).dropLast(100)))
    let choice = try store.choose()
    #expect(choice.kit.manifest.version == "1.0")
    #expect(choice.passedOver.count == 1 && choice.passedOver[0].contains(installed.file))
  }

  @Test("damaged store.json: the decision before it holds")
  func damagedDecision() throws {
    try store.install(try kit("1.0"))
    try store.install(try kit("1.1"))
    for damage in [[], Array("{".utf8), Array("{\"format\":\"other/9\"}".utf8)] as [[UInt8]] {
      try Files.replace(store.path + "/store.json", with: damage)
      #expect(played == "1.0")
    }
    // And what is decided next rests on it.
    try store.activate("sample@1.0")
    try store.install(try kit("1.2"))
    #expect(played == "1.2")
  }

  @Test("a recalled kit is left for the one before it, a recalled clip is told of, an older list is refused")
  func recalls() throws {
    try store.install(try kit("1.0"))
    try store.install(try kit("1.1"))
    let active = try store.choose().kit
    let clip = try #require(active.bundles[0].clips.first).sha256
    var list = RecallList()
    _ = try list.add(Recall(kind: .clip, id: clip, reason: "withdrawn", date: "2026-05-01"))
    let (old, new) = (directory.file("old.json"), directory.file("new.json"))
    try SignedFile.write(try list.json(), to: old, signedBy: publisher, comment: "old")
    _ = try list.add(Recall(kind: .kit, id: active.sha256, reason: "swapped clips", date: "2026-05-02"))
    try SignedFile.write(try list.json(), to: new, signedBy: publisher, comment: "new")

    try store.recall(old)
    #expect(try store.choose().recalledClips == [clip])
    #expect(played == "1.1")
    try store.recall(new)
    #expect(played == "1.0")
    #expect(throws: StoreError.oldIssue(path: old, issue: 1, known: 2)) { try store.recall(old) }
    #expect(throws: StoreError.self) { try store.install(active.path) }
    let stranger = try Self.key("stranger", in: directory)
    let strange = directory.file("strange.json")
    try SignedFile.write(try list.json(), to: strange, signedBy: stranger, comment: "strange")
    #expect(throws: StoreError.self) { try store.recall(strange) }
  }

  @Test("after a change of key the new one is trusted, the old kit plays on, and nothing new of the old key comes in")
  func rotation() throws {
    try store.install(try kit("1.0"))
    let successor = try Self.key("successor", in: directory)
    let statement = directory.file("rotation.json")
    let rotation = KeyRotation(from: publisher.publicKey, to: successor.publicKey, date: "2026-05-01")
    try SignedFile.write(try rotation.json(), to: statement, signedBy: publisher, comment: rotation.comment)
    try store.rotate(statement)
    #expect(played == "1.0")
    #expect(throws: StoreError.self) { try store.install(try kit("1.1")) }
    try store.install(try kit("1.2", by: successor))
    #expect(played == "1.2")
    // The old key speaks no more, not even to say who follows.
    #expect(throws: StoreError.self) { try store.rotate(statement) }
  }

  @Test("a recalled key's kits are not played, and nothing is left to play where all were its own")
  func recalledKey() throws {
    let ministry = try Self.key("ministry", in: directory)
    try store.trust(ministry.publicKey)
    try store.install(try kit("1.0", by: ministry))
    try store.install(try kit("1.1"))
    var list = RecallList()
    _ = try list.add(Recall(kind: .key, id: publisher.publicKey.id.description, reason: "stolen", date: "2026-05-01"))
    let path = directory.file("recalls.json")
    try SignedFile.write(try list.json(), to: path, signedBy: ministry, comment: "key")
    try store.recall(path)
    #expect(played == "1.0")
    #expect(throws: StoreError.self) { try store.install(try kit("1.3")) }
  }

  @Test("no store, nobody trusted, another program at it: an error each, and nothing is made")
  func absent() throws {
    let nowhere = Store(directory.file("nowhere"))
    #expect(throws: StoreError.absent(path: nowhere.path)) { try nowhere.install(try kit("1.0")) }
    #expect(throws: StoreError.absent(path: nowhere.path)) { try nowhere.choose() }
    #expect(!Files.exists(nowhere.path))
    let lock = try FileDescriptor(opening: store.path + "/lock", O_RDWR)
    #expect(flock(lock.raw, LOCK_EX) == 0)
    #expect(throws: StoreError.busy(path: store.path)) { try store.prune() }
  }

  @Test(
    "versions are ordered as people count",
    arguments: [
      ("1.9", "1.10"), ("1.0-rc.1", "1.0"), ("1.0-rc.2", "1.0-rc.10"), ("1", "1.0.1"), ("2026.5", "2026.11"),
      ("1.0-alpha", "1.0-alpha.1"), ("1.0", "1.a"),
    ])
  func versions(lower: String, higher: String) {
    #expect(VersionOrder(lower) < VersionOrder(higher))
    #expect(!(VersionOrder(higher) < VersionOrder(lower)))
  }

  @Test("1 and 1.0.0 are one version, whatever was built of it")
  func sameVersion() {
    #expect(!(VersionOrder("1") < VersionOrder("1.0.0")) && !(VersionOrder("1.0.0") < VersionOrder("1")))
    #expect(!(VersionOrder("1.0+a") < VersionOrder("1.0+b")))
  }
}
