import Foundation
import Glibc
import Posix
import Testing

@testable import Kit
@testable import KitBuilder

/// A folder that is removed when the value ends.
struct Folder: ~Copyable {
  let path: String

  init() throws {
    var template = Array("\(NSTemporaryDirectory())firstword-kit-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", code: errno) }
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func write(_ name: String, _ text: String) throws -> String {
    try Files.replace(file(name), with: Array(text.utf8))
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
    var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1
    return (0..<count).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return UInt8(truncatingIfNeeded: state)
    }
  }
}

/// Runs a program and gives its exit code and what it wrote.
@discardableResult
func run(
  _ program: String, _ arguments: [String], in folder: String? = nil, input: String = ""
) throws -> (code: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
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
