import Glibc
import Posix

/// Where the journal is written.
enum JournalPlace {
  /// Bytes under which it cannot go on, and under which somebody should look: a year of daily use is some 10 MB.
  static let least = 4 << 20
  static let few = 64 << 20

  static func check(_ path: String) -> Check {
    let directory = Path(path).parent.string
    guard Files.isDirectory(directory) else {
      return Check(
        "journal", .error, "\(directory): no such directory", remedy: "make it, or name another with --journal")
    }
    let target = Files.exists(path) ? path : directory
    guard access(target, W_OK) == 0 else {
      return Check(
        "journal", .error, "\(target): cannot be written (\(String(cString: strerror(errno))))",
        remedy: "give this user the right to, or name another place with --journal")
    }
    guard let free = try? Files.free(at: directory) else {
      return Check("journal", .warning, "\(directory): its free space is not told")
    }
    let mount = absolute(directory).flatMap { Mounts.current?.mount(of: $0) }
    return check(path, free: free, isInMemory: mount?.isInMemory ?? false)
  }

  static func check(_ path: String, free: Int, isInMemory: Bool) -> Check {
    let text = "\(path): \(free >> 20) MiB free"
    if free < least {
      return Check("journal", .error, text, remedy: "move old journals away, or name another place with --journal")
    }
    if isInMemory {
      return Check(
        "journal", .warning, "\(text), in memory: gone at power-off",
        remedy: "name a place on a partition that is kept with --journal")
    }
    if free < few { return Check("journal", .warning, text, remedy: "move old journals away") }
    return Check("journal", .ok, text)
  }

  /// realpath(3)
  private static func absolute(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }
}
