import Foundation
import Glibc
import Kit
import Posix
import Testing

@testable import Store

@Suite("The spool before a store")
struct SpoolTests {
  private let bench: StoreBench
  private let spool: Spool
  private var store: Store { bench.store }
  private var incoming: String { spool.directory.string + "/in" }

  init() throws {
    bench = try StoreBench()
    spool = Spool(bench.directory.file("spool"))
    try Files.makeDirectory(incoming)
    try store.install(try bench.kit("1.0"))
  }

  /// Applies what waits, and returns the results by the names of the files.
  private func applied(_ inspect: (Clip, [UInt8]) -> String? = { _, _ in nil }) throws -> [String: Spool.Result] {
    var results: [String: Spool.Result] = [:]
    try spool.apply(to: store, inspect: inspect) { results[$0.item] = $0 }
    let left = try Files.list(incoming)
    #expect(left.allSatisfy { $0.hasPrefix(".") }, "\(left)")
    return results
  }

  @Test("a kit, a recall list and a key rotation are applied, lists first, and their results are kept")
  func applies() throws {
    let successor = try bench.key("successor")
    let kit = try spool.submit(try bench.kit("1.1", by: successor), as: .kit)
    let rotation = try spool.submit(try bench.rotation(from: bench.publisher, to: successor), as: .list)
    let results = try applied()
    #expect(results.values.allSatisfy { $0.outcome == .done }, "\(results)")
    let active = try store.state().active
    #expect(active != nil && results[kit]?.kit == active)
    #expect(results[rotation]?.message.contains("is followed by") == true)
    #expect(bench.played == "1.1")
    let id = try store.snapshot().choose(acceptsDrafts: false).kit.sha256
    let list = try spool.submit(try bench.recalls([.kit: id], by: successor), as: .list)
    _ = try applied()
    #expect(try spool.results().last { $0.item == list }?.message.contains("1 recalled, issue 1") == true)
    #expect(bench.played == "1.0")
  }

  @Test("untrusted, draft, older and damaged kits, unsigned lists, and other documents are refused")
  func refuses() throws {
    let before = try store.state()
    var items = [
      try spool.submit(try bench.kit("2.0", by: try bench.key("stranger")), as: .kit),
      try spool.submit(try bench.kit("2.1", draft: true), as: .kit),
      try spool.submit(try bench.kit("0.9"), as: .kit),
      try spool.submit(try bench.recalls([.kit: before.kits[0].sha256], by: try bench.key("stranger")), as: .list),
    ]
    for (name, content) in [("damaged.kit", "PK"), ("empty.kit", ""), ("other.json", "{}"), ("alone.json", "[")] {
      try Files.replace("\(incoming)/\(name)", with: Array(content.utf8))
      items.append(name)
    }
    try Files.replace(incoming + "/other.json.minisig", with: Array("none".utf8))
    let results = try applied()
    #expect(Set(results.keys) == Set(items))
    #expect(results.values.allSatisfy { $0.outcome == .refused }, "\(results)")
    #expect(results["alone.json"]?.message.contains("it has no signature") == true)
    #expect(try store.state() == before)
    #expect(try Files.list(incoming).isEmpty)
    let unsigned = bench.directory.file("unsigned.json")
    try Files.replace(unsigned, with: [0x7B])
    #expect(throws: StoreError.signed(.unsigned(path: unsigned))) { try spool.submit(unsigned, as: .list) }
    #expect(try Files.list(incoming).isEmpty)
  }

