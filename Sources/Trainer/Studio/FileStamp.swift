import Encoding
import Glibc
import KitBuilder
import Posix
import Project

/// What files a project is made of, and when each was written last: equal stamps mean equal content.
enum FileStamp {
  /// Returns the stamp of a project: of its own files, of its recordings, and of the catalogue below them.
  ///
  /// - Parameters:
  ///   - directory: the project's directory.
  ///   - catalogue: the catalogue's directory.
  static func of(project directory: String, catalogue: String) -> String {
    let root = Path(directory)
    var lines: [String] = []
    for name in [ProjectFile.name, Approvals.name, ReviewNotes.name, Speakers.name] {
      add(root.appending(name), to: &lines)
    }
    for name in ["Prompts", "Languages", Approvals.reviewers] { add(root.appending(name), depth: 1, to: &lines) }
    add(root.appending(Workspace.recordings), depth: 3, to: &lines)
    for name in ["Prompts", "Languages"] { add(Path(catalogue).appending(name), depth: 1, to: &lines) }
    return String(Digest.sha256(lines.joined(separator: "\n")).prefix(16))
  }

  /// Returns the stamp of one file; nil if there is none. stat(2)
  static func of(_ path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return "\(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }

  /// Adds a line for a file, and for what is in a directory down to a depth.
  private static func add(_ path: Path, depth: Int = 0, to lines: inout [String]) {
    guard let stamp = of(path.string) else { return }
    lines.append("\(path) \(stamp)")
    guard depth > 0, let names = try? Files.list(path) else { return }
    for name in names where !name.hasPrefix(".") { add(path.appending(name), depth: depth - 1, to: &lines) }
  }
}
