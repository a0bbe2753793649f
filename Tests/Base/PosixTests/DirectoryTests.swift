import Foundation
import Glibc
import Testing

@testable import Posix

@Suite("An open directory")
struct DirectoryTests {
  private final class Scratch {
    let path: String
    init() throws { path = try Files.makeTemporaryDirectory("firstword-directory").string }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private let scratch: Scratch
  private var here: String { scratch.path + "/here" }
  private var there: String { scratch.path + "/there" }

  init() throws {
    scratch = try Scratch()
    for path in [here, there] { try Files.makeDirectory(path) }
    try Files.replace(there + "/precious", with: [1])
  }

  private func code(_ body: () throws -> Void) -> CInt? {
    do { try body() } catch { return (error as? SystemError)?.code }
    return nil
  }

  @Test("a link in the place of a directory or file is not followed")
  func links() throws {
    #expect(symlink(there, here + "/kits") == 0 && symlink(there + "/precious", here + "/file") == 0)
    let directory = try Directory(opening: here)
    #expect(code { _ = try directory.directory("kits").list() } == ENOTDIR)
    #expect(code { _ = try directory.read("file") } == ELOOP)
    #expect(code { _ = try directory.open("file", O_WRONLY) } == ELOOP)
    #expect(try directory.kind(of: "kits") == .link)
    #expect(try directory.remove("file") && directory.remove("kits"))
    #expect(try directory.list().isEmpty)
    #expect(try Files.read(there + "/precious") == [1])
    #expect(try !directory.remove("file"))
  }

  @Test("a name that is a path is refused")
  func names() throws {
    let directory = try Directory(opening: here)
    for name in ["", ".", "..", "../there/precious", "/etc/passwd", "a/b", "a\u{0}b"] {
      #expect(code { _ = try directory.read(name) } == EINVAL)
      #expect(code { try directory.remove(name) } == EINVAL)
      #expect(code { try directory.commit("x", as: name) } == EINVAL)
    }
    #expect(try Files.read(there + "/precious") == [1])
  }

  @Test("entries are listed, opened, created, renamed and removed")
  func entries() throws {
    let directory = try Directory(opening: here)
    #expect(try directory.makeDirectory("b") && !directory.makeDirectory("b"))
    try directory.replace("c", with: [1, 2])
    try directory.replace("c", with: [3])
    let file = try directory.create("a")
    try file.write([4])
    try directory.commit("a", as: "d")
    #expect(try directory.list() == ["b", "c", "d"])
    #expect(try directory.read("c") == [3] && directory.read("d") == [4])
    #expect(try directory.kind(of: "b") == .directory && directory.kind(of: "none") == nil)
    #expect(code { _ = try directory.read("c", limit: 0) } == EFBIG)
    #expect(try directory.removeDirectory("b"))
    #expect(code { _ = try directory.directory("c") } == ENOTDIR)
  }

  @Test("a FIFO, a link or a hard link in the place of the temporary file neither hangs nor is written to")
  func leftOvers() throws {
    #expect(mkfifo(here + "/a.part", 0o600) == 0)
    try Files.replace(here + "/a", with: [1])
    #expect(symlink(there + "/precious", here + "/b.part") == 0)
    try Files.replace(here + "/b", with: [2])
    #expect(link(there + "/precious", here + "/c.part") == 0)
    try Files.replace(here + "/c", with: [3])
    #expect(try Files.list(here) == ["a", "b", "c"])
    #expect(try Files.read(here + "/a") == [1] && Files.read(here + "/b") == [2] && Files.read(here + "/c") == [3])
    #expect(try Files.read(there + "/precious") == [1])
  }

  @Test("a move takes a link itself, keeps what has the new name, and a directory that is a link is not opened as itself")
  func moves() throws {
    #expect(symlink(there + "/precious", here + "/link") == 0 && symlink(here, scratch.path + "/other") == 0)
    #expect(code { _ = try Directory(openingItself: scratch.path + "/other").list() } == ENOTDIR)
    let from = try Directory(openingItself: here)
    let to = try Directory(opening: there)
    #expect(code { try from.move("link", to: to, as: "precious") } == EEXIST)
    #expect(code { try from.move("link", to: to, as: "../link") } == EINVAL)
    try from.move("link", to: to, as: "moved")
    #expect(try to.kind(of: "moved") == .link)
    #expect(try from.list().isEmpty)
    #expect(try Files.read(there + "/precious") == [1])
    let owner = try from.ownership()
    #expect(owner.user == geteuid() && owner.isOwn)
    try from.give(to: geteuid(), group: getegid(), mode: 0o777)
    #expect(try !from.ownership().isOwn)
  }

  @Test("names that are no UTF-8 are removed or hidden, and others stay")
  func unnameable() throws {
    func path(_ byte: UInt8) -> [CChar] { here.utf8CString.dropLast() + [0x2F, CChar(bitPattern: byte), 0] }
    #expect(close(open(path(0xFF), O_WRONLY | O_CREAT, 0o600)) == 0)
    #expect(mkdir(path(0xFE), 0o700) == 0)
    try Files.replace(here + "/ä", with: [1])
    let directory = try Directory(opening: here)
    try directory.removeUnnameable(hiding: ".hidden")
    #expect(try directory.list() == ["ä"])
    #expect(mkdir(path(0xFD), 0o700) == 0)
    let inside = path(0xFD).dropLast() + [0x2F, 0x78, 0]
    #expect(close(open(Array(inside), O_WRONLY | O_CREAT, 0o600)) == 0)
    try directory.removeUnnameable(hiding: ".hidden")
    #expect(try directory.list() == [".hidden", "ä"])
  }

  @Test("a directory that cannot be read to its end is an error, and no short list")
  func readFails() throws {
    let stream = try #require(opendir(here))
    defer { closedir(stream) }
    try Files.replace(here + "/file", with: [1])
    #expect(try Files.nextName(in: stream, path: here) != nil)
    rewinddir(stream)
    // The next read of the kernel's fails, as on a stick that was pulled.
    let file = try FileDescriptor(opening: here + "/file", O_RDONLY)
    #expect(dup2(file.raw, dirfd(stream)) >= 0)
    #expect(code { _ = try Files.names(in: stream, path: here) } == ENOTDIR)
  }
}
