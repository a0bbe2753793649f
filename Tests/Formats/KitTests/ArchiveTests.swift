import Glibc
import Posix
import Testing

@testable import Kit
@testable import KitBuilder

@Suite("A container")
struct ArchiveTests {
  private let a = Forge.Entry(name: "a", content: [1, 2, 3])
  private let b = Forge.Entry(name: "b", content: Sample.noise(1000, seed: 1))

  /// What the reader thinks of these bytes: it opens them and reads every entry.
  private func read(_ bytes: [UInt8]) throws -> Result<[String], KitError> {
    let directory = try Directory()
    try Files.replace(directory.file("a.kit"), with: bytes)
    do throws(KitError) {
      let archive = try Archive(path: directory.file("a.kit"))
      for entry in archive.entries { _ = try archive.read(entry, limit: 1 << 20) }
      return .success(archive.entries.map(\.name))
    } catch { return .failure(error) }
  }

  @Test("of the exact form is read, whatever program wrote it")
  func plain() throws {
    let entries = [Forge.mimetype, a, b]
    #expect(try read(Forge(entries: entries).bytes) == .success(["mimetype", "a", "b"]))
    var older = entries
    for index in older.indices { (older[index].needed, older[index].maker) = (20, 0x032d) }
    #expect(try read(Forge(entries: older).bytes) == .success(["mimetype", "a", "b"]))
  }

  @Test("written by libzip has exactly the bytes that ZIP prescribes")
  func libzip() throws {
    let directory = try Directory()
    try Pack.write([(a.name, a.content), (b.name, b.content)], to: directory.file("a.kit"))
    #expect(try Files.read(directory.file("a.kit")) == Forge(entries: [Forge.mimetype, a, b]).bytes)
  }

  @Test(
    "with a wrong header field is refused",
    arguments: [
      "encrypted", "descriptor", "deflated", "time", "date", "version", "one version", "maker", "one maker", "extra",
      "comment", "inside", "outside", "gap", "shift", "crc", "size", "huge size", "file comment", "count", "65535",
    ])
  func foreign(_ what: String) throws {
    var forge = Forge(entries: [Forge.mimetype, a, b])
    switch what {
    case "encrypted": forge.entries[1].flags = 1
    case "descriptor": forge.entries[1].flags = 8
    case "deflated": forge.entries[1].method = 8
    case "time": forge.entries[1].time = 1
    case "date": forge.entries[1].date = 0x22
    case "version": for index in 0...2 { forge.entries[index].needed = 45 }
    case "one version": forge.entries[1].needed = 20
    case "maker": for index in 0...2 { forge.entries[index].maker = 0x003f }
    case "one maker": forge.entries[2].maker = 0x032d
    case "extra": forge.entries[1].extra = [1, 0, 0, 0]
    case "comment": forge.entries[1].comment = [65]
    case "inside": forge.entries[1].inside = 1
    case "outside": forge.entries[1].outside = 0o100755 << 16
    case "gap": forge.entries[1].gap = [0]
    case "shift": forge.entries[1].shift = 1
    case "crc": forge.entries[1].crc32 = 0
    case "size": forge.entries[1].size = 4
    case "huge size": forge.entries[2].size = 0xffff_ffff
    case "file comment": forge.comment = [65]
    case "count": forge.count = 2
    default: forge.count = 65_535
    }
    let result = try read(forge.bytes)
    #expect(throws: KitError.self) { try result.get() }
  }

  @Test(
    "with a name that could leave the directory is refused",
    arguments: ["../a", "a/..", "/a", "a//b", "a/", "a/./b", "..", "a b", "a\\b", "ä", "a\n", "", "a:b", "c*"])
  func names(_ name: String) throws {
    let result = try read(Forge(entries: [Forge.mimetype, Forge.Entry(name: name)]).bytes)
    #expect(throws: KitError.self) { try result.get() }
  }

  @Test("with duplicate or unsorted entries, or without mimetype first, is refused")
  func order() throws {
    let other = Forge.Entry(name: "mimetype", content: Array("application/epub+zip".utf8))
    let long = Forge.Entry(name: String(repeating: "a", count: 201))
    for entries in [
      [Forge.mimetype, a, a], [Forge.mimetype, b, a], [a, b], [a, Forge.mimetype], [Forge.mimetype, Forge.mimetype],
      [other, a, b], [Forge.mimetype, long],
    ] {
      let result = try read(Forge(entries: entries).bytes)
      #expect(throws: KitError.self) { try result.get() }
    }
    #expect(try read(Forge(entries: []).bytes) != .success([]))
  }

  @Test("that is a directory, a FIFO, empty, another file or missing is reported in one line")
  func wrongKinds() throws {
    let directory = try Directory()
    func line(_ name: String) -> String? { failure { () throws(KitError) in _ = try Archive(path: name) }?.description }
    #expect(line(directory.path) == "\(directory.path): cannot read: Is a directory")
    #expect(mkfifo(directory.file("fifo"), 0o600) == 0)
    #expect(line(directory.file("fifo"))?.hasPrefix("\(directory.file("fifo")): cannot read as a file") == true)
    #expect(line(directory.file("none")) == "\(directory.file("none")): cannot open: No such file or directory")
    let empty = try directory.write("empty", "")
    #expect(
      line(empty)
        == "\(empty): not a valid Firstword kit: it is empty; get the file again from its publisher")
    let text = try directory.write("text", String(repeating: "This is no kit.\n", count: 100))
    #expect(line(text)?.contains("not a valid Firstword kit") == true)
    #expect(line("/dev/zero") != nil)
  }

  @Test("refuses to read an entry above the limit")
  func limit() throws {
    let directory = try Directory()
    try Pack.write([(b.name, b.content)], to: directory.file("a.kit"))
    let archive = try Archive(path: directory.file("a.kit"))
    let entry = try #require(archive["b"])
    #expect(throws: KitError.self) { try archive.read(entry, limit: 999) }
    #expect(try archive.read(entry, limit: 1000) == b.content)
    #expect(archive["c"] == nil)
  }

  @Test("that shrinks while it is open fails at the next read")
  func shrinks() throws {
    let directory = try Directory()
    try Pack.write([(a.name, a.content), (b.name, b.content)], to: directory.file("a.kit"))
    let archive = try Archive(path: directory.file("a.kit"))
    #expect(truncate(directory.file("a.kit"), 60) == 0)
    let entry = try #require(archive["b"])
    let error = failure { () throws(KitError) in _ = try archive.read(entry, limit: 1 << 20) }
    #expect(error?.cause == .form("it ends too early"))
  }
}
