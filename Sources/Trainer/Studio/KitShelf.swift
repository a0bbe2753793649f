import Glibc
import Kit
import KitBuilder
import Posix
import Web

/// The kit files of a project: those in its directory `kits`, into which the studio writes, and those beside it in the
/// project's directory itself, which can be practised, too.
package struct KitShelf: Sendable {
  /// A kit file.
  package struct Entry: Sendable {
    /// The name by which the page calls it: `shelter-1.0.kit`, `kits/shelter-1.0.kit`.
    package let name: String
    /// Its path.
    package let path: String
  }

  /// The name of the directory in the project's.
  static let name = "kits"
  /// The directory `kits`.
  let directory: Path

  /// Names the shelf of a project; nothing is read or created.
  ///
  /// - Parameter project: the project's directory.
  package init(_ project: String) { directory = Path(project).appending(Self.name) }

  /// The names of the kits in `kits`, without links and without files that are being written.
  var names: [String] {
    guard let place = try? Directory(openingItself: directory) else { return [] }
    return Self.names(in: place)
  }

  /// All kit files of the project, the newest first.
  package var all: [Entry] {
    let own = names.map { Entry(name: "\(Self.name)/\($0)", path: directory.appending($0).string) }
    let project = directory.parent
    var entries = own
    if let place = try? Directory(opening: project) {
      entries += Self.names(in: place).map { Entry(name: $0, path: project.appending($0).string) }
    }
    let dated = entries.map { (entry: $0, time: Self.written($0.path)) }
    return dated.sorted { ($0.time, $1.entry.name) > ($1.time, $0.entry.name) }.map(\.entry)
  }

  /// Returns the kit file with a name of ``all``; nil if there is none.
  package func entry(_ name: String) -> Entry? { all.first { $0.name == name } }

  private static func names(in place: borrowing Directory) -> [String] {
    ((try? place.list()) ?? []).filter { name in
      name.hasSuffix(".kit") && !name.hasPrefix(".") && (try? place.kind(of: name)) == .file
    }
  }

  /// Returns when a file was written last, in seconds. stat(2)
  private static func written(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mtim.tv_sec : 0
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
    try ShelfDirectory.make(directory, remedy: "build again")
    LeftOvers.remove(from: directory.parent.string)
  }
}
