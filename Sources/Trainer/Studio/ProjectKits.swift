import Glibc
import Posix

/// The kit files of a project: those in its directory `kits`, and in the project's directory itself.
package enum ProjectKits {
  /// A kit file.
  package struct Entry: Sendable {
    /// The name by which the page calls it: `shelter-1.0.kit`, `kits/shelter-1.0.kit`.
    package let name: String
    /// Its path.
    package let path: String
  }

  /// Returns all kit files of a project, the newest first.
  package static func list(in project: String) -> [Entry] {
    let places = [(KitShelf.name + "/", KitShelf(project).directory), ("", Path(project))]
    let entries = places.flatMap { prefix, place in
      ((try? Files.list(place)) ?? []).filter { $0.hasSuffix(".kit") && !$0.hasPrefix(".") }.map {
        Entry(name: prefix + $0, path: place.appending($0).string)
      }
    }
    let dated = entries.map { (entry: $0, time: written($0.path)) }
    return dated.sorted { ($0.time, $1.entry.name) > ($1.time, $0.entry.name) }.map(\.entry)
  }

  /// Returns when a file was written last, in seconds. stat(2)
  private static func written(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mtim.tv_sec : 0
  }

  /// Returns the kit file with a name of the list; nil if there is none.
  package static func entry(_ name: String, in project: String) -> Entry? {
    list(in: project).first { $0.name == name }
  }
}
