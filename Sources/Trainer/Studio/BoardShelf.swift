import Board
import Catalogue
import Diagnostics
import Posix
import Web

/// The board files that come with the catalogue: `Hardware/boards`.
struct BoardShelf: Sendable {
  private let directory: Path

  /// Names the boards of a catalogue; nothing is read.
  ///
  /// - Parameter catalogue: the catalogue's directory.
  init(catalogue: String) { directory = Path(catalogue).appending("Hardware/boards") }

  /// The names of the board files without `.yaml`.
  var names: [String] {
    ((try? Files.list(directory)) ?? []).filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.map {
      String($0.dropLast(5))
    }
  }

  /// Reads a board.
  ///
  /// - Parameters:
  ///   - name: one of `names`.
  ///   - catalogue: the prompts, sequences and modules that its buttons may name.
  func board(_ name: String, _ catalogue: Catalogue) throws(Refusal) -> Board {
    let path = try path(of: name)
    do throws(DiagnosticsError) { return try BoardFile.read(path, catalogue: catalogue) } catch {
      throw Refusal(422, error.diagnostics)
    }
  }

  /// Returns the path of a board file.
  ///
  /// - Parameter name: one of `names`.
  func path(of name: String) throws(Refusal) -> String {
    guard names.contains(name) else {
      throw Refusal(404, "not-found", "there is no board '\(name)'", "choose one of the list")
    }
    return directory.appending("\(name).yaml").string
  }
}
