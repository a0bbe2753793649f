import Foundation
import Glibc
import Posix
import Testing

@testable import Kit
@testable import KitBuilder

/// A directory that is removed when the value ends.
final class Directory {
  let path: String

  init() throws {
    var template = Array("\(NSTemporaryDirectory())firstword-kit-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", code: errno) }
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// Readable by its owner only, as keys are.
  func write(_ name: String, _ text: String) throws -> String {
    try Files.replace(file(name), with: Array(text.utf8), mode: 0o600)
    return file(name)
  }
}

/// Small kits with the form of real ones: the clips are noise, since Kit never decodes them.
enum Sample {
  static func prompt(_ number: Int, _ id: String) -> KitPrompt {
    KitPrompt(
      number: number, id: id, module: "opening", audience: .all, answer: .none, jurisdiction: false, title: id,
      caution: "", text: "You are safe here with us now.")
  }

  static func clip(_ number: Int, _ prompt: String, voice: String = "f1") -> Clip {
    Clip(
      prompt: prompt, number: number, voice: voice, file: "", sha256: "", bytes: 0, frames: 48_000, loudness: -16.02,
      peak: -1.5, onset: 480, status: .draft, synthetic: true, text: "Sunteți în siguranță aici cu noi.",
      back: "You are safe here with us.", wording: "")
  }

  static func bundle(_ tag: String, _ number: Int, clips: [Clip], size: Int = 300) -> PackedBundle {
    PackedBundle(
      BundleManifest(
        tag: tag, number: number, english: "Language \(number)", autonym: "limba \(number)", script: "Latn",
        direction: .ltr, regions: ["RO", "MD"], fallback: [], clips: []),
      clips: clips.map { PackedClip($0, content: noise(size, seed: number * 100 + $0.number)) })
  }

  static func sequence(_ id: String, _ prompt: String = "safe-here") -> KitSequence {
    KitSequence(id: id, title: "A", steps: [.init(prompt: prompt, pause: 1000)])
  }

  static var kit: KitManifest {
    KitManifest(
      name: "sample", version: "1.0", draft: true, source: "en",
      prompts: [prompt(3, "safe-here"), prompt(4, "interpreter-coming")], bundles: [])
  }

  static var bundles: [PackedBundle] {
    [
      bundle("ro", 3, clips: [clip(3, "safe-here"), clip(4, "interpreter-coming")]),
      bundle("cmn-Hans", 9, clips: [clip(4, "interpreter-coming"), clip(3, "safe-here")]),
    ]
  }

  /// Bytes that look like nothing, the same every time.
  static func noise(_ count: Int, seed: Int) -> [UInt8] {
    var noise = Noise(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: noise.next()) }
  }

  /// xorshift64
  struct Noise: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }
}

/// Runs a program and gives its exit code and what it wrote.
@discardableResult
func run(
  _ program: String, _ arguments: [String], in directory: String? = nil, input: String = ""
) throws -> (code: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
  let (into, out) = (Pipe(), Pipe())
  process.standardInput = into
  process.standardOutput = out
  process.standardError = out
  try process.run()
  into.fileHandleForWriting.write(Data(input.utf8))
  try into.fileHandleForWriting.close()
  let output = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return (process.terminationStatus, output)
}

/// Programs of other people, which must agree with ours.
enum Stranger {
  static let minisign = "/usr/bin/minisign"
  static let unzip = "/usr/bin/unzip"

  static func isHere(_ program: String) -> Bool {
    if Files.exists(program) { return true }
    print("SKIPPED: \(program) is not installed, so nobody but ourselves says that our files are right")
    return false
  }
}

