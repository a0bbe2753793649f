import Catalogue
import Diagnostics
import Foundation
import Posix

/// A temporary directory for one test; removed when the value is released.
package final class Scratch {
  /// The directory's path.
  package let directory: String

  /// Creates the directory.
  package init() throws {
    directory = try Files.makeTemporaryDirectory("firstword-catalogue").string
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Writes a file below the directory.
  ///
  /// - Returns: the file's path.
  @discardableResult
  package func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

  /// Writes a file below the directory.
  ///
  /// - Returns: the file's path.
  @discardableResult
  package func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = "\(directory)/\(name)"
    try Files.makeDirectory(Path(path).parent)
    try Files.replace(path, with: bytes)
    return path
  }

  /// Copies the catalogue into the directory, with the operator languages and a few others: to read all of them takes
  /// long.
  package func copyCatalogue() throws {
    try FileManager.default.copyItem(atPath: "\(Repository.directory)/Prompts", toPath: "\(directory)/Prompts")
    try Files.makeDirectory("\(directory)/Languages")
    for tag in ["en", "fr", "es", "de", "ar", "ru", "cmn-Hans", "ro", "hi", "pt", "sq", "sw"] {
      let name = "Languages/\(tag).yaml"
      try FileManager.default.copyItem(atPath: "\(Repository.directory)/\(name)", toPath: "\(directory)/\(name)")
    }
  }

  /// Replaces the first occurrence of a text in a file.
  ///
  /// - Throws: `MissingText` if the file does not contain it.
  package func replace(_ old: String, with new: String, in name: String) throws {
    let text = try read(name)
    guard let range = text.range(of: old) else { throw MissingText(file: name, text: old) }
    try write(name, text.replacingCharacters(in: range, with: new))
  }

  /// Removes a whole wording from a language.
  package func drop(_ prompt: String, from tag: String) throws {
    let name = "Languages/\(tag).yaml"
    var lines = try lines(of: name)
    lines.removeSubrange(try range(of: prompt, in: lines, name))
    try write(name, lines.joined(separator: "\n"))
  }

  /// Replaces one value of a wording, or removes it if `value` is nil. Tests use it because they must not depend on the
  /// catalogue's words, which may be corrected at any time.
  package func change(_ key: String, of prompt: String, in tag: String, to value: String?) throws {
    let name = "Languages/\(tag).yaml"
    var lines = try lines(of: name)
    let range = try range(of: prompt, in: lines, name)
    guard let line = lines[range].firstIndex(where: { $0.hasPrefix("    \(key): ") }) else {
      throw MissingText(file: name, text: "\(prompt).\(key)")
    }
    if let value { lines[line] = "    \(key): \"\(value)\"" } else { lines.remove(at: line) }
    try write(name, lines.joined(separator: "\n"))
  }

  private func read(_ name: String) throws -> String {
    String(decoding: try Files.read("\(directory)/\(name)"), as: UTF8.self)
  }

  private func lines(of name: String) throws -> [String] {
    try read(name).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The lines of one wording.
  private func range(of prompt: String, in lines: [String], _ name: String) throws -> Range<Int> {
    guard let start = lines.firstIndex(of: "  \(prompt):") else { throw MissingText(file: name, text: prompt) }
    return start..<(lines[(start + 1)...].firstIndex { !$0.hasPrefix("    ") } ?? lines.endIndex)
  }
}

/// A text that a test wants to change is not in its file.
package struct MissingText: Error {
  package let file: String
  package let text: String
}

extension Diagnostic {
  /// The diagnostic on one line; only a warning is labelled, as in the output of the commands.
  package var listed: String { severity == .error ? unlabelledDescription : description }
}

/// Returns the findings that `body` throws, without the temporary directory's path.
package func findings(in scratch: Scratch, _ body: () throws -> Void) -> [String] {
  do {
    try body()
    return []
  } catch let error as DiagnosticsError {
    return error.diagnostics.map { $0.listed.replacingOccurrences(of: scratch.directory + "/", with: "") }
  } catch {
    return ["\(error)"]
  }
}
