import Foundation
import Posix
import TestSupport
import Testing

@testable import Catalogue

/// The source checkout that holds this test.
enum Repository {
  static let directory = SourceTree.path

  static func catalogue() throws -> Catalogue { try Catalogue.load(directory: directory) }

  static let board = "\(directory)/Hardware/boards/headless.yaml"
}

/// A directory for one test, removed when it ends.
final class Scratch {
  let directory: String

  init() throws {
    directory = "\(NSTemporaryDirectory())firstword-catalogue-\(UUID().uuidString)"
    try Files.makeDirectory(directory)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Writes a file below the directory and gives its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = "\(directory)/\(name)"
    try Files.makeDirectory(Path(path).parent)
    try Files.replace(path, with: bytes)
    return path
  }

  /// A copy of the catalogue with the operators' languages and a few others: all of them would take long to read.
  func copyCatalogue() throws {
    try FileManager.default.copyItem(atPath: "\(Repository.directory)/Prompts", toPath: "\(directory)/Prompts")
    try Files.makeDirectory("\(directory)/Languages")
    for tag in ["en", "fr", "es", "de", "ar", "ru", "cmn-Hans", "ro", "hi", "pt", "sq", "sw"] {
      let name = "Languages/\(tag).yaml"
      try FileManager.default.copyItem(atPath: "\(Repository.directory)/\(name)", toPath: "\(directory)/\(name)")
    }
  }

  /// Changes one text of a file, which must be there.
  func replace(_ old: String, with new: String, in name: String) throws {
    let text = String(decoding: try Files.read("\(directory)/\(name)"), as: UTF8.self)
    let range = try #require(text.range(of: old))
    try write(name, text.replacingCharacters(in: range, with: new))
  }

  /// Takes a whole wording out.
  func drop(_ prompt: String, from tag: String) throws {
    let name = "Languages/\(tag).yaml"
    let text = String(decoding: try Files.read("\(directory)/\(name)"), as: UTF8.self)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let start = try #require(lines.firstIndex(of: "  \(prompt):"))
    let end = lines[(start + 1)...].firstIndex { !$0.hasPrefix("    ") } ?? lines.endIndex
    lines.removeSubrange(start..<end)
    try write(name, lines.joined(separator: "\n"))
  }

  /// Gives one value of a wording another content, `nil` to leave it out; the words themselves may be corrected at any
  /// time, so no test counts on them.
  func change(_ key: String, of prompt: String, in tag: String, to value: String?) throws {
    let name = "Languages/\(tag).yaml"
    let text = String(decoding: try Files.read("\(directory)/\(name)"), as: UTF8.self)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let start = try #require(lines.firstIndex(of: "  \(prompt):"))
    let end = lines[(start + 1)...].firstIndex { !$0.hasPrefix("    ") } ?? lines.endIndex
    let line = try #require(lines[start..<end].firstIndex { $0.hasPrefix("    \(key): ") })
    if let value { lines[line] = "    \(key): \"\(value)\"" } else { lines.remove(at: line) }
    try write(name, lines.joined(separator: "\n"))
  }
}

/// What is found wrong, without the temporary directory's path.
func findings(in scratch: Scratch, _ body: () throws -> Void) -> [String] {
  do {
    try body()
    return []
  } catch let error as CatalogueError {
    return error.findings.map { $0.description.replacingOccurrences(of: scratch.directory + "/", with: "") }
  } catch {
    return ["\(error)"]
  }
}
