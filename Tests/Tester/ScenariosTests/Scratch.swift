import Catalogue
import Foundation
import Posix
import TestSupport

/// The catalogue and directory of the checkout that holds this test.
enum Repository {
  static let directory = SourceTree.path

  static func catalogue() throws -> Catalogue { try Catalogue.load(directory: directory) }
}

/// A directory for one test, removed when the value is released.
final class Scratch {
  let directory: String

  init() throws { directory = try Files.makeTemporaryDirectory("firstword-scenarios") }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Writes a file below the directory and returns its path.
  func write(_ name: String, _ text: String) throws -> String {
    let path = "\(directory)/\(name)"
    try Files.makeDirectory(Path(path).parent)
    try Files.replace(path, with: Array(text.utf8))
    return path
  }
}

/// The findings that `body` throws, without the temporary directory's path.
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