  @Test("a key that this account puts there is trusted, before a kit that it signed; a damaged one is refused")
  func keys() throws {
    let other = try bench.key("other")
    let pub = bench.directory.file("other.pub")
    let kit = try spool.submit(try bench.kit("2.0", by: other), as: .kit)
    let key = try spool.submit(pub, as: .key)
    let results = try applied()
    #expect(results[key]?.message.contains("\(other.publicKey.id) is trusted from now on") == true, "\(results)")
    #expect(results[kit]?.outcome == .done)
    #expect(bench.played == "2.0")
    try Files.replace(incoming + "/bad.pub", with: Array("untrusted comment: x\nnone\n".utf8))
    try Files.replace(incoming + "/secret.pub", with: try Files.read(bench.directory.file("other.key")))
    try Files.replace(incoming + "/open.pub", with: try Files.read(pub), mode: 0o666)
    chmod(incoming + "/open.pub", 0o666)
    let refused = try applied()
    #expect(refused.count == 3 && refused.values.allSatisfy { $0.outcome == .refused }, "\(refused)")
    #expect(try store.state().keys.count == 2)
  }

  @Test("a file of a directory is taken with its signature and a bound, and no link of it is followed")
  func fromDirectory() throws {
    let stick = bench.directory.file("stick")
    try Files.makeDirectory(stick)
    let kit = try bench.kit("3.0")
    try Files.replace(stick + "/a.kit", with: try Files.read(kit))
    #expect(symlink(kit, stick + "/link.kit") == 0)
    let place = try Directory(openingItself: stick)
    #expect(throws: StoreError.self) { try spool.submit("a.kit", of: place, as: .kit, limit: 100) }
    #expect(throws: StoreError.self) { try spool.submit("link.kit", of: place, as: .kit, limit: 1 << 20) }
    #expect(throws: StoreError.self) { try spool.submit("../sample-3.0.kit", of: place, as: .kit, limit: 1 << 20) }
    try Files.replace(stick + "/alone.json", with: Array("{}".utf8))
    #expect(throws: StoreError.self) { try spool.submit("alone.json", of: place, as: .list, limit: 1 << 20) }
    #expect(try Files.list(incoming).isEmpty)
    let item = try spool.submit("a.kit", of: place, as: .kit, limit: 1 << 20)
    #expect(try applied()[item]?.outcome == .done)
    #expect(bench.played == "3.0")
  }

  @Test("updates of the system wait in their own spool, and what the installer says becomes their result")
  func systems() throws {
    let path = bench.directory.file("new.system")
    try Files.replace(path, with: Array("update".utf8))
    let item = try spool.submit(path, as: .system)
    try spool.apply(to: store) { _ in }
    #expect(try Files.list(incoming) == [item], "a store does not take it")
    var results: [Spool.Result] = []
    try spool.applySystems {
      results.append($0)
    } install: { (file: consuming FileDescriptor, path: String, result: inout Spool.Result) in
      let bytes = try? file.read(6, at: 0)
      #expect(bytes == Array("update".utf8))
      #expect(path == spool.path(of: item))
      (result.outcome, result.message) = (.done, "written")
    }
    #expect(results.map(\.message) == ["written"])
    #expect(try Files.list(incoming).isEmpty)
    #expect(try spool.results().last?.outcome == .done)
  }

