import Glibc
import Posix

/// A stick that carries a channel in its directory `channel`, in the layout of a mirror, and takes the receipts of the
/// devices that it visits in its directory `receipts`.
public enum ChannelStick {
  /// The directory with the channel.
  public static let channel = "channel"
  /// The directory with receipts.
  public static let receipts = "receipts"

  /// Returns whether the root directory of a stick has a channel.
  public static func isCarried(by root: borrowing Directory) -> Bool {
    guard let place = try? root.directory(channel), let metadata = try? place.directory("metadata") else {
      return false
    }
    return (try? metadata.kind(of: "timestamp.json")) == .file
  }

  /// Makes a stick, or a directory in its place, the working directory, and gives up the right to mount.
  ///
  /// The stick is mounted for writing, where it can be, only if it has a channel.
  ///
  /// - Parameter source: its device, or the directory.
  /// - Returns: whether it has a channel; if not, nothing was changed.
  /// - Throws: `StickMount.Failure` for a stick that cannot be read.
  public static func enter(_ source: String) throws -> Bool {
    if Files.isDirectory(source) {
      let root = try Directory(openingItself: source)
      return try enter(root)
    }
    do {
      let root = try StickMount.open(source)
      if !isCarried(by: root) { return false }
    }
    let stick = try mount(source)
    return try enter(stick)
  }

  private static func mount(_ source: String) throws(StickMount.Failure) -> Directory {
    do throws(StickMount.Failure) { return try StickMount.open(source, writes: true) } catch {
      // A stick with a switch against writing.
      return try StickMount.open(source)
    }
  }

  private static func enter(_ root: borrowing Directory) throws -> Bool {
    if !isCarried(by: root) { return false }
    try root.enter()
    try StickMount.dropRights()
    return true
  }
}
