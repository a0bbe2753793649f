import Foundation
import Kit
import Posix
import Testing

@testable import Store

@Suite("The publishers that a store trusts")
struct TrustTests {
  private let bench: StoreBench
  private var store: Store { bench.store }
  private let ministry: SecretKey

  init() throws {
    bench = try StoreBench()
    ministry = try bench.key("ministry")
    try store.trust(ministry.publicKey)
    try store.install(try bench.kit("1.0"))
    try store.install(try bench.kit("1.1"))
  }

  private func id(_ key: SecretKey) -> String { key.publicKey.id.description }

  @Test("a retired key says nothing more: no recall, not even of its successor, and no rotation")
  func retired() throws {
    let successor = try bench.key("successor")
    try store.rotate(try bench.rotation(from: bench.publisher, to: successor))
    let before = try store.state()
    let list = try bench.recalls([.key: id(successor)], by: bench.publisher)
    #expect {
      try store.recall(list)
    } throws: { if case .signed(.untrusted) = $0 as? StoreError { true } else { false } }
    let other = try bench.rotation(from: bench.publisher, to: try bench.key("thief"))
    #expect(throws: StoreError.self) { try store.rotate(other) }
    #expect(try store.state() == before)
  }

  @Test("a list that a key signed before it was retired does not recall its successor either")
  func retiredList() throws {
    let successor = try bench.key("successor")
    try store.recall(try bench.recalls([.key: id(successor)], by: bench.publisher))
    try store.rotate(try bench.rotation(from: bench.publisher, to: successor))
    try store.install(try bench.kit("1.2", by: successor))
    #expect(bench.played == "1.2")
  }

  @Test("a publisher recalls its own kits, clips and keys, also those of the keys that its key replaced")
  func own() throws {
    let successor = try bench.key("successor")
    try store.rotate(try bench.rotation(from: bench.publisher, to: successor))
    let kit = try store.snapshot().choose(acceptsDrafts: false).kit
    let recalling = try store.recall(
      try bench.recalls(
        [.kit: kit.sha256, .clip: try #require(kit.bundles.first?.clips.first).sha256], by: successor))
    #expect(recalling.unheeded.isEmpty)
    #expect(bench.played == "1.0")
    #expect(try store.state().recalledClips(of: kit).count == 1)
    try store.recall(try bench.recalls([.key: id(bench.publisher)], by: successor, issue: 3))
    #expect(bench.played == nil)
  }

  @Test("a publisher recalls nothing of another, unless the owner of the device granted it")
  func others() throws {
    let kit = try store.snapshot().choose(acceptsDrafts: false).kit
    let list = try bench.recalls(
      [.kit: kit.sha256, .clip: try #require(kit.bundles.first?.clips.first).sha256, .key: id(bench.publisher)],
      by: ministry)
    let recalling = try store.recall(list)
    #expect(Set(recalling.unheeded.map(\.kind)) == [.kit, .clip, .key])
    #expect(bench.played == "1.1")
    #expect(try store.state().recalledClips(of: kit).isEmpty)
    #expect(try store.trust(ministry.publicKey, recallsAll: true))
    #expect(bench.played == nil)
    #expect(try store.snapshot().refusal(of: kit) != nil)
    // The grant is the owner's to take back.
    #expect(try store.trust(ministry.publicKey, recallsAll: false))
    #expect(bench.played == "1.1")
  }

  @Test("another list with the known issue is refused, and the same list again is no error")
  func issues() throws {
    let first = try bench.recalls([.kit: String(repeating: "a", count: 64)], by: bench.publisher)
    try store.recall(first)
    try store.recall(first)
    let other = try bench.recalls([.kit: String(repeating: "b", count: 64)], by: bench.publisher, name: "other.json")
    #expect(throws: StoreError.sameIssue(path: other, issue: 1)) { try store.recall(other) }
    try store.recall(try bench.recalls([.kit: String(repeating: "b", count: 64)], by: bench.publisher, issue: 2))
  }

  @Test("a rotation to a key with another publisher's id is refused, and that publisher is not silenced")
  func namesakes() throws {
    let forged = try StoreBench.publicKey(try bench.key("thief").publicKey, id: ministry.publicKey)
    #expect(forged.id == ministry.publicKey.id && forged != ministry.publicKey)
    let statement = try bench.rotation(from: bench.publisher, to: forged)
    #expect(throws: StoreError.sameID(id: id(ministry))) { try store.rotate(statement) }
    #expect(throws: StoreError.sameID(id: id(ministry))) { try store.trust(forged) }
    try store.install(try bench.kit("1.2", by: ministry))
    try store.install(try bench.kit("1.3"))
    #expect(bench.played == "1.3")
  }

  @Test("a rotation is applied once, and none leads back to a key that was replaced")
  func replays() throws {
    let successor = try bench.key("successor")
    let there = try bench.rotation(from: bench.publisher, to: successor, name: "there.json")
    let back = try bench.rotation(from: successor, to: bench.publisher.publicKey, name: "back.json")
    try store.rotate(there)
    func returns(_ path: String) {
      #expect {
        try store.rotate(path)
      } throws: { if case .rotationReturns = $0 as? StoreError { true } else { false } }
    }
    returns(back)
    // The owner may trust the old key again by hand; the statements still do not come back.
    #expect(try store.trust(bench.publisher.publicKey))
    returns(there)
    returns(back)
    #expect(try store.state().trustedForNew.keys.count == 3)
  }

  @Test("the owner's grant goes with the publisher's new key")
  func grant() throws {
    try store.trust(ministry.publicKey, recallsAll: true)
    let next = try bench.key("next")
    try store.rotate(try bench.rotation(from: ministry, to: next))
    try store.recall(try bench.recalls([.key: id(bench.publisher)], by: next))
    #expect(bench.played == nil)
  }
}