/// The error that `work` throws, of one type; records a failure where it throws none.
func failure<Failure: Error>(_ work: () throws(Failure) -> Void, _ place: SourceLocation = #_sourceLocation) -> Failure?
{
  do throws(Failure) {
    try work()
    Issue.record("nothing was thrown", sourceLocation: place)
    return nil
  } catch { return error }
}

/// What the program minisign 0.11 made, once.
enum Golden {
  /// `minisign -G -W`
  static let openKey = """
    untrusted comment: minisign encrypted secret key
    RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAKxI+3+R18IDgVV253ewQwq7L7Zo0ZtxX3u4wR5+vlcG\
    nQeE/+34FUR6LX7RAbv8fe5KWJClEIUJ3xNcSb+A+lPqdAzhuF1QRAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

    """
  static let openPublic = """
    untrusted comment: minisign public key 80F075E4DF3E122B
    RWQrEj7f5HXwgB6LX7RAbv8fe5KWJClEIUJ3xNcSb+A+lPqdAzhuF1QR

    """
  /// `minisign -G` with the passphrase `abc`.
  static let lockedKey = """
    untrusted comment: minisign encrypted secret key
    RWRTY0Iy7tTmXcTvhivAukf7Y1x9697fIdfqy29Z97gzRaFjSYEAAAACAAAAAAAAAEAAAAAA8LZNVnrRfHspboGQjOj8oPOxLsm8vs2IvDVDa6MfqBs\
    bfiHUZ22vDJbzVW6m8keiGzWzxlbtdVpKRm9QU0l4LRgkfqOFprWE01w2jjhbS2J14USH927wj4S3Xm3/EIyydT7NR0zpi30=

    """
  static let lockedPublic = """
    untrusted comment: minisign public key F8E5F611D9CA9610
    RWQQlsrZEfbl+NRLdXjebWlORDE8i5iTjOp28MJLi0Lr6wHHrsOh7pAM

    """
  /// `minisign -S -s OPEN -t 'trusted here'` of the line `hello`.
  static let signature = """
    untrusted comment: signature from minisign secret key
    RUQrEj7f5HXwgKHd6Z5VrtKD2i0CFAQCydfTYb/s3dRY9utljliZmfnvwmpg+nGX4sY5JLuLgfjZPo6m/B8/SEgo5JpsLAz4XwU=
    trusted comment: trusted here
    uqXBGAbHPKmi5N0/kvL7XRlQ512kpAFg0pvc4R00TLG72fwxeiIMUQ5Xg5HonUVFcUspDkQrpecUzaOWv1OjBA==

    """
  /// The same with `-l`.
  static let legacySignature = """
    untrusted comment: signature from minisign secret key
    RWQrEj7f5HXwgFrzyt+D9cM7PaMer6iJTCwCIK4gou2A5DSgsRgwjXL/LMbsduIbTHg9pCWTb9jzHGe/I2aUnckGC6iDUnpvdww=
    trusted comment: trusted here
    mG+cNphBl2IUMrB8zWKIVM2VfoOoBPOZkBZCG34oxrgwFN5i53JUYcUDYnkvmJXlEsgh3mosG9cZOAQ5x8TdCw==

    """
}

/// A ZIP writer that does whatever it is told, for containers that nobody honest writes.
struct Forge {
  struct Entry {
    var name: String
    var content: [UInt8] = []
    /// Fields that both headers hold.
    var needed = 10
    var flags = 0
    var method = 0
    var time = 0
    var date = 0x21
    var crc32: UInt32?
    /// What the headers say, whatever the content has.
    var size: Int?
    var extra: [UInt8] = []
    var maker = 0x033f
    var inside = 0
    var outside = 0o100644 << 16
    var comment: [UInt8] = []
    /// Bytes before the local header that belong to nothing.
    var gap: [UInt8] = []
    var shift = 0
  }

  var entries: [Entry]
  var comment: [UInt8] = []
  var count: Int?

  static let mimetype = Entry(name: "mimetype", content: Array(KitLayout.mimetypeContent.utf8))

  var bytes: [UInt8] {
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    func put(_ value: Int, _ width: Int, _ target: inout [UInt8]) {
      for step in 0..<width { target.append(UInt8(truncatingIfNeeded: value >> (8 * step))) }
    }
    for entry in entries {
      file += entry.gap
      let offset = file.count + entry.shift
      func common(_ target: inout [UInt8]) {
        for field in [entry.needed, entry.flags, entry.method, entry.time, entry.date] { put(field, 2, &target) }
        put(Int(entry.crc32 ?? Checksum.crc32(entry.content)), 4, &target)
        put(entry.size ?? entry.content.count, 4, &target)
        put(entry.size ?? entry.content.count, 4, &target)
        put(entry.name.utf8.count, 2, &target)
        put(entry.extra.count, 2, &target)
      }
      put(0x0403_4b50, 4, &file)
      common(&file)
      file += Array(entry.name.utf8) + entry.extra + entry.content
      put(0x0201_4b50, 4, &directory)
      put(entry.maker, 2, &directory)
      common(&directory)
      put(entry.comment.count, 2, &directory)
      put(0, 2, &directory)
      put(entry.inside, 2, &directory)
      put(entry.outside, 4, &directory)
      put(offset, 4, &directory)
      directory += Array(entry.name.utf8) + entry.extra + entry.comment
    }
    let start = file.count
    file += directory
    put(0x0605_4b50, 4, &file)
    put(0, 4, &file)
    put(count ?? entries.count, 2, &file)
    put(count ?? entries.count, 2, &file)
    put(directory.count, 4, &file)
    put(start, 4, &file)
    put(comment.count, 2, &file)
    return file + comment
  }
}
