import Foundation
import Posix
import Testing

@testable import Catalogue

/// The source checkout that holds this test.
enum Repository {
  static let folder = Files.parent(of: Files.parent(of: Files.parent(of: #filePath)))

  static func catalogue() throws -> Catalogue { try Catalogue.load(folder: folder) }

  static let board = "\(folder)/Hardware/boards/headless.yaml"
}

/// A folder for one test, removed when it ends.
final class Scratch {
  let folder: String

  init() throws {
    folder = "\(NSTemporaryDirectory())firstword-catalogue-\(UUID().uuidString)"
    try Files.makeFolder(folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Writes a file below the folder and gives its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = "\(folder)/\(name)"
    try Files.makeFolder(Files.parent(of: path))
    try Files.replace(path, with: bytes)
    return path
  }

  /// A copy of the catalogue.
  func copyCatalogue() throws {
    for part in ["Prompts", "Languages"] {
      try FileManager.default.copyItem(atPath: "\(Repository.folder)/\(part)", toPath: "\(folder)/\(part)")
    }
  }

  /// Changes one text of a file, which must be there.
  func replace(_ old: String, with new: String, in name: String) throws {
    let text = String(decoding: try Files.read("\(folder)/\(name)"), as: UTF8.self)
    let range = try #require(text.range(of: old))
    try write(name, text.replacingCharacters(in: range, with: new))
  }
}

/// What is found wrong, without the temporary folder's path.
func findings(in scratch: Scratch, _ body: () throws -> Void) -> [String] {
  do {
    try body()
    return []
  } catch let error as CatalogueError {
    return error.findings.map { $0.description.replacingOccurrences(of: scratch.folder + "/", with: "") }
  } catch {
    return ["\(error)"]
  }
}
