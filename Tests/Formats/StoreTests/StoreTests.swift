import Foundation
import Glibc
import Kit
import Posix
import Store
import Testing

@Suite("The store of a device")
struct StoreTests {
  private let bench: StoreBench
  private var directory: ScratchDirectory { bench.directory }
  private var store: Store { bench.store }
  private var publisher: SecretKey { bench.publisher }
  private var played: String? { bench.played }

  init() throws { bench = try StoreBench() }

  private func kit(_ version: String, draft: Bool = false, by key: SecretKey? = nil) throws -> String {
    try bench.kit(version, draft: draft, by: key)
  }

  @Test("an installed kit is played, rollback returns to the previous one, and a second rollback undoes the first")
  func wayBack() throws {
    try store.install(try kit("1.0"))
    try store.install(try kit("1.1"))
    #expect(played == "1.1")
    try store.rollback()
    #expect(played == "1.0")
    try store.rollback()
    #expect(played == "1.1")
  }

  @Test("a kit that is installed without activation is played after activation by name and version or by name")
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

  @Test("installing the same kit again changes nothing but activates it")
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

  @Test("prune keeps the active and the previous kit, and removes the store's own files that the state does not name")
  func pruning() throws {
    for version in ["1.0", "1.1", "1.2"] { try store.install(try kit(version)) }
    for name in ["left-over-1.0-0123456789abcdef.kit", "incoming.part"] {
      try Files.replace(store.path + "/kits/" + name, with: [1])
    }
    #expect(try store.prune().map(\.version) == ["1.0"])
    #expect(try Files.list(store.path + "/kits").count == 2)
    #expect(played == "1.2")
  }

  @Test("a device that accepts no drafts plays the last kit that is none, and prune keeps it")
  func drafts() throws {
    var options = Store.InstallOptions()
    options.allowDraft = true
    try store.install(try kit("1.0"))
    for version in ["1.1", "1.2"] { try store.install(try kit(version, draft: true), options) }
    #expect(try store.snapshot().choose(acceptsDrafts: true).kit.manifest.version == "1.2")
    let choice = try store.snapshot().choose(acceptsDrafts: false)
    #expect(choice.kit.manifest.version == "1.0")
    #expect(choice.passedOver.count == 2 && choice.passedOver.allSatisfy(\.isAboutDrafts))
    #expect(try store.prune().isEmpty)
    #expect(played == "1.0")
  }

  @Test("a kit that is open is refused once it is recalled, and no other")
  func refusalOfAnOpenKit() throws {
    try store.install(try kit("1.0"))
    let open = try store.snapshot().choose(acceptsDrafts: false).kit
    #expect(try store.snapshot().refusal(of: open) == nil)
    var list = RecallList()
    _ = try list.add(Recall(kind: .kit, id: open.sha256, reason: "swapped clips", date: "2026-05-02"))
    let path = directory.file("recalls.json")
    try SignedFile.write(try list.json(), to: path, signedBy: publisher, comment: "r")
    try store.recall(path)
    #expect(try store.snapshot().refusal(of: open) != nil)
    #expect(try store.snapshot().refusal(of: try KitFile(path: try kit("1.1"))) == nil)
  }

  @Test("a kit that lies in the store's own directory is installed, and no file that is not the store's own is removed")
  func sourceInside() throws {
    try store.install(try kit("1.0"))
    let inside = store.path + "/kits/"
    try FileManager.default.moveItem(atPath: try kit("1.1"), toPath: inside + "sample-1.1.kit")
    try Files.replace(inside + "notes.txt", with: [1])
    try store.install(inside + "sample-1.1.kit")
    #expect(played == "1.1")
    #expect(Files.exists(inside + "sample-1.1.kit"))
    try store.prune()
    #expect(Files.exists(inside + "sample-1.1.kit") && Files.exists(inside + "notes.txt"))
  }

  @Test("a kit in the store's own directory stays though it has a name of the store's own form and is refused")
  func refusedInside() throws {
    try store.install(try kit("1.0"))
    let source = store.path + "/kits/sample-1.1-0123456789abcdef.kit"
    try FileManager.default.moveItem(atPath: try kit("1.1"), toPath: source)
    #expect(throws: StoreError.self) { try store.install(source, inspect: { _, _ in "it is silent" }) }
    #expect(Files.exists(source))
    try store.install(source)
    #expect(played == "1.1" && Files.exists(source))
    // Nor is the copy of an interrupted installation its own source.
    let copy = store.path + "/kits/incoming.part"
    try FileManager.default.moveItem(atPath: try kit("1.2"), toPath: copy)
    #expect(throws: StoreError.ownCopy(path: copy)) { try store.install(copy) }
    #expect(played == "1.1" && Files.exists(copy))
  }

