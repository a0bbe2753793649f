import Diagnostics
import Glibc
import Posix

/// The check of the place to which the journal is written.
enum JournalChecks {
  /// Free bytes below which the journal cannot grow.
  static let minimumFree = 4 << 20
  /// Free bytes below which to warn. A year of daily use takes about 10 MB.
  static let lowFree = 64 << 20

  /// Checks that a journal at `path` can be written and has room.
  static func check(_ path: String) -> Diagnostic {
    let directory = Path(path).parent.string
    guard Files.isDirectory(directory) else {
      return Diagnostic(
        "journal", .error, "\(directory): no such directory", remedy: "make it, or name another with --journal")
    }
    let target = Files.exists(path) ? path : directory
    guard access(target, W_OK) == 0 else {
      return Diagnostic(
        "journal", .error, "\(target): cannot be written (\(String(cString: strerror(errno))))",
        remedy: "give this user the right to, or name another place with --journal")
    }
    guard let free = try? Files.free(at: directory) else {
      return Diagnostic("journal", .warning, "\(directory): the free space is unknown")
    }
    let mount = absolute(directory).flatMap { Mounts.current?.mount(of: $0) }
    return check(path, free: free, isInMemory: mount?.isInMemory ?? false)
  }

  /// Rates the place of a journal.
  ///
  /// - Parameters:
  ///   - path: the journal.
  ///   - free: free bytes of its file system.
  ///   - isInMemory: whether the file system is lost at power-off.
  static func check(_ path: String, free: Int, isInMemory: Bool) -> Diagnostic {
    let text = "\(path): \(free >> 20) MiB free"
    if free < minimumFree {
      return Diagnostic("journal", .error, text, remedy: "move old journals away, or name another place with --journal")
    }
    if isInMemory {
      return Diagnostic(
        "journal", .warning, "\(text), in memory: lost at power-off",
        remedy: "name a place on a persistent partition with --journal")
    }
    if free < lowFree { return Diagnostic("journal", .warning, text, remedy: "move old journals away") }
    return Diagnostic("journal", .note, text)
  }

  /// Returns the absolute path without links. realpath(3)
  private static func absolute(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }
}
