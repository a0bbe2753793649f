import Catalogue
import TestSupport

/// The source checkout that contains the running test.
package enum Repository {
  /// The directory that holds `Prompts` and `Languages`.
  package static let directory = SourceTree.path

  /// Returns the catalogue of the checkout, loaded once in each process.
  package static func catalogue() throws -> Catalogue { try loaded.get() }

  private static let loaded = Result { try Catalogue.load(directory: directory) }

  /// The path of the headless board.
  package static let board = "\(directory)/Hardware/boards/headless.yaml"
}
