import Encoding
import Posix
import Testing

@testable import Kit
@testable import KitBuilder

@Suite("A recall list")
struct RecallListTests {
  private let directory: Directory
  private let keys: [String: PublicKey]

  init() throws {
    directory = try Directory()
    var keys: [String: PublicKey] = [:]
    for name in ["publisher", "ministry"] {
      keys[name] = try SecretKey.generate(name: directory.file(name), passphrase: nil)
    }
    self.keys = keys
  }

  private func key(_ name: String) throws -> SecretKey {
    try SecretKey(reading: directory.file("\(name).key")) { _ in nil }
  }

  private func trusting(_ names: String...) -> TrustedKeys { TrustedKeys(names.compactMap { keys[$0] }) }

  private func kit() throws -> KitFile {
    try Pack.write(Sample.kit, bundles: Sample.bundles, signedBy: try key("publisher"), to: directory.file("a.kit"))
    return try KitFile(path: directory.file("a.kit"))
  }

  private func list(_ kind: Recall.Kind, _ id: String) throws -> RecallList {
    var list = RecallList()
    let added = try list.add(Recall(kind: kind, id: id, reason: "swapped", date: "2026-05-01"))
    #expect(added)
    return list
  }

  @Test("refuses the listed kit, and no other")
  func kits() throws {
    let kit = try kit()
    let publisher = try #require(keys["publisher"])
    let refusals = try list(.kit, kit.sha256).refusals(of: kit, trustedBy: trusting("publisher"), by: publisher)
    #expect(
      refusals.map(\.description) == [
        "\(kit.path): recalled on 2026-05-01: swapped; do not use it, ask its publisher for another"
      ])
    let other = try list(.kit, Digest.sha256("another kit"))
    #expect(other.refusals(of: kit, trustedBy: trusting("publisher"), by: publisher) == [])
    // A clip's hash is no kit's.
    #expect(try list(.clip, kit.sha256).refusals(of: kit, trustedBy: trusting("publisher"), by: publisher) == [])
  }

  @Test("refuses a kit with a recalled clip, and names the clip")
  func clips() throws {
    let kit = try kit()
    let clip = try #require(kit.bundle("ro")?.clip("safe-here"))
    let publisher = try #require(keys["publisher"])
    let refusals = try list(.clip, clip.sha256).refusals(of: kit, trustedBy: trusting("publisher"), by: publisher)
    #expect(refusals.map(\.entry) == [clip.file])
    #expect(try list(.clip, clip.sha256).known(of: kit) == refusals)
  }

  @Test("a recalled key is not accepted; a kit that another trusted key signed too is valid")
  func recalledKeys() throws {
    let kit = try kit()
    let publisher = try #require(keys["publisher"])
    let recalls = try list(.key, publisher.id.description)
    let refusals = recalls.refusals(of: kit, trustedBy: trusting("publisher", "ministry"), by: publisher)
    #expect(refusals.count == 1)
    #expect(refusals.first?.description.contains("signed with \(publisher.id), a key that was recalled") == true)
    #expect(trusting("publisher", "ministry").without(recalls, by: publisher).keys == trusting("ministry").keys)

    _ = try Countersign.write(kit, signedBy: try key("ministry"), to: directory.file("b.kit"))
    let both = try KitFile(path: directory.file("b.kit"))
    #expect(recalls.refusals(of: both, trustedBy: trusting("publisher", "ministry"), by: publisher) == [])
    #expect(recalls.refusals(of: both, trustedBy: trusting("publisher"), by: publisher).count == 1)
  }

  @Test("holds for its own publisher's kits, clips and keys, and for those of others only where that was granted")
  func others() throws {
    let kit = try kit()
    let (publisher, ministry) = (try #require(keys["publisher"]), try #require(keys["ministry"]))
    let clip = try #require(kit.bundle("ro")?.clip("safe-here"))
    let trusted = trusting("publisher", "ministry")
    for list in [
      try list(.kit, kit.sha256), try list(.clip, clip.sha256), try list(.key, publisher.id.description),
    ] {
      #expect(list.refusals(of: kit, trustedBy: trusted, by: ministry) == [])
      #expect(list.refusals(of: kit, trustedBy: trusted, by: ministry, forAll: true).count == 1)
      #expect(list.refusals(of: kit, trustedBy: trusted, by: publisher).count == 1)
    }
  }

  @Test("a recall of a whole key does not recall another key with the same id")
  func wholeKeys() throws {
    let publisher = try #require(keys["publisher"])
    let ministry = try #require(keys["ministry"])
    let namesake = PublicKey(id: publisher.id, point: ministry.point)
    var list = RecallList()
    _ = try list.add(
      Recall(kind: .key, id: publisher.id.description, key: namesake, reason: "forged", date: "2026-05-01"))
    let decoded = try RecallList(json: try list.json())
    #expect(decoded.recall(of: namesake) != nil && decoded.recall(of: publisher) == nil)
    #expect(trusting("publisher").without(decoded, by: publisher).keys == [publisher])
    let both = [
      try list.add(
        Recall(kind: .key, id: publisher.id.description, key: publisher, reason: "r", date: "2026-05-01")),
      try list.add(
        Recall(kind: .key, id: publisher.id.description, key: publisher, reason: "r", date: "2026-05-01")),
    ]
    #expect(both == [true, false])
    #expect(try RecallList(json: try list.json()).recall(of: publisher) != nil)
    let wrong = Recall(
      kind: .key, id: publisher.id.description, key: ministry, reason: "r", date: "2026-05-01")
    let error = failure { () throws(DocumentError) in _ = try list.add(wrong) }
    #expect(error?.description.contains("is no public key with this id") == true)
  }

  @Test("a list with the highest issue takes no further change, and does not crash")
  func highestIssue() throws {
    let text = String(decoding: try list(.kit, Digest.sha256("a")).json(), as: UTF8.self)
    let highest = text.replacing("\"issue\" : 1", with: "\"issue\" : 2147483647")
    var list = try RecallList(json: Array(highest.utf8))
    let id = list.entries[0].id
    let error = failure { () throws(DocumentError) in _ = try list.remove(id) }
    #expect(error?.key == "issue")
  }

  @Test("has each entry once, sorted, and counts its changes")
  func changes() throws {
    var list = RecallList()
    let (a, b) = (Digest.sha256("a"), Digest.sha256("b"))
    var added: [Bool] = []
    for id in [max(a, b), min(a, b)] {
      added.append(try list.add(Recall(kind: .kit, id: id, reason: "r", date: "2026-05-01")))
    }
    added.append(try list.add(Recall(kind: .kit, id: a, reason: "other", date: "2026-05-02")))
    #expect(added == [true, true, false])
    #expect(list.entries.map(\.id) == [min(a, b), max(a, b)])
    #expect(list.entries.allSatisfy { $0.reason == "r" })
    #expect(list.issue == 2)
    let removed = [try list.remove(a), try list.remove(a)]
    #expect(removed == [true, false])
    #expect(list.issue == 3)
    #expect(try RecallList(json: try list.json()) == list)
  }

  @Test("refuses a malformed id, date or reason")
  func refusesEntries() throws {
    var list = RecallList()
    for (recall, expected) in [
      (Recall(kind: .kit, id: "AB", reason: "r", date: "2026-05-01"), "id: is no SHA-256"),
      (Recall(kind: .key, id: Digest.sha256("a"), reason: "r", date: "2026-05-01"), "id: is no key's id"),
      (Recall(kind: .clip, id: Digest.sha256("a"), reason: " ", date: "2026-05-01"), "reason: is empty"),
      (Recall(kind: .clip, id: Digest.sha256("a"), reason: "\u{1B}[2J", date: "2026-05-01"), "reason: has a control"),
      (Recall(kind: .clip, id: Digest.sha256("a"), reason: "r", date: "2026-13-01"), "date: is no date"),
      (Recall(kind: .clip, id: Digest.sha256("a"), reason: "r", date: "today"), "date: is no date"),
    ] {
      let error = failure { () throws(DocumentError) in _ = try list.add(recall) }
      #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
    }
    #expect(list == RecallList())
  }

  @Test("is read only with a valid signature of a trusted key")
  func signatures() throws {
    let list = try list(.kit, Digest.sha256("a"))
    let path = directory.file("recalls.json")
    func refusal(_ trusted: TrustedKeys) -> String {
      failure { () throws(SignedFileError) in _ = try RecallList.read(path, trustedBy: trusted) }?.description ?? ""
    }
    try Files.replace(path, with: try list.json())
    #expect(refusal(trusting("publisher")).contains("it has no signature"))
    try SignedFile.write(try list.json(), to: path, signedBy: try key("publisher"), comment: "issue 1")
    #expect(try RecallList.read(path, trustedBy: trusting("ministry", "publisher")).list == list)
    #expect(refusal(trusting("ministry")).contains("not a trusted key"))
    var longer = list
    _ = try longer.remove(list.entries[0].id)
    try Files.replace(path, with: try longer.json())
    #expect(refusal(trusting("publisher")).contains("does not fit the content"))
    try Files.replace(path + ".minisig", with: [1, 2, 3])
    #expect(refusal(trusting("publisher")).contains("not a minisign signature"))
    #expect(refusal(TrustedKeys([])).contains("not a minisign signature"))
  }

  @Test("of arbitrary bytes is an error and never a crash")
  func hostile() throws {
    let good = String(decoding: try list(.kit, Digest.sha256("a")).json(), as: UTF8.self)
    for (old, new, expected) in [
      ("firstword-recall/1", "firstword-recall/2", "this program reads firstword-recall/1"),
      ("firstword-recall/1", "\\u001b[2J", "its format is unknown"),
      ("\"issue\" : 1", "\"issue\" : -1", "issue: is -1"),
      ("\"kit\"", "\"device\"", "entries[0].kind"),
      ("swapped", "\\u0007", "entries[0].reason: has a control"),
      ("{", "[", "is not valid JSON"),
    ] {
      #expect(good.contains(old))
      let error = failure { () throws(DocumentError) in
        _ = try RecallList(json: Array(good.replacing(old, with: new).utf8))
      }
      #expect(error?.description.contains(expected) == true, "\(new): \(String(describing: error))")
    }
    var noise = Sample.Noise(seed: 7)
    let bytes = Array(good.utf8)
    for _ in 0..<2000 {
      var changed = bytes
      changed[Int.random(in: bytes.indices, using: &noise)] = UInt8.random(in: 0...255, using: &noise)
      _ = try? RecallList(json: changed)
    }
  }

  @Test("has a signature that minisign verifies", .enabled(if: Stranger.isHere(Stranger.minisign)))
  func minisign() throws {
    let path = directory.file("recalls.json")
    try SignedFile.write(
      try list(.kit, Digest.sha256("a")).json(), to: path, signedBy: try key("publisher"), comment: "issue 1")
    #expect(try run(Stranger.minisign, ["-V", "-m", path, "-p", directory.file("publisher.pub")]).code == 0)
    #expect(try run(Stranger.minisign, ["-V", "-m", path, "-p", directory.file("ministry.pub")]).code != 0)
  }
}

