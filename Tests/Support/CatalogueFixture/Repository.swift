import Catalogue
import TestSupport

/// The source checkout that contains the running test.
package enum Repository {
  /// The directory that holds `Prompts` and `Languages`.
  package static let directory = SourceTree.path

  /// Loads the catalogue of the checkout.
  package static func catalogue() throws -> Catalogue { try Catalogue.load(directory: directory) }

  /// The path of the headless board.
  package static let board = "\(directory)/Hardware/boards/headless.yaml"
}
