import Posix

/// What is mounted where, as the kernel tells it: /proc/self/mountinfo, proc_pid_mountinfo(5).
struct Mounts {
  struct Mount: Equatable {
    var point: String
    /// `ext4`, `overlay`, `tmpfs`
    var kind: String
    var isReadOnly: Bool
    /// What is written to it is gone at power-off.
    var isInMemory: Bool { ["overlay", "tmpfs", "ramfs"].contains(kind) }
  }

  private var mounts: [Mount] = []

  static var current: Mounts? {
    (try? Files.read("/proc/self/mountinfo")).map { Mounts(String(decoding: $0, as: UTF8.self)) }
  }

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      // Optional fields stand before the hyphen.
      guard fields.count > 6, let hyphen = fields.firstIndex(of: "-"), fields.count > hyphen + 3 else { continue }
      let options = fields[5].split(separator: ",") + fields[hyphen + 3].split(separator: ",")
      mounts.append(
        Mount(point: Self.plain(fields[4]), kind: String(fields[hyphen + 1]), isReadOnly: options.contains("ro")))
    }
  }

  /// The mount that a path lies on: the one with the longest name, and of equal ones the last, which hides the others.
  func mount(of path: String) -> Mount? {
    let found = mounts.filter { mount in
      mount.point == "/" || path == mount.point || path.hasPrefix(mount.point + "/")
    }
    let longest = found.map(\.point.utf8.count).max()
    return found.last { $0.point.utf8.count == longest }
  }

  /// The kernel writes a space as `\040`.
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
