import Glibc
import Posix
import Web

/// A directory of a project into which the studio writes files for people.
enum ShelfDirectory {
  /// Creates the directory.
  ///
  /// - Parameter remedy: what to do after what is in its place was renamed.
  /// - Throws: a refusal if a link or a file is in its place: nothing is written outside of the project.
  static func make(_ directory: Path, remedy: String) throws(Refusal) {
    do throws(SystemError) {
      try Files.makeDirectory(directory)
      _ = try Directory(openingItself: directory)
    } catch {
      throw Refusal(
        422, "refused", "the project's directory '\(directory.lastComponent)' cannot be used: \(error)",
        "rename what is in its place, and \(remedy)")
    }
  }
}
