import Foundation
import Glibc
import Posix
import Testing

@testable import KitBuilder

@Suite("The cache")
struct BuildCacheTests {
  private let workshop: Workshop
  private let cache: BuildCache
  private let key = String(repeating: "ab", count: 32)

  init() throws {
    workshop = try Workshop()
    cache = BuildCache(directory: "\(workshop.path)/cache")
  }

  private var path: String { "\(cache.directory)/ab/\(key)" }

  @Test("returns what was kept, and nothing for another key")
  func kept() {
    #expect(cache.read(key) == nil)
    cache.write(key, [1, 2, 3])
    #expect(cache.read(key) == [1, 2, 3])
    #expect(cache.read(String(repeating: "cd", count: 32)) == nil)
  }

  @Test("returns nothing for an entry that is damaged, truncated, empty or a directory; the next write replaces it")
  func damaged() throws {
    cache.write(key, Array(0..<100))
    let whole = try Files.read(path)
    for spoiled in [[], Array(whole.prefix(40)), Array(whole.prefix(90)), whole.dropLast() + [whole.last! ^ 1]] {
      try Files.replace(path, with: spoiled)
      #expect(cache.read(key) == nil)
    }
    cache.write(key, [7])
    #expect(cache.read(key) == [7])
    try FileManager.default.removeItem(atPath: path)
    try Files.makeDirectory(path)
    #expect(cache.read(key) == nil)
    cache.write(key, [7])
    #expect(cache.read(key) == nil)
    #expect(try Files.list("\(cache.directory)/ab") == [key])
  }

  @Test("keeps nothing where it cannot write, without an error")
  func unwritable() throws {
    let file = try workshop.put("file", [1])
    let nowhere = BuildCache(directory: "\(file)/cache")
    nowhere.write(key, [1])
    #expect(nowhere.read(key) == nil)
    nowhere.prune()
  }

  @Test("pruning follows no link")
  func linked() throws {
    let other = "\(cache.directory)-other"
    defer { try? FileManager.default.removeItem(atPath: other) }
    let name = String(repeating: "ab", count: 32)
    try Files.makeDirectory(other)
    try Files.create("\(other)/\(name)", with: [1])
    try Files.makeDirectory(cache.directory)
    #expect(symlink(other, "\(cache.directory)/ab") == 0)
    cache.prune(limit: 0)
    #expect(try Files.list(other) == [name])
  }

  @Test("pruning removes the least recently used entries, and old files of interrupted builds")
  func prune() throws {
    let keys = ["aa", "bb", "cc"].map { String(repeating: $0, count: 32) }
    for (age, key) in zip([300, 100, 200], keys) {
      cache.write(key, Array(repeating: 1, count: 1000))
      let path = "\(cache.directory)/\(key.prefix(2))/\(key)"
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -Double(age))], ofItemAtPath: path)
    }
    let left = "\(cache.directory)/aa/\(keys[0]).123"
    try Files.replace(left, with: [1])
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -200_000)], ofItemAtPath: left)
    // Used again, so no longer the oldest.
    #expect(cache.read(keys[0]) != nil)
    cache.prune(limit: 2500)
    #expect(!Files.exists(left))
    #expect(cache.read(keys[0]) != nil)
    #expect(cache.read(keys[1]) != nil)
    #expect(cache.read(keys[2]) == nil)
  }
}
