import Posix

/// The mounted file systems, from /proc/self/mountinfo. proc_pid_mountinfo(5)
struct Mounts {
  /// One mounted file system.
  struct Mount: Equatable {
    /// The mount point.
    var point: String
    /// The type of file system: `ext4`, `overlay`, `tmpfs`.
    var kind: String
    /// Whether it is mounted read-only.
    var isReadOnly: Bool
    /// Whether its data is lost at power-off.
    var isInMemory: Bool { ["overlay", "tmpfs", "ramfs"].contains(kind) }
  }

  private var mounts: [Mount] = []

  /// The file systems that this process sees; nil where /proc is unavailable.
  static var current: Mounts? {
    (try? Files.read("/proc/self/mountinfo")).map { Mounts(String(decoding: $0, as: UTF8.self)) }
  }

  /// Parses the text of mountinfo. Lines that are malformed are ignored.
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      // A variable number of optional fields comes before the hyphen.
      guard fields.count > 6, let hyphen = fields.firstIndex(of: "-"), fields.count > hyphen + 3 else { continue }
      let options = fields[5].split(separator: ",") + fields[hyphen + 3].split(separator: ",")
      mounts.append(
        Mount(point: Self.plain(fields[4]), kind: String(fields[hyphen + 1]), isReadOnly: options.contains("ro")))
    }
  }

  /// Returns the mount that holds an absolute path: the one with the longest mount point, and of equal ones the last,
  /// which hides the others.
  func mount(of path: String) -> Mount? {
    let found = mounts.filter { mount in
      mount.point == "/" || path == mount.point || path.hasPrefix(mount.point + "/")
    }
    let longest = found.map(\.point.utf8.count).max()
    return found.last { $0.point.utf8.count == longest }
  }

  /// Decodes the octal escapes of the kernel, such as `\040` for a space.
  private static func plain(_ name: Substring) -> String {
    guard name.contains("\\") else { return String(name) }
    var bytes: [UInt8] = []
    var rest = Array(name.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3,
        let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
