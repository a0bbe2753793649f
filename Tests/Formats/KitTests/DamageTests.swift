import Encoding
import Glibc
import Posix
import Testing

@testable import Kit
@testable import KitBuilder

/// A small kit in a file that a test may break in place.
private final class Target {
  let directory: Directory
  let file: FileDescriptor
  let trusted: TrustedKeys
  let bytes: [UInt8]
  /// Ranges of the file that are content; all else is form.
  let contents: [Range<Int>]

  var path: String { directory.file("a.kit") }

  init() throws {
    directory = try Directory()
    let key = try SecretKey.generate()
    trusted = TrustedKeys([key.publicKey])
    let path = directory.file("a.kit")
    try Pack.write(Sample.kit, bundles: [Sample.bundles[0]], signedBy: key, to: path)
    bytes = try Files.read(path)
    let archive = try Archive(path: path)
    contents = archive.entries.map { entry in
      let start = entry.offset + 30 + entry.name.utf8.count
      return start..<start + entry.size
    }
    file = try FileDescriptor(opening: path, O_RDWR)
  }

  /// Whether a full verification finds nothing.
  func isSound() -> Bool {
    do { return try KitFile(path: path).verifyAll(trustedBy: trusted).faults.isEmpty } catch { return false }
  }

  func put(_ byte: UInt8, at offset: Int) {
    var byte = byte
    _ = pwrite(file.raw, &byte, 1, off_t(offset))
  }
}

@Suite("A kit that was changed")
struct DamageTests {
  @Test("in any one bit is detected: every bit of the container, a sample of the content")
  func flippedBits() throws {
    let target = try Target()
    #expect(target.isSound())
    var inside = [Bool](repeating: false, count: target.bytes.count)
    for range in target.contents { for offset in range { inside[offset] = true } }
    var (tried, missed) = (0, [String]())
    for offset in target.bytes.indices {
      for bit in 0..<8 where !inside[offset] || (offset * 8 + bit) % 11 == 0 {
        target.put(target.bytes[offset] ^ (1 << UInt8(bit)), at: offset)
        if target.isSound() { missed.append("\(offset).\(bit)") }
        tried += 1
      }
      target.put(target.bytes[offset], at: offset)
    }
    #expect(missed == [])
    #expect(tried > 6000)
    #expect(target.isSound())
  }

  @Test("by truncation is detected at every length")
  func truncated() throws {
    let target = try Target()
    var missed: [Int] = []
    for length in stride(from: target.bytes.count - 1, through: 0, by: -1) {
      #expect(ftruncate(target.file.raw, off_t(length)) == 0)
      do {
        _ = try KitFile(path: target.path)
        missed.append(length)
      } catch {}
    }
    #expect(missed == [])
  }

  @Test("by appending or prepending bytes is detected")
  func appended() throws {
    let target = try Target()
    for extra in [[0], [0x50], Array(target.bytes.suffix(22)), target.bytes, Sample.noise(70_000, seed: 5)] {
      for bytes in [target.bytes + extra, extra + target.bytes] {
        try Files.replace(target.directory.file("b.kit"), with: bytes)
        #expect(throws: KitError.self) { try KitFile(path: target.directory.file("b.kit")) }
      }
    }
  }

  @Test("by swapping two clips is detected, also in a newly written container")
  func exchangedClips() throws {
    let target = try Target()
    let archive = try Archive(path: target.path)
    var entries: [(name: String, content: [UInt8])] = []
    for entry in archive.entries.dropFirst() { entries.append((entry.name, try archive.read(entry, limit: 1 << 20))) }
    let clips = entries.indices.filter { entries[$0].name.hasSuffix(".opus") }
    (entries[clips[0]].content, entries[clips[1]].content) = (entries[clips[1]].content, entries[clips[0]].content)
    try Pack.write(entries, to: target.directory.file("b.kit"))
    let kit = try KitFile(path: target.directory.file("b.kit"))
    let result = try kit.verifyAll(trustedBy: target.trusted)
    #expect(result.faults.map(\.entry) == clips.map { entries[$0].name })
    let clip = try #require(kit.bundles[0].clips.first)
    let error = failure { () throws(KitError) in _ = try kit.bytes(of: clip) }
    #expect(
      error?.description
        == "\(kit.path): languages/ro/f1/03-safe-here.opus: damaged: its SHA-256 is not the one in its manifest; "
        + "get the file again from its publisher")
  }

  @Test("in one bit of a clip after it was opened yields no bytes of the clip")
  func changedWhileOpen() throws {
    let target = try Target()
    let kit = try KitFile(path: target.path)
    let clip = kit.bundles[0].clips[0]
    #expect(try kit.bytes(of: clip).count == 300)
    let place = try #require(target.contents.first { $0.count == 300 })
    target.put(target.bytes[place.lowerBound + 150] ^ 4, at: place.lowerBound + 150)
    #expect(throws: KitError.self) { try kit.bytes(of: clip) }
  }

  @Test("at random in several places, with extreme numbers, is an error and never a crash")
  func random() throws {
    let target = try Target()
    var random = Sample.Noise(seed: 42)
    let evil: [[UInt8]] = [
      [0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80], [0xff, 0xff], [1, 0, 0, 0],
    ]
    let ends = target.bytes.count - 700
    for _ in 0..<1500 {
      var broken = target.bytes
      for _ in 0...Int.random(in: 0...3, using: &random) {
        let value = evil.randomElement(using: &random) ?? []
        // Half of them near the end, where the directory is.
        let first = Bool.random(using: &random) ? ends : 0
        let offset = Int.random(in: first...broken.count - value.count, using: &random)
        broken.replaceSubrange(offset..<offset + value.count, with: value)
      }
      if broken == target.bytes { continue }
      for (offset, byte) in broken.enumerated() where byte != target.bytes[offset] { target.put(byte, at: offset) }
      let sound = target.isSound()
      #expect(!sound)
      for (offset, byte) in broken.enumerated() where byte != target.bytes[offset] {
        target.put(target.bytes[offset], at: offset)
      }
    }
  }

  @Test("in a manifest that was then signed is an error or valid, and never a crash")
  func randomManifest() throws {
    let target = try Target()
    let archive = try Archive(path: target.path)
    let entry = try #require(archive[KitLayout.bundle("ro")])
    let text = try archive.read(entry, limit: 1 << 20)
    var random = Sample.Noise(seed: 7)
    let words = [
      "-1", "9223372036854775807", "-9223372036854775808", "1e400", "null", "[", "}", "\"", "\\ud800", "0.5",
    ]
    for _ in 0..<1500 {
      var broken = text
      let word = Array((words.randomElement(using: &random) ?? "").utf8)
      let place = Int.random(in: 0..<broken.count, using: &random)
      // Numbers, so that the JSON often stays whole.
      let digits = broken[place...].prefix { (0x30...0x39).contains($0) }
      broken.replaceSubrange(place..<place + max(1, digits.count), with: word)
      if let bundle = try? Documents.decode(BundleManifest.self, from: broken) { try? bundle.validate() }
    }
  }
}
