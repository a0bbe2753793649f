import Encoding
import KitBuilder
import Posix
import Project

/// What files a project is made of, and when each was written last: equal stamps mean equal content.
enum FileStamp {
  /// The stamp of a project.
  struct Whole {
    /// Changes with any of the files.
    var version: String
    /// Whether a file may be written again without another stamp.
    var isFresh: Bool
  }

  /// Returns the stamp of a project: of its own files, of its recordings, and of the catalogue below them.
  ///
  /// - Parameters:
  ///   - directory: the project's directory.
  ///   - catalogue: the catalogue's directory.
  static func of(project directory: String, catalogue: String) -> Whole {
    let root = Path(directory)
    let now = WallTime.now
    var lines: [String] = []
    var isFresh = false
    func add(_ path: Path, depth: Int = 0, to lines: inout [String]) {
      guard let stamp = ContentStamp(path) else { return }
      lines.append("\(path) \(stamp)")
      if stamp.isFresh(at: now) { isFresh = true }
      guard depth > 0, let names = try? Files.list(path) else { return }
      for name in names where !name.hasPrefix(".") { add(path.appending(name), depth: depth - 1, to: &lines) }
    }
    for name in [ProjectFile.name, Approvals.name, ReviewNotes.name, Speakers.name] {
      add(root.appending(name), to: &lines)
    }
    for name in ["Prompts", "Languages", Approvals.reviewers] { add(root.appending(name), depth: 1, to: &lines) }
    add(root.appending(Workspace.recordings), depth: 3, to: &lines)
    for name in ["Prompts", "Languages"] { add(Path(catalogue).appending(name), depth: 1, to: &lines) }
    return Whole(version: String(Digest.sha256(lines.joined(separator: "\n")).prefix(16)), isFresh: isFresh)
  }

  /// Returns the stamp of one file; nil if there is none. stat(2)
  static func of(_ path: String) -> String? { ContentStamp(path)?.description }
}
