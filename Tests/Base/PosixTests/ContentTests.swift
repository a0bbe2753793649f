import Foundation
import Glibc
import Posix
import Testing

@Suite("Files that others change too")
struct ContentTests {
  private let place: Path

  init() throws { place = try Files.makeTemporaryDirectory("firstword-content") }

  private func remove() { try? FileManager.default.removeItem(atPath: place.string) }

  @Test("a file is replaced only if nobody changed, created or removed it, and no temporary file stays")
  func replaced() throws {
    defer { remove() }
    let path = place.appending("words.yaml")
    #expect(try Files.replace(path, with: [1], ifStill: nil))
    #expect(try !Files.replace(path, with: [2], ifStill: nil))
    #expect(try Files.replace(path, with: [2], ifStill: [1]))
    #expect(try !Files.replace(path, with: [3], ifStill: [1]))
    #expect(try !Files.replace(path, with: [3], ifStill: [2, 2]))
    #expect(try Files.read(path) == [2])
    unlink(path.string)
    #expect(try !Files.replace(path, with: [3], ifStill: [2]))
    #expect(try Files.list(place) == [])
  }

  @Test("an editor that saves at the same time loses nothing")
  func race() throws {
    defer { remove() }
    let path = place.appending("words.yaml")
    try Files.replace(path, with: Array("0 0".utf8))
    // The editor counts the first number, this program the second; each keeps the other's.
    let counts = Counts()
    DispatchQueue.concurrentPerform(iterations: 2) { who in
      for number in 1...200 {
        if who == 0 {
          while true {
            guard let old = try? Files.read(path) else { continue }
            let words = String(decoding: old, as: UTF8.self).split(separator: " ")
            if (try? Files.replace(path, with: Array("\(words[0]) \(number)".utf8), ifStill: old)) == true { break }
            counts.add()
          }
        } else if let first = try? Files.read(path) {
          var words = String(decoding: first, as: UTF8.self).split(separator: " ")
          if Int(words[0]) != number - 1, let again = (usleep(50_000), try? Files.read(path)).1 {
            // For a moment the name may have had the file that is taken back.
            words = String(decoding: again, as: UTF8.self).split(separator: " ")
            if Int(words[0]) != number - 1 { counts.lose() }
          }
          // As an editor saves: beside, and renamed; it has not seen what was written since it read.
          let beside = place.appending("words.yaml~").string
          try? Files.create(beside, with: Array("\(number) \(words[1])".utf8))
          rename(beside, path.string)
        }
      }
    }
    #expect(counts.lost == 0, "\(counts.lost) saves of the editor were overwritten")
    #expect(try Files.list(place) == ["words.yaml"])
  }

  private final class Counts: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var lost = 0
    private(set) var refused = 0
    func add() { lock.withLock { refused += 1 } }
    func lose() { lock.withLock { lost += 1 } }
  }

  @Test("a new file is there as a whole or not at all, with its permissions, and replaces nothing")
  func created() throws {
    defer { remove() }
    let path = place.appending("ana.key")
    try Files.create(path, with: [1, 2], mode: 0o600)
    var status = stat()
    #expect(stat(path.string, &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect {
      try Files.create(path, with: [3])
    } throws: { error in
      (error as? SystemError)?.code == EEXIST
    }
    #expect {
      try Files.create(place.appending("none/file"), with: [3])
    } throws: { error in
      (error as? SystemError)?.code == ENOENT
    }
    #expect(try Files.read(path) == [1, 2])
    #expect(try Files.list(place) == ["ana.key"])
  }

  @Test("a stamp changes with the content, the file and its times, and is fresh for a moment")
  func stamps() throws {
    defer { remove() }
    let path = place.appending("a.yaml")
    #expect(ContentStamp(path) == nil)
    try Files.replace(path, with: [1])
    let first = try #require(ContentStamp(path))
    #expect(first == ContentStamp(path))
    var status = stat()
    stat(path.string, &status)
    let written = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    for (later, isFresh) in [(0, true), (20, true), (-500, true), (100, false), (-3_600_000, false)] {
      #expect(first.isFresh(at: WallTime(milliseconds: written + Int64(later))) == isFresh, "\(later)")
    }
    try Files.replace(path, with: [2])
    let second = try #require(ContentStamp(path))
    #expect(first != second)
    // A time that is set back shows, too.
    usleep(20_000)
    utimes(path.string, [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)])
    #expect(ContentStamp(path) != second)
  }
}