  @Test("an untrusted, draft, damaged, older or recalled kit is refused, and the store stays unchanged")
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
    let stranger = try kit("2.0", by: try bench.key("stranger"))
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

  @Test("a clip that the inspector refuses makes the kit refused")
  func inspected() throws {
    #expect(throws: StoreError.self) { try store.install(try kit("1.0"), inspect: { _, _ in "no Ogg Opus stream" }) }
    #expect(try Files.list(store.path + "/kits").isEmpty)
    #expect(played == nil)
  }

  @Test("the highest version counts even after it was pruned")
  func memory() throws {
    for version in ["1.2", "2.0", "2.1"] { try store.install(try kit(version)) }
    try store.prune()
    var options = Store.InstallOptions()
    #expect(throws: StoreError.self) { try store.install(try kit("1.2"), options) }
    options.allowDowngrade = true
    try store.install(try kit("1.2"), options)
    #expect(played == "1.2")
  }

  @Test("if the active kit is damaged, the previous one is played and the reason reported")
  func damagedActive() throws {
    try store.install(try kit("1.0"))
    let installed = try store.install(try kit("1.1"))
    let path = store.path + "/kits/" + installed.file
    try Files.replace(path, with: Array(try Files.read(path).dropLast(100)))
    let choice = try store.snapshot().choose(acceptsDrafts: false)
    #expect(choice.kit.manifest.version == "1.0")
    #expect(choice.passedOver.count == 1 && choice.passedOver[0].description.contains(installed.file))
  }

  @Test("if store.json is damaged, the state before it holds")
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

  @Test("a recalled kit is skipped for the previous one, recalled clips are reported, and an older list is refused")
  func recalls() throws {
    try store.install(try kit("1.0"))
    try store.install(try kit("1.1"))
    let active = try store.snapshot().choose(acceptsDrafts: false).kit
    let clip = try #require(active.bundles[0].clips.first).sha256
    var list = RecallList()
    _ = try list.add(Recall(kind: .clip, id: clip, reason: "withdrawn", date: "2026-05-01"))
    let (old, new) = (directory.file("old.json"), directory.file("new.json"))
    try SignedFile.write(try list.json(), to: old, signedBy: publisher, comment: "old")
    _ = try list.add(Recall(kind: .kit, id: active.sha256, reason: "swapped clips", date: "2026-05-02"))
    try SignedFile.write(try list.json(), to: new, signedBy: publisher, comment: "new")

    try store.recall(old)
    #expect(try store.snapshot().choose(acceptsDrafts: false).recalledClips == [clip])
    #expect(played == "1.1")
    try store.recall(new)
    #expect(played == "1.0")
    #expect(throws: StoreError.oldIssue(path: old, issue: 1, known: 2)) { try store.recall(old) }
    #expect(throws: StoreError.self) { try store.install(active.path) }
    let stranger = try bench.key("stranger")
    let strange = directory.file("strange.json")
    try SignedFile.write(try list.json(), to: strange, signedBy: stranger, comment: "strange")
    #expect(throws: StoreError.self) { try store.recall(strange) }
  }

  @Test("after a key rotation the new key is trusted, the old kit still plays, and new kits of the old key are refused")
  func rotation() throws {
    try store.install(try kit("1.0"))
    let successor = try bench.key("successor")
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

  @Test("kits of a recalled key are not played, even if no other kit is left")
  func recalledKey() throws {
    let ministry = try bench.key("ministry")
    try store.trust(ministry.publicKey, recallsAll: true)
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

  @Test("a missing or locked store is an error, and nothing is created")
  func absent() throws {
    let nowhere = Store(directory.file("nowhere"))
    #expect(throws: StoreError.absent(path: nowhere.path)) { try nowhere.install(try kit("1.0")) }
    #expect(throws: StoreError.absent(path: nowhere.path)) { try nowhere.snapshot() }
    #expect(!Files.exists(nowhere.path))
    let lock = try FileDescriptor(opening: store.path + "/lock", O_RDWR)
    #expect(flock(lock.raw, LOCK_EX) == 0)
    #expect(throws: StoreError.busy(path: store.path)) { try store.prune() }
  }
}
