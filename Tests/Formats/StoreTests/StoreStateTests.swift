import Foundation
import Glibc
import Kit
import Posix
import Testing

@testable import Store

@Suite("The state of a store on its disk")
struct StoreStateTests {
  private let bench: StoreBench
  private var store: Store { bench.store }
  private var document: String { store.path + "/store.json" }

  init() throws {
    bench = try StoreBench()
    try store.install(try bench.kit("1.0"))
    try store.install(try bench.kit("1.1"))
    // Something to forget: a recalled kit and a retired key.
    try store.recall(try bench.recalls([.kit: try store.state().kits[0].sha256], by: bench.publisher))
    try store.rotate(try bench.rotation(from: bench.publisher, to: try bench.key("successor")))
  }

  /// Whether the recall and the retirement hold.
  private func isRemembered(_ snapshot: Store.Snapshot) throws -> Bool {
    let first = try #require(snapshot.state.kits.first)
    return snapshot.refusal(of: first)?.isRecall == true && snapshot.state.keys[0].retired
      && snapshot.state.trustedForNew.keys.count == 1
  }

  @Test("a changed byte of store.json is noticed, whichever it is, and un-recalls no kit and revives no key")
  func everyByte() throws {
    let whole = try Files.read(document)
    #expect(try isRemembered(try store.snapshot()))
    #expect(try store.snapshot().fault == nil)
    for index in whole.indices {
      var bytes = whole
      bytes[index] ^= index % 3 == 0 ? 1 : index % 3 == 1 ? 0x20 : 0x80
      try bytes.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: document)) }
      let snapshot = try store.snapshot()
      guard case .recovered = snapshot.fault else {
        Issue.record("byte \(index) was changed unnoticed: \(String(decoding: bytes, as: UTF8.self))")
        break
      }
      let remembers = try isRemembered(snapshot)
      #expect(remembers, "byte \(index)")
      if !remembers { break }
    }
  }

  @Test("if store.json is lost, the copy knows every recall and retirement, and the next change writes it again")
  func lost() throws {
    #expect(unlink(document) == 0)
    let snapshot = try store.snapshot()
    #expect(try isRemembered(snapshot))
    #expect(snapshot.fault?.description.contains("its copy") == true)
    try store.prune()
    #expect(try store.snapshot().fault == nil)
    #expect(try isRemembered(try store.snapshot()))
  }

  @Test("a state of the first format is read, and written with a checksum by the next command that changes something")
  func firstFormat() throws {
    let publisher = bench.publisher.publicKey
    let kit = try store.state().kits[0]
    let text = """
      {
        "active" : "\(kit.file)",
        "format" : "firstword-store/1",
        "highest" : { "sample" : "1.1" },
        "keys" : [ { "key" : "\(publisher.base64)", "retired" : false } ],
        "kits" : [
          { "draft" : false, "file" : "\(kit.file)", "name" : "sample", "sha256" : "\(kit.sha256)", "version" : "1.0" }
        ],
        "recalls" : {
          "\(publisher.id)" : {
            "entries" : [
              { "date" : "2026-05-01", "id" : "\(kit.sha256)", "kind" : "kit", "reason" : "swapped" }
            ],
            "format" : "firstword-recall/1",
            "issue" : 3
          }
        }
      }
      """
    for name in ["store.json", "store.json.old"] { try Files.replace(store.path + "/" + name, with: Array(text.utf8)) }
    let old = try store.snapshot()
    #expect(old.fault == nil && old.refusal(of: kit)?.isRecall == true)
    #expect(old.state.recalls[publisher.base64]?.issue == 3)
    // What was recalled before the change of the rules stays recalled.
    #expect(old.state.keys.map(\.recallsAll) == [true])
    #expect(try !store.trust(publisher))
    let written = String(decoding: try Files.read(document), as: UTF8.self)
    #expect(written.contains("firstword-store/2") && written.contains("\"checksum\""))
    #expect(try store.snapshot().state.recalls == old.state.recalls)
    // A checksum is not dropped by a change of the format's name.
    try Files.replace(document, with: Array(written.replacing("firstword-store/2", with: "firstword-store/1").utf8))
    #expect(try store.snapshot().fault != nil)
  }

  @Test("recalls are validated when the state is read")
  func invalidRecalls() throws {
    var state = try store.state()
    let json = String(decoding: try state.json(), as: UTF8.self)
    let id = state.kits[0].sha256
    for (old, new) in [(id, id.uppercased()), ("\"issue\" : 1", "\"issue\" : -1"), ("swapped", "\\u0007")] {
      let range = try #require(json.range(of: old, options: .backwards))
      let changed = json.replacingCharacters(in: range, with: new)
      #expect(throws: (any Error).self) { try StoreState(json: StoreBench.sealed(changed)) }
    }
    #expect(try StoreState(json: StoreBench.sealed(json)).recalls == state.recalls)
    state.recalls["no key"] = RecallList()
    #expect(throws: (any Error).self) { try state.json() }
  }

  @Test("a recall that makes the state too large is an error, and changes nothing")
  func tooLarge() throws {
    let before = try Files.read(document)
    let small = Store(store.path, limit: before.count + 50)
    let list = try bench.recalls(
      [.clip: String(repeating: "ab", count: 32)], by: try bench.key("successor"), name: "more.json")
    #expect {
      try small.recall(list)
    } throws: { if case .tooLarge = $0 as? StoreError { true } else { false } }
    #expect(try Files.read(document) == before)
    try store.recall(list)
  }

  // MARK: Links and other strange things

  @Test("a link in the place of 'kits' is an error, and its target keeps every file")
  func linkedKits() throws {
    let other = bench.directory.file("other")
    try Files.makeDirectory(other)
    let names = ["incoming.part", "sample-1.0-0123456789abcdef.kit", "notes.txt"]
    for name in names { try Files.replace(other + "/" + name, with: [1]) }
    let kits = store.path + "/kits"
    try FileManager.default.moveItem(atPath: kits, toPath: kits + "-away")
    #expect(symlink(other, kits) == 0)
    let successor = try bench.key("successor")
    for body: () throws -> Void in [
      { try store.prune() }, { try store.install(try bench.kit("1.2", by: successor)) }, { try store.rollback() },
      { _ = try store.snapshot().choose(acceptsDrafts: false) },
    ] {
      #expect(throws: StoreError.noDirectory(path: kits)) { try body() }
    }
    #expect(try Files.list(other) == names.sorted())
  }

  @Test("links and hard links in the place of the store's files are not written through, and a FIFO does not hang")
  func strangeFiles() throws {
    let precious = bench.directory.file("precious")
    try Files.replace(precious, with: [1, 2, 3])
    #expect(mkfifo(store.path + "/store.json.part", 0o600) == 0)
    #expect(symlink(precious, store.path + "/store.json.old.part") == 0)
    #expect(link(precious, store.path + "/kits/incoming.part") == 0)
    try store.install(try bench.kit("1.2", by: try bench.key("successor")))
    #expect(bench.played == "1.2")
    #expect(try Files.read(precious) == [1, 2, 3])
    #expect(unlink(store.path + "/lock") == 0 && symlink(precious, store.path + "/lock") == 0)
    #expect(throws: StoreError.self) { try store.prune() }
  }

  @Test("prune removes files with names of the store's own form alone, and no link or directory")
  func sweeping() throws {
    let kits = store.path + "/kits/"
    let precious = bench.directory.file("precious")
    try Files.replace(precious, with: [1])
    for name in ["sample-1.kit", "incoming.part.old", "x.part", "sample-1.0-0123456789ABCDEF.kit"] {
      try Files.replace(kits + name, with: [1])
    }
    try Files.makeDirectory(kits + "sample-1.0-0123456789abcdee.kit")
    #expect(symlink(precious, kits + "sample-1.0-0123456789abcdef.kit") == 0)
    try Files.replace(kits + "left-over-1.0-0123456789abcdef.kit", with: [1])
    let before = try Files.list(kits)
    try store.prune()
    #expect(try Files.list(kits) == before.filter { $0 != "left-over-1.0-0123456789abcdef.kit" })
    // An install removes nothing but its own temporary file.
    try Files.replace(kits + "left-over-1.0-0123456789abcdef.kit", with: [1])
    try Files.replace(kits + "incoming.part", with: [1])
    try store.install(try bench.kit("1.2", by: try bench.key("successor")))
    #expect(Files.exists(kits + "left-over-1.0-0123456789abcdef.kit") && !Files.exists(kits + "incoming.part"))
  }
}
