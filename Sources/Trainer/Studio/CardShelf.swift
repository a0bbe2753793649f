import Glibc
import Posix
import Web

/// The directory `cards` of a project, into which the studio writes images of SD cards and their sheets.
struct CardShelf: Sendable {
  /// Its name in the project's directory.
  static let name = "cards"
  /// The directory itself.
  let directory: Path

  /// Names the shelf of a project; nothing is read or created.
  ///
  /// - Parameter project: the project's directory.
  init(_ project: String) { directory = Path(project).appending(Self.name) }

  /// The names of the images, without links and without files that are being written.
  var names: [String] {
    guard let place = try? Directory(openingItself: directory), let names = try? place.list() else { return [] }
    return names.filter { name in
      name.hasSuffix(".img") && !name.hasPrefix(".") && (try? place.kind(of: name)) == .file
    }
  }

  /// Returns the name of an image's sheet.
  static func sheet(of name: String) -> String { "\(Path(name).stem).html" }

  /// Opens one of the images.
  func open(_ name: String) throws(Refusal) -> OpenFile {
    let name = try known(name)
    do throws(SystemError) {
      let file = try Directory(openingItself: directory).open(name, O_RDONLY)
      return try OpenFile(file, path: directory.appending(name))
    } catch { throw Self.unreadable(error) }
  }

  /// Reads the sheet of one of the images.
  func sheet(of name: String) throws(Refusal) -> String {
    let name = Self.sheet(of: try known(name))
    do throws(SystemError) {
      return String(decoding: try Directory(openingItself: directory).read(name, limit: 4 << 20), as: UTF8.self)
    } catch { throw Self.unreadable(error) }
  }

  /// Creates the directory.
  ///
  /// - Throws: a refusal if a link or a file is in its place: nothing is written outside of the project.
  func prepare() throws(Refusal) {
    try ShelfDirectory.make(directory, remedy: "begin again")
  }

  /// Returns the name of an image that is there.
  private func known(_ name: String) throws(Refusal) -> String {
    if names.contains(name) { return name }
    throw Refusal(404, "not-found", "there is no card '\(name)'", "reload the page")
  }

  private static func unreadable(_ error: SystemError) -> Refusal {
    Refusal(500, "failed", "the card cannot be read: \(error)", "look at the file")
  }
}
