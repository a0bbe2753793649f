import Glibc
import Kit
import KitBuilder
import Posix
import Web

/// The directory `kits` of a project, into which the studio writes kits.
struct KitShelf: Sendable {
  /// Its name in the project's directory.
  static let name = "kits"
  /// The directory itself.
  let directory: Path

  /// Names the shelf of a project; nothing is read or created.
  ///
  /// - Parameter project: the project's directory.
  init(_ project: String) { directory = Path(project).appending(Self.name) }

  /// The names of the kits, without links and without files that are being written.
  var names: [String] {
    guard let place = try? Directory(openingItself: directory), let names = try? place.list() else { return [] }
    return names.filter { name in
      name.hasSuffix(".kit") && !name.hasPrefix(".") && (try? place.kind(of: name)) == .file
    }
  }

  /// Opens one of the kits as it is on the disk.
  ///
  /// - Throws: 404 for any other name: what is no name in this directory leads nowhere.
  func open(_ name: String) throws(Refusal) -> OpenFile {
    if names.contains(name) {
      do throws(SystemError) {
        let file = try Directory(openingItself: directory).open(name, O_RDONLY)
        return try OpenFile(file, path: directory.appending(name))
      } catch { throw Refusal(500, "failed", "the kit cannot be read: \(error)", "look at the file") }
    }
    throw Refusal(404, "not-found", "there is no kit '\(name)'", "reload the page")
  }

  /// Reads the manifests of one of the kits.
  func kit(_ name: String) throws(Refusal) -> KitFile {
    guard names.contains(name) else {
      throw Refusal(404, "not-found", "there is no kit '\(name)'", "reload the page")
    }
    do throws(KitError) { return try KitFile(path: directory.appending(name).string) } catch {
      throw Refusal(422, "refused", "\(error)", "build the kit again")
    }
  }

  /// Creates the directory, and removes what a program left that was killed while it wrote. Called under the project's
  /// lock, which every studio holds while it writes a kit.
  ///
  /// - Throws: a refusal if a link or a file is in its place: nothing is written outside of the project.
  func prepare() throws(Refusal) {
    do throws(SystemError) {
      try Files.makeDirectory(directory)
      _ = try Directory(openingItself: directory)
    } catch {
      throw Refusal(
        422, "refused", "the project's directory '\(Self.name)' cannot be used: \(error)",
        "rename what is in its place, and build again")
    }
    LeftOvers.remove(from: directory.parent.string)
  }
}
