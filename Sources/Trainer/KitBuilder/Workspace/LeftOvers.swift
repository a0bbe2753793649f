import Glibc
import Posix
import Project

/// What a killed program leaves in a project: files that were half written, and takes that nobody kept.
public enum LeftOvers {
  /// Removes them. What a process has open stays, and so does everything whose name this program does not give.
  ///
  /// The caller holds the project's lock.
  ///
  /// - Parameter project: the project's directory.
  public static func remove(from project: String) {
    let root = Path(project)
    var found: [Path] = []
    for name in ["", "Languages", "Prompts", Approvals.reviewers, "kits", "cards"] {
      add(name.isEmpty ? root : root.appending(name), depth: 0, &found)
    }
    for name in [Workspace.recordings, TakeDirectory.former] { add(root.appending(name), depth: 2, &found) }
    if found.isEmpty { return }
    let open = openFiles()
    for path in found {
      guard let directory = try? Directory(openingItself: path.parent),
        (try? directory.kind(of: path.lastComponent)) == .file,
        let identity = directory.identity(of: path.lastComponent), !open.contains(identity)
      else { continue }
      _ = try? directory.remove(path.lastComponent)
    }
  }

  /// Adds the left-overs of a directory, and of those in it down to a depth. Links are not followed.
  private static func add(_ directory: Path, depth: Int, _ found: inout [Path]) {
    guard let place = try? Directory(openingItself: directory), let names = try? place.list() else { return }
    for name in names {
      if isHalf(name) || isAbandonedTake(name) { found.append(directory.appending(name)) }
      if depth > 0, (try? place.kind(of: name)) == .directory {
        add(directory.appending(name), depth: depth - 1, &found)
      }
    }
  }

  /// Returns whether a name is one that `Files.replace` gives to a file of a project until it is whole.
  static func isHalf(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count >= 3 && parts[parts.count - 1] == "part"
      && ["yaml", "jsonl", "json", "pub", "kit", "minisig", "wav", "img", "html"].contains(parts[parts.count - 2])
  }

  /// Returns whether a name is that of a take that a process recorded which has ended: `.03-safe-here.4711.wav`.
  static func isAbandonedTake(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0].isEmpty, parts[3] == "wav", let process = pid_t(parts[2]), process > 0 else {
      return false
    }
    return kill(process, 0) != 0 && errno == ESRCH
  }

  /// Returns the files that processes of this user have open. proc_pid_fd(5)
  private static func openFiles() -> Set<FileIdentity> {
    var open: Set<FileIdentity> = []
    for process in (try? Files.list("/proc")) ?? [] where process.allSatisfy(\.isNumber) {
      let path = "/proc/\(process)/fd"
      for name in (try? Files.list(path)) ?? [] {
        var status = stat()
        guard stat("\(path)/\(name)", &status) == 0 else { continue }
        open.insert(FileIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino)))
      }
    }
    return open
  }
}
