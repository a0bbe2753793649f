import Foundation
import Glibc
import Kit
import Posix
import Testing

@testable import Store

@Suite("The rule of the highest version")
struct VersionRuleTests {
  private let bench: StoreBench
  private var store: Store { bench.store }
  private var document: String { store.path + "/store.json" }

  init() throws { bench = try StoreBench() }

  private func refuses(_ kit: String) -> Bool {
    do throws(StoreError) {
      try store.install(kit)
      return false
    } catch {
      if case .downgrade = error { return true }
      Issue.record("\(error)")
      return true
    }
  }

  @Test("a version of a leaked key bars no kit of the key that replaces it")
  func rotation() throws {
    try store.install(try bench.kit("99.0.0"))
    #expect(refuses(try bench.kit("1.1")))
    let successor = try bench.key("successor")
    try store.rotate(try bench.rotation(from: bench.publisher, to: successor))
    #expect(bench.played == "99.0.0")
    try store.install(try bench.kit("1.2", by: successor))
    #expect(bench.played == "1.2")
    // The new key has a rule of its own, also once the kits are gone.
    try store.prune()
    #expect(refuses(try bench.kit("1.1", by: successor)))
  }

  @Test("a version of a recalled key bars no kit of another key")
  func recall() throws {
    let ministry = try bench.key("ministry")
    try store.trust(ministry.publicKey, recallsAll: true)
    try store.install(try bench.kit("99.0.0"))
    try store.recall(try bench.recalls([.key: bench.publisher.publicKey.id.description], by: ministry))
    #expect(bench.played == nil)
    try store.install(try bench.kit("1.0", by: ministry))
    #expect(bench.played == "1.0")
    #expect(throws: StoreError.self) { try store.install(try bench.kit("99.1.0")) }
  }

  @Test("two publishers that use the same name do not bar each other")
  func twoPublishers() throws {
    let other = try bench.key("other")
    try store.trust(other.publicKey)
    try store.install(try bench.kit("2.0"))
    try store.install(try bench.kit("1.0", by: other))
    #expect(bench.played == "1.0")
    #expect(refuses(try bench.kit("1.9")))
    #expect(refuses(try bench.kit("0.9", by: other)))
  }

  @Test("a key that is trusted again after its replacement has its rule as before")
  func trustedAgain() throws {
    try store.install(try bench.kit("2.0"))
    try store.rotate(try bench.rotation(from: bench.publisher, to: try bench.key("successor")))
    try store.trust(bench.publisher.publicKey)
    #expect(refuses(try bench.kit("1.9")))
  }

  @Test("an older version that an operator installs leaves the rule as it was, and so does the loss of store.json")
  func marksStay() throws {
    try store.install(try bench.kit("1.0"))
    try store.install(try bench.kit("2.0"))
    #expect(unlink(document) == 0)
    #expect(bench.played == "1.0")
    #expect(refuses(try bench.kit("1.9")))
    var options = Store.InstallOptions()
    options.allowDowngrade = true
    try store.install(try bench.kit("1.1"), options)
    #expect(bench.played == "1.1")
    #expect(refuses(try bench.kit("1.9")))
  }

  @Test("a document of an earlier version keeps its rule, which a rotation ends, and earlier versions read a new one")
  func earlierVersions() throws {
    try store.install(try bench.kit("2.0"))
    let written = String(decoding: try Files.read(document), as: UTF8.self)
    #expect(written.contains("\"highest\" : {\n    \"sample\" : \"2.0\"\n  }"))
    let range = try #require(written.firstRange(of: /,\n  "versions" : \{\n.*\n.*\n    \}\n  \}/))
    for name in ["store.json", "store.json.old"] {
      try Files.replace(
        store.path + "/" + name, with: try StoreBench.sealed(written.replacingCharacters(in: range, with: "")))
    }
    #expect(try store.snapshot().fault == nil)
    #expect(refuses(try bench.kit("1.9")))
    let successor = try bench.key("successor")
    try store.rotate(try bench.rotation(from: bench.publisher, to: successor))
    #expect(!String(decoding: try Files.read(document), as: UTF8.self).contains("\"sample\" : \"2.0\"\n  }"))
    try store.install(try bench.kit("1.8", by: successor))
    #expect(bench.played == "1.8")
  }
}