  @Test("links, hard links, FIFOs, sockets, directories and a file of a terabyte are refused unread, and nothing hangs")
  func strange() throws {
    let before = try store.state()
    let secret = bench.directory.file("secret")
    try Files.replace(secret, with: Array("{\"format\": \"firstword-recall/1\"}".utf8), mode: 0o600)
    let kit = try bench.kit("1.1")
    #expect(symlink(kit, incoming + "/link.kit") == 0)
    #expect(link(kit, incoming + "/hard.kit") == 0)
    #expect(link(secret, incoming + "/hard.json") == 0)
    try Files.replace(incoming + "/hard.json.minisig", with: [1])
    #expect(mkfifo(incoming + "/fifo.kit", 0o666) == 0)
    #expect(mkfifo(incoming + "/fifo.json", 0o666) == 0)
    #expect(mkdir(incoming + "/empty.kit", 0o777) == 0)
    #expect(mkdir(incoming + "/full.kit", 0o777) == 0)
    try Files.replace(incoming + "/full.kit/x", with: [1])
    try Files.replace(incoming + "/huge.kit", with: Array("PK".utf8))
    #expect(truncate(incoming + "/huge.kit", 1 << 40) == 0)
    try Files.replace(incoming + "/huge.json", with: [1])
    try Files.replace(incoming + "/huge.json.minisig", with: [1])
    #expect(truncate(incoming + "/huge.json", 1 << 40) == 0)
    try Files.replace(incoming + "/\u{202E}\n.kit", with: [1])
    #expect(close(open("\(incoming)/\(String(repeating: "n", count: 250)).json", O_WRONLY | O_CREAT, 0o666)) == 0)
    // A name that is no UTF-8.
    let unnameable =
      incoming.utf8CString.dropLast() + [CChar(0x2F), CChar(bitPattern: 0xFF), 0x2E, 0x6B, 0x69, 0x74, 0]
    #expect(close(open(Array(unnameable), O_WRONLY | O_CREAT, 0o666)) == 0)
    let results = try applied()
    #expect(results.count == 11 && results.values.allSatisfy { $0.outcome == .refused }, "\(results)")
    #expect(results.values.allSatisfy { !$0.message.contains("recall/1") })
    #expect(try store.state() == before)
    #expect(Files.exists(kit) && Files.exists(secret))
  }

  @Test("a kit that its sender changes while it is verified is installed as it was verified")
  func changing() throws {
    let item = try spool.submit(try bench.kit("1.1"), as: .kit)
    let other = try Files.read(try bench.kit("6.6", by: try bench.key("stranger")))
    let sender = try FileDescriptor(opening: spool.path(of: item), O_RDWR)
    let results = try applied { _, _ in
      try? sender.write(other)
      return nil
    }
    #expect(results[item]?.outcome == .done)
    let choice = try store.snapshot().choose(acceptsDrafts: false)
    #expect(choice.kit.manifest.version == "1.1" && choice.kit.faults().isEmpty)
  }

  @Test("a kit that ended the program three times is given up, and a power cut before that begins again")
  func attempts() throws {
    let item = try spool.submit(try bench.kit("1.1"), as: .kit)
    let again = try Files.read(spool.path(of: item))
    func interrupted(_ attempts: Int) throws {
      let text = """
        { "format": "firstword-spool/1", "results": [ { "item": "\(item)", "outcome": "begun", "attempts": \(attempts),
          "time": "2026-01-01T00:00:00.000Z", "message": "" } ] }
        """
      try Files.replace(spool.directory.string + "/results.json", with: Array(text.utf8))
    }
    try interrupted(2)
    #expect(try applied()[item]?.outcome == .done)
    try Files.replace(spool.path(of: item), with: again)
    try interrupted(3)
    let given = try applied()[item]
    #expect(given?.outcome == .refused && given?.message.contains("3 times") == true)
  }

  @Test("the last fifty results are kept, a damaged file of them is begun anew, and a withdrawn kit is not installed")
  func results() throws {
    for number in 1...55 { try Files.replace("\(incoming)/\(1000 + number).kit", with: [1]) }
    _ = try applied()
    #expect(try spool.results().map(\.item) == (6...55).map { "\(1000 + $0).kit" })
    try Files.replace(spool.directory.string + "/results.json", with: [0x7B])
    #expect(throws: StoreError.self) { try spool.results() }
    let item = try spool.submit(try bench.kit("1.1"), as: .kit)
    spool.withdraw(item)
    #expect(try applied().isEmpty)
    try Files.replace(incoming + "/x.kit", with: [1])
    _ = try applied()
    #expect(try spool.results().map(\.item) == ["x.kit"])
    // Of another program's unfinished file nothing is taken.
    try Files.replace(incoming + "/.y.kit.part", with: [1])
    #expect(try applied().isEmpty)
    #expect(throws: StoreError.self) { try Spool(bench.directory.file("nowhere")).results() }
  }
}
