import Foundation
import Glibc
import Testing

@testable import Catalogue
@testable import KitBuilder

/// A temporary directory with sounds for a test; removed when the test ends.
final class Workshop {
  let path: String

  init() throws {
    var template = Array("/tmp/firstword-builder-XXXXXX".utf8CString)
    path = String(cString: try #require(mkdtemp(&template)))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes `bytes` under the directory and returns the whole path.
  @discardableResult
  func put(_ name: String, _ bytes: [UInt8]) throws -> String {
    let target = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: target))
    return target
  }

  /// Returns a catalogue that has only prompts, and two withdrawn ones.
  static func catalogue(_ prompts: [(number: Int, id: String, forms: Prompt.Forms)]) -> Catalogue {
    Catalogue(
      directory: "",
      prompts: prompts.map {
        Prompt(
          number: $0.number, id: $0.id, module: .needs, audience: .all, answer: .none, jurisdiction: false,
          title: $0.id,
          caution: "", length: 2, forms: $0.forms, file: "")
      }, sequences: [], languages: [],
      retired: [
        RetiredPrompt(
          number: 32, id: "child-hurt", reason: "A question about abuse.", instead: nil, file: "", line: 1),
        RetiredPrompt(number: 33, id: "child-hungry", reason: "It is a form.", instead: "need-food", file: "", line: 2),
      ])
  }

  /// Writes a prompt into the directory `catalogue`.
  func putPrompt(
    _ number: String, _ id: String, module: String, audience: String = "all", answer: String = "none", more: String = ""
  ) throws {
    let text = """
      number: \(Int(number)!)
      id: \(id)
      module: \(module)
      audience: \(audience)
      answer: \(answer)
      jurisdiction: false
      title: "Title of \(id)"
      caution: ""
      length: 2
      \(more)
      """
    try put("catalogue/Prompts/\(number)-\(id).yaml", Array(text.utf8))
  }

  /// Writes speech of espeak-ng to a file of 22,050 Hz.
  func speak(_ text: String, voice: String = "en", name: String = "speech.wav") throws -> String {
    let target = "\(path)/\(name)"
    try run("espeak-ng", ["-v", voice, "-w", target, text])
    return target
  }

  /// Runs a program and returns what it wrote to its output and error streams.
  @discardableResult
  func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(program): \(String(decoding: output, as: UTF8.self))")
    return String(decoding: output, as: UTF8.self)
  }

  static func has(_ program: String) -> Bool { access("/usr/bin/\(program)", X_OK) == 0 }
}

/// Returns a RIFF WAVE file of 16-bit or float samples, made without libsndfile so that its header can be wrong.
func wave(
  _ channels: [[Float]], rate: Int, float: Bool = false, promisedBytes: Int? = nil
) -> [UInt8] {
  func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  var data: [UInt8] = []
  for frame in channels[0].indices {
    for channel in channels {
      let value = channel[frame]
      data +=
        float
        ? little(Int(value.bitPattern), 4)
        : little(Int((max(-1, min(1, value)) * 32_767).rounded()), 2)
    }
  }
  let width = float ? 4 : 2
  let format =
    little(float ? 3 : 1, 2) + little(channels.count, 2) + little(rate, 4) + little(rate * channels.count * width, 4)
    + little(channels.count * width, 2) + little(8 * width, 2)
  let promised = promisedBytes ?? data.count
  return Array("RIFF".utf8) + little(36 + promised, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + format
    + Array("data".utf8) + little(promised, 4) + data
}

/// A sine.
func tone(_ hertz: Double, seconds: Double, rate: Int, amplitude: Double = 0.1) -> [Float] {
  (0..<Int(seconds * Double(rate))).map {
    Float(amplitude * sin(2 * .pi * hertz * Double($0) / Double(rate)))
  }
}

/// Even noise, the same on every run.
func noise(seconds: Double, rate: Int, amplitude: Double) -> [Float] {
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15
  return (0..<Int(seconds * Double(rate))).map { _ in
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Float(amplitude * (Double(state >> 11) / Double(1 << 52) - 1))
  }
}

func silence(seconds: Double, rate: Int) -> [Float] {
  Array(repeating: 0, count: Int(seconds * Double(rate)))
}

let anyTags = ClipTags(
  title: "You are safe here", language: "en", voice: "f1", prompt: "safe-here", status: "DRAFT", synthetic: true)