@Suite("An operator's rollback")
struct RollbackTests {
  private let bench: StoreBench
  private let spool: Spool
  private var store: Store { bench.store }

  init() throws {
    bench = try StoreBench()
    spool = try bench.spool()
    try store.install(try bench.kit("1.0"))
    try store.install(try bench.kit("1.1"))
    try store.rollback()
  }

  /// Hands a kit to the spool as a synchronization does, and has it applied.
  private func deliver(_ version: String) throws -> Spool.Result {
    let item = try spool.submit(try bench.kit(version), as: .kit)
    try spool.apply(to: store) { _ in }
    return try #require(try spool.results().last { $0.item == item })
  }

  @Test("the spool does not bring the version back, also after it was removed, and installs a later one")
  func isHeld() throws {
    let result = try deliver("1.1")
    #expect(result.outcome == .refused && result.message.contains("gone back from sample 1.1 to sample 1.0"))
    #expect(bench.played == "1.0")
    // Another kit is the previous one, so that the one which is held back is removed.
    let stranger = try bench.key("stranger")
    try store.trust(stranger.publicKey)
    var options = Store.InstallOptions()
    options.activate = false
    try store.install(try bench.kit("0.5", by: stranger), options)
    try store.activate("sample@0.5")
    try store.activate("sample@1.0")
    try store.prune()
    #expect(try !store.state().kits.contains { $0.version == "1.1" })
    #expect(try deliver("1.1").outcome == .refused)
    #expect(bench.played == "1.0")
    #expect(try store.snapshot().holdsBack(name: "sample", version: "1.1"))
    #expect(try deliver("1.2").outcome == .done)
    #expect(bench.played == "1.2")
    #expect(try store.snapshot().heldBack.isEmpty)
  }

  @Test("a recall of the kit to which the operator went back, or its damage, ends it")
  func ends() throws {
    let active = try store.snapshot().choose(acceptsDrafts: false).kit
    let whole = try Files.read(active.path)
    try Files.replace(active.path, with: Array(whole.dropLast(100)))
    #expect(try store.snapshot().heldBack.isEmpty)
    try Files.replace(active.path, with: whole)
    #expect(try deliver("1.1").outcome == .refused)
    #expect(try store.snapshot().played?.version == "1.0")
    try store.recall(try bench.recalls([.kit: active.sha256], by: bench.publisher))
    #expect(try store.snapshot().heldBack.isEmpty && store.snapshot().played?.version == "1.1")
    #expect(try deliver("1.1").outcome == .done)
    #expect(try bench.played == "1.1" && store.state().active?.hasPrefix("sample-1.1-") == true)
  }

  @Test("a second rollback, an activation or an installation by root ends it")
  func byRoot() throws {
    try store.rollback()
    #expect(try bench.played == "1.1" && deliver("1.1").outcome == .done)
    try store.activate("sample@1.0")
    #expect(try deliver("1.1").outcome == .refused)
    try store.activate("sample@1.1")
    #expect(try deliver("1.1").outcome == .done)
    try store.rollback()
    var options = Store.InstallOptions()
    options.allowHeldBack = true
    try store.install(try bench.kit("1.1"), options)
    #expect(try bench.played == "1.1" && store.snapshot().heldBack.isEmpty)
  }

  @Test("a version far above all others that was left bars no later kit of a new key")
  func leaked() throws {
    try store.install(try bench.kit("99.0.0"))
    try store.rollback()
    let successor = try bench.key("successor")
    try store.rotate(try bench.rotation(from: bench.publisher, to: successor))
    let item = try spool.submit(try bench.kit("1.2", by: successor), as: .kit)
    try spool.apply(to: store) { _ in }
    #expect(try spool.results().last { $0.item == item }?.outcome == .done)
    #expect(bench.played == "1.2")
  }
}
