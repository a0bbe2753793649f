import Foundation
import Glibc
import Kit
import Posix
import Testing

@testable import Store

@Suite(
  "A store that the daemon's account owned", .enabled(if: Ownership.isPossible, Comment(rawValue: Ownership.reason)))
struct MigrationTests {
  private let bench: StoreBench
  private var store: Store { bench.store }
  private var path: String { store.path }
  /// A file that the daemon's account must never change or read.
  private let precious: String

  init() throws {
    bench = try StoreBench()
    for version in ["1.0", "1.1"] { try bench.store.install(try bench.kit(version)) }
    precious = bench.directory.file("precious")
    try Files.replace(precious, with: [1, 2, 3], mode: 0o600)
    for name in ["journal", "journal.0000000042"] {
      try Files.replace(bench.store.path + "/" + name, with: Array(name.utf8), mode: 0o640)
    }
    try Ownership.giveAway(bench.store.path)
  }

  /// Whether the file that is not the store's has kept its content, its owner and its permissions.
  private func isUntouched() throws -> Bool {
    let owner = try Ownership.of(precious)
    return try Files.read(precious) == [1, 2, 3] && owner.user == 0 && owner.mode == 0o600
  }

  private func swap(_ name: String, for make: (String) -> CInt) throws {
    _ = unlink(path + "/" + name)
    #expect(make(path + "/" + name) == 0)
  }

  @Test(
    "becomes root's, plays the same kit, and keeps its journal in the daemon's directory; a second time changes nothing"
  )
  func whole() throws {
    let before = try store.state()
    let migration = try store.migrate()
    #expect(migration.leftovers.isEmpty && migration.changes.count == 8, "\(migration)")
    #expect(try store.state() == before)
    #expect(bench.played == "1.1")
    for name in ["journal", "journal.0000000042"] {
      #expect(try Files.read("\(path)/daemon/\(name)") == Array(name.utf8))
      #expect(!Files.exists("\(path)/\(name)"))
    }
    #expect(
      try Ownership.foreign(below: path) == ["daemon", "daemon/journal", "daemon/journal.0000000042"])
    let owner = try Ownership.of(path)
    #expect(owner.mode == 0o755 && owner.user == 0)
    #expect(try store.migrate() == Store.Migration())
    try store.rollback()
    #expect(bench.played == "1.0")
  }

  @Test("an open descriptor of that account does not lead to the state any more")
  func openDescriptor() throws {
    let file = try FileDescriptor(opening: path + "/store.json", O_RDWR)
    _ = try store.migrate()
    try file.write([UInt8](repeating: 0x20, count: 10_000))
    #expect(try store.snapshot().fault == nil)
  }

  @Test("links in the place of its entries lead nowhere: nothing behind them is read, changed or given away")
  func links() throws {
    let other = bench.directory.file("other")
    try Files.makeDirectory(other)
    let names = ["incoming.part", "sample-1.0-0123456789abcdef.kit"]
    for name in names { try Files.replace(other + "/" + name, with: [1], mode: 0o600) }
    try FileManager.default.moveItem(atPath: path + "/kits", toPath: path + "/kits-away")
    for name in ["kits", "daemon"] { try swap(name) { symlink(other, $0) } }
    for name in ["store.json", "lock", "journal"] { try swap(name) { symlink(precious, $0) } }
    let migration = try store.migrate()
    #expect(migration.leftovers.count == 4, "\(migration.leftovers)")
    #expect(try isUntouched())
    #expect(try Files.list(other) == names)
    for name in names { #expect(try Ownership.of(other + "/" + name).mode == 0o600) }
    // The daemon's directory can be made, and the journal of before is in it.
    #expect(try Ownership.of(path + "/daemon").user == Ownership.daemon)
    #expect(Files.exists(path + "/daemon/journal.0000000042"))
    // The state is read from the copy, and the commands report the link.
    #expect(try store.state().keys.count == 1)
    #expect(throws: StoreError.noDirectory(path: path + "/kits")) { try store.prune() }
    #expect(try Files.list(other) == names)
  }

  @Test("hard links in the place of its files are no way to read or own somebody else's file")
  func hardLinks() throws {
    for name in ["store.json", "lock", "kits/sample-1.2-0123456789abcdef.kit"] { try swap(name) { link(precious, $0) } }
    // Of the daemon's account, and of a third one.
    #expect(link(path + "/store.json.old", path + "/second") == 0)
    let migration = try store.migrate()
    #expect(try isUntouched())
    #expect(migration.leftovers.count == 1, "\(migration.leftovers)")
    #expect(try Ownership.of(path + "/set-aside-1-store.json.old").user == Ownership.daemon)
  }

  @Test("a FIFO, a socket's place, a directory and a huge file do not stop it")
  func strangeFiles() throws {
    try swap("lock") { mkfifo($0, 0o666) }
    try swap("store.json.old") { mkfifo($0, 0o666) }
    try swap("journal") { mkdir($0, 0o777) }
    try swap("kits/sample-1.2-0123456789abcdef.kit") { mkfifo($0, 0o666) }
    _ = truncate(path + "/store.json", 1 << 40)
    let migration = try store.migrate()
    #expect(migration.leftovers.count == 4, "\(migration.leftovers)")
    #expect(Files.exists(path + "/daemon/journal.0000000042"))
    #expect(try Ownership.of(path + "/lock").user == 0)
  }

  @Test("a journal that the daemon has begun in its directory meanwhile stays, and so does the earlier one")
  func twoJournals() throws {
    try Files.makeDirectory(path + "/daemon")
    try Files.replace(path + "/daemon/journal", with: [7])
    _ = try store.migrate()
    #expect(try Files.read(path + "/daemon/journal") == [7])
    #expect(try Files.read(path + "/daemon/earlier-1-journal") == Array("journal".utf8))
  }

  @Test("a damaged state is taken over as it is, and its copy is used")
  func damaged() throws {
    var bytes = try Files.read(path + "/store.json")
    bytes[bytes.count / 2] ^= 1
    try bytes.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: path + "/store.json")) }
    try Ownership.giveAway(path)
    #expect(try store.migrate().leftovers.isEmpty)
    #expect(try Files.read(path + "/store.json") == bytes)
    #expect(try store.snapshot().fault != nil)
    #expect(bench.played == "1.0")
    #expect(try Ownership.foreign(below: path).allSatisfy { $0.hasPrefix("daemon") })
  }

  @Test("a store that is missing, a link or a file is an error")
  func absent() throws {
    let nowhere = Store(bench.directory.file("nowhere"))
    #expect(throws: StoreError.absent(path: nowhere.path)) { try nowhere.migrate() }
    #expect(symlink(path, nowhere.path) == 0)
    #expect(throws: StoreError.noDirectory(path: nowhere.path)) { try nowhere.migrate() }
    #expect(try Ownership.of(path).user == Ownership.daemon)
  }
}
