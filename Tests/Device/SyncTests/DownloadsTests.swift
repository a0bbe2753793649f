import Glibc
import Posix
import Testing

@testable import Channel
@testable import Sync

/// A source of one target that ends, lies or fails as it is asked to.
private final class TestSource: ChannelSource {
  var content: [UInt8]
  /// The bytes after which the connection ends; nil for never.
  var end: Int?
  /// The offsets that were asked for.
  var offsets: [Int] = []

  init(_ content: [UInt8]) { self.content = content }

  func metadata(_ name: String, limit: Int) throws(ChannelError) -> [UInt8]? { nil }

  func target(
    _ name: String, from offset: Int, size: Int, into sink: (UnsafeRawBufferPointer) throws(ChannelError) -> Void
  ) throws(ChannelError) {
    offsets.append(offset)
    let last = min(content.count, end.map { offset + $0 } ?? content.count)
    var position = offset
    while position < last {
      let part = Array(content[position..<min(last, position + 1000)])
      var failure: ChannelError?
      part.withUnsafeBytes { buffer in
        do throws(ChannelError) { try sink(buffer) } catch { failure = error }
      }
      if let failure { throw failure }
      position += part.count
    }
    if end != nil { throw .unavailable(file: name, why: "the connection ended") }
  }
}

@Suite("Downloads")
struct DownloadsTests {
  private let downloads: Downloads
  private let content = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
  private let target: ChannelClient.Target
  private let source: TestSource

  init() throws {
    downloads = Downloads(try Files.makeTemporaryDirectory("downloads"))
    source = TestSource(content)
    var hash = MetaFile(version: 1, bytes: content).hashes
    hash["other"] = "00"
    var file = TargetFile(length: content.count, sha256: hash["sha256"] ?? "")
    file.hashes = hash
    target = ChannelClient.Target(path: "a.kit", name: "x.a.kit", file: file, role: "targets")
  }

  private func read() throws -> [UInt8] { try Files.read(downloads.directory.appending("a.kit")) }

  @Test("a file gets its name when it is whole, and is not fetched again")
  func fetches() throws {
    let first = try downloads.fetch(target, as: "a.kit", from: source)
    #expect(first.fetched == content.count)
    let bytes = try read()
    #expect(bytes == content)
    let second = try downloads.fetch(target, as: "a.kit", from: source)
    #expect(second.fetched == 0 && source.offsets == [0])
    #expect(try Files.list(downloads.directory) == ["a.kit"])
  }

  @Test("an interrupted file is resumed where it ended")
  func resumes() throws {
    source.end = 3500
    for _ in 0..<2 {
      #expect(throws: ChannelError.self) { try downloads.fetch(target, as: "a.kit", from: source) }
      #expect(!Files.exists(downloads.directory.appending("a.kit")))
    }
    source.end = nil
    let result = try downloads.fetch(target, as: "a.kit", from: source)
    #expect(source.offsets == [0, 3500, 7000] && result.fetched == 3000)
    let bytes = try read()
    #expect(bytes == content)
  }

  @Test("a part that is not of this file is fetched from the beginning")
  func damagedPart() throws {
    source.end = 3500
    #expect(throws: ChannelError.self) { try downloads.fetch(target, as: "a.kit", from: source) }
    let names = try Files.list(downloads.directory)
    let part = try #require(names.first)
    try Files.replace(downloads.directory.appending(part), with: [UInt8](repeating: 1, count: 3500))
    source.end = nil
    _ = try downloads.fetch(target, as: "a.kit", from: source)
    let bytes = try read()
    #expect(bytes == content && source.offsets == [0, 3500, 0])
  }

  @Test("another content of the same length is refused, and nothing of it stays")
  func substituted() throws {
    source.content[5000] ^= 1
    #expect(throws: ChannelError.mismatch(file: "a.kit")) { try downloads.fetch(target, as: "a.kit", from: source) }
    #expect(try Files.list(downloads.directory).isEmpty)
    source.content[5000] ^= 1
    _ = try downloads.fetch(target, as: "a.kit", from: source)
    #expect(source.offsets == [0, 0])
  }

  @Test("a file that is changed on the disk is fetched again")
  func changed() throws {
    _ = try downloads.fetch(target, as: "a.kit", from: source)
    try Files.replace(downloads.directory.appending("a.kit"), with: [UInt8](repeating: 0, count: content.count))
    #expect(downloads.whole(target, as: "a.kit") == nil)
    _ = try downloads.fetch(target, as: "a.kit", from: source)
    #expect(downloads.whole(target, as: "a.kit") != nil)
  }

  @Test("a disk without room is noticed before anything is fetched")
  func full() throws {
    #expect {
      try downloads.fetch(target, as: "a.kit", from: source, reserve: 1 << 60)
    } throws: { error in
      guard case .system(let cause)? = error as? ChannelError else { return false }
      return cause.code == ENOSPC
    }
    #expect(source.offsets.isEmpty)
  }

  @Test("what is no longer wanted is removed")
  func cleans() throws {
    source.end = 100
    #expect(throws: ChannelError.self) { try downloads.fetch(target, as: "a.kit", from: source) }
    for name in ["old.kit", "new.kit"] { try Files.replace(downloads.directory.appending(name), with: []) }
    downloads.clean(keeping: ["new.kit"], partsOf: [target])
    let names = try Files.list(downloads.directory)
    #expect(names.count == 2 && names.contains("new.kit") && names.contains { $0.hasSuffix(".part") })
    downloads.clean(keeping: [], partsOf: [])
    #expect(try Files.list(downloads.directory).isEmpty)
  }
}
