import Encoding
import Foundation
import Glibc
import Kit
import KitBuilder
import KitDelta
import Posix

/// A file in memory that is read in ranges, and counts them.
struct MemorySource: RangedSource {
  var bytes: [UInt8]
  var givesRanges = true
  var ranges: [Range<Int>] = []

  mutating func read(_ range: Range<Int>) throws -> [UInt8]? {
    guard givesRanges else { return nil }
    ranges.append(range)
    return Array(bytes[range.clamped(to: 0..<bytes.count)])
  }

  var fetched: Int { ranges.reduce(0) { $0 + $1.count } }
}

/// Kits whose clips are noise: nothing decodes them here.
final class DeltaBench {
  let directory: Path
  let publisher: SecretKey

  init() throws {
    directory = try Files.makeTemporaryDirectory("firstword-delta")
    publisher = try SecretKey.generate()
  }

  deinit { try? FileManager.default.removeItem(atPath: directory.string) }

  /// What a kit is made of.
  struct Content {
    var version = "1.0"
    var tags = ["ro", "sq", "es"]
    var clips = 4
    var clipSize = 3000
    var voice = "f1"
    /// The generation of a clip by its language and number; another one has other bytes and another size.
    var changed: [String: Int] = [:]
  }

  private static func prompt(_ number: Int) -> KitPrompt {
    KitPrompt(
      number: number, id: "prompt-\(number)", module: "opening", audience: .all, answer: .none, jurisdiction: false,
      title: "The title of prompt \(number)", caution: "Say it calmly, and wait for what the person does then.",
      text: "You are safe here with us now. Nobody here will send you back to the people who brought you.")
  }

  /// Writes a kit and returns its path.
  func kit(_ content: Content, by key: SecretKey? = nil) throws -> String {
    let path = directory.appending("\(content.version)-\(content.tags.count)-\(UInt32.random(in: 0 ... .max)).kit")
    let manifest = KitManifest(
      name: "sample", version: content.version, draft: true, source: "en",
      prompts: (1...content.clips).map(Self.prompt), bundles: [])
    let bundles = content.tags.enumerated().map { index, tag in
      PackedBundle(
        BundleManifest(
          tag: tag, number: index + 1, english: "Language \(index)", autonym: "limba \(index)", script: "Latn",
          direction: .ltr, regions: ["RO"], fallback: [], clips: []),
        clips: (1...content.clips).map { number in
          let generation = content.changed["\(tag)-\(number)"] ?? 0
          let clip = Clip(
            prompt: "prompt-\(number)", number: number, voice: content.voice, file: "", sha256: "", bytes: 0,
            frames: 48_000, loudness: -16.02, peak: -1.5, onset: 480, status: .draft, synthetic: true,
            text: "Sunteți în siguranță aici cu noi. Nimeni de aici nu vă va trimite înapoi la cei care v-au adus.",
            back: "You are safe here with us. Nobody here will send you back to those who brought you.",
            wording: "")
          var bytes = Array("\(tag) \(number) \(generation)".utf8)
          bytes += [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: content.clipSize + generation * 7)
          return PackedClip(clip, content: bytes)
        })
    }
    try Pack.write(manifest, bundles: bundles, signedBy: key ?? publisher, to: path.string)
    return path.string
  }

  /// Rebuilds a kit from others; returns the result, what was read, and whether the bytes are the kit's.
  func rebuild(
    _ path: String, from local: [String], source other: MemorySource? = nil, limit: Int = DeltaPlanner.requestLimit
  ) throws -> (result: KitDelta.Result, source: MemorySource, isSame: Bool) {
    let bytes = try Files.read(path)
    var source = other ?? MemorySource(bytes: bytes)
    let place = directory.appending("rebuilt")
    let file = try FileDescriptor(opening: place, O_WRONLY | O_CREAT | O_TRUNC)
    let kits = try local.map { try KitFile(path: $0) }
    let result = try KitDelta.rebuild(
      size: bytes.count, sha256: Digest.sha256(bytes), from: &source, using: kits, into: file, requestLimit: limit)
    return (result, source, try Files.read(place) == bytes)
  }
}
