import Foundation
import Glibc
import Testing

@testable import Posix

@Suite("A file without a name")
struct UnnamedFileTests {
  private final class Scratch {
    let path: String
    init() throws { path = try Files.makeTemporaryDirectory("firstword-unnamed").string }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private let scratch: Scratch
  private var place: String { scratch.path }

  init() throws { scratch = try Scratch() }

  private func code(_ body: () throws -> Void) -> CInt? {
    do { try body() } catch { return (error as? SystemError)?.code }
    return nil
  }

  @Test("is not in its directory until it is kept, and leaves nothing when it is not kept")
  func names() throws {
    var file: UnnamedFile? = try UnnamedFile(in: place)
    try file?.descriptor.write([1, 2, 3])
    #expect(try Files.list(place).isEmpty)
    #expect(try Files.read(file?.path ?? "") == [1, 2, 3])
    try file?.keep(place + "/kept")
    file = nil
    #expect(try Files.list(place) == ["kept"])
    #expect(try Files.read(place + "/kept") == [1, 2, 3])
  }

  @Test("has a hidden name on a file system that has no such files, and leaves nothing either")
  func hidden() throws {
    var file: UnnamedFile? = try UnnamedFile(in: place, canBeUnnamed: false)
    try file?.descriptor.write([1, 2, 3])
    #expect(try Files.list(place).count == 1)
    file = nil
    #expect(try Files.list(place).isEmpty)
    file = try UnnamedFile(in: place, canBeUnnamed: false)
    try file?.descriptor.write([4])
    try file?.keep(place + "/kept")
    file = nil
    #expect(try Files.list(place) == ["kept"])
    #expect(try Files.read(place + "/kept") == [4])
  }

  @Test("takes no name that is taken", arguments: [true, false])
  func taken(_ canBeUnnamed: Bool) throws {
    try Files.replace(place + "/precious", with: [9])
    #expect(symlink(place + "/nowhere", place + "/link") == 0)
    let file = try UnnamedFile(in: place, canBeUnnamed: canBeUnnamed)
    #expect(code { try file.keep(place + "/precious") } == EEXIST)
    #expect(try Files.read(place + "/precious") == [9])
    #expect(code { try file.keep(place + "/link") } == EEXIST)
    #expect(!Files.exists(place + "/nowhere"))
  }

  @Test("of a program that crashed is removed, and one in use stays")
  func leftOvers() throws {
    try Files.replace(place + "/.upload-crashed", with: [1])
    try Files.replace(place + "/other", with: [1])
    let used = try UnnamedFile(in: place, canBeUnnamed: false)
    UnnamedFile.removeLeftOvers(in: place)
    let names = try Files.list(place)
    #expect(names.count == 2 && names.contains("other") && !names.contains(".upload-crashed"))
    try used.keep(place + "/kept")
  }
}