@Suite("A key's rotation")
struct KeyRotationTests {
  @Test("replaces the old key by the new one only if the old key signed it")
  func rotation() throws {
    let directory = try Directory()
    let path = directory.file("rotation.json")
    let (old, new, stranger) = (try SecretKey.generate(), try SecretKey.generate(), try SecretKey.generate())
    let statement = KeyRotation(from: old.publicKey, to: new.publicKey, date: "2026-05-01")
    try SignedFile.write(try statement.json(), to: path, signedBy: old, comment: statement.comment)
    let trusted = TrustedKeys([old.publicKey, stranger.publicKey])
    let (rotation, signer) = try KeyRotation.read(path, trustedBy: trusted)
    #expect(signer == old.publicKey)
    #expect(rotation == statement)
    #expect(rotation.applied(to: trusted, signedBy: signer).keys == [stranger.publicKey, new.publicKey])
    // Who does not trust the old key has no reason to trust the new one.
    #expect(rotation.applied(to: TrustedKeys([stranger.publicKey]), signedBy: signer).keys == [stranger.publicKey])

    try SignedFile.write(try statement.json(), to: path, signedBy: stranger, comment: "")
    let error = failure { () throws(SignedFileError) in _ = try KeyRotation.read(path, trustedBy: trusted) }
    #expect(error?.description.contains("the key that signed it") == true)
    let same = KeyRotation(from: old.publicKey, to: old.publicKey, date: "2026-05-01")
    #expect(failure { () throws(DocumentError) in _ = try same.json() }?.key == "new")
  }
}
