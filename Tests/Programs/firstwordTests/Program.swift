import Catalogue
import Foundation
import Kit
import Posix
import TestSupport

/// The shipped `firstword`, run as a person runs it, but on no terminal.
enum Program {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    /// Whether a terminal shows all of it, and obeys none of it.
    var isPlain: Bool {
      (output + errors).unicodeScalars.allSatisfy { scalar in
        scalar == "\n"
          || scalar.properties.generalCategory != .control && ![0x200E, 0x200F, 0x61C, 0x2028].contains(scalar.value)
            && !(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
      }
    }
  }

  /// - Parameter bounded: killed after ten minutes, and refused more than 2 GB of memory.
  static func run(
    _ arguments: [String], in directory: String, input: String = "", bounded: Bool = false
  ) throws -> Outcome {
    let process = Process()
    let program = try Files.programDirectory().appending("firstword").string
    process.executableURL = URL(fileURLWithPath: bounded ? "/bin/bash" : program)
    let bounds = ["-c", "ulimit -v 2000000; exec timeout -s KILL 600 \"$@\"", "bash", program]
    process.arguments = bounded ? bounds + arguments : arguments
    // Nothing of a test stays with the person who runs it.
    process.environment = ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": directory + "/.cache"]) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    // Files, not pipes: nothing can fill up, whatever the order of reading.
    let names = ["in", "out", "err"].map { "\(directory)/.\($0)-\(UUID().uuidString.prefix(8))" }
    defer { for name in names { try? FileManager.default.removeItem(atPath: name) } }
    try Files.replace(names[0], with: Array(input.utf8))
    for name in names.dropFirst() { try Files.replace(name, with: []) }
    process.standardInput = FileHandle(forReadingAtPath: names[0])
    process.standardOutput = FileHandle(forWritingAtPath: names[1])
    process.standardError = FileHandle(forWritingAtPath: names[2])
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
      output: String(decoding: try Files.read(names[1]), as: UTF8.self),
      errors: String(decoding: try Files.read(names[2]), as: UTF8.self))
  }

  static func isInstalled(_ name: String) -> Bool { Files.exists("/usr/bin/\(name)") }
}

/// The words of the checkout. They may be corrected at any time, so tests take texts and numbers from here.
enum Words {
  private static let loaded = Result { try Catalogue.load(directory: SourceTree.path) }

  /// The catalogue, loaded once in each process.
  static func catalogue() throws -> Catalogue { try loaded.get() }

  /// Returns the text of an item in a language.
  static func text(_ item: String, in tag: String) throws -> String {
    guard let wording = try catalogue().wording(item, in: tag) else { throw CocoaError(.keyValueValidation) }
    return wording.text
  }

  /// Returns how many recordings a new project needs of a language that listeners hear: each prompt and the formula of the
  /// card, in the adult's form and, where the language has it, in the child's.
  static func recordings(of tag: String) throws -> Int {
    let catalogue = try catalogue()
    return catalogue.items.count { item in
      item.module != .operator && catalogue.wording(item.id, in: tag) != nil && item.form.forAdult.isBase
        && (item.kind == .message || item.baseID == AnswerMode.base.formula)
    }
  }
}

/// A directory that goes with its test.
final class Workplace {
  let directory = FileManager.default.temporaryDirectory.path + "/firstword-place-\(UUID().uuidString.prefix(8))"

  init() throws { try Files.makeDirectory(directory) }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func run(_ arguments: String..., input: String = "") throws -> Program.Outcome {
    try Program.run(arguments, in: directory, input: input)
  }
}
