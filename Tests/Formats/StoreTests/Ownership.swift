import Foundation
import Glibc
import Posix

/// Files of two accounts, as a device has them. Only root can make them.
enum Ownership {
  /// An account that is not root, in the place of the daemon's.
  static let daemon: uid_t = 65_534
  /// A group that is not root's.
  static let group: gid_t = 65_533

  static let isPossible = geteuid() == 0
  static let reason = "SKIPPED: only root can give files to another account; run the tests as root"

  /// Gives everything below a directory to the daemon's account, links themselves included.
  static func giveAway(_ directory: String) throws {
    for path in [directory]
      + (try FileManager.default.subpathsOfDirectory(atPath: directory)).map({ "\(directory)/\($0)" })
    {
      try posix("chown", path: path) { lchown(path, daemon, group) }
    }
  }

  /// The account that owns an entry itself, its permissions, and the number of its names.
  static func of(_ path: String) throws -> (user: uid_t, mode: mode_t, links: Int) {
    var status = stat()
    try posix("stat", path: path) { lstat(path, &status) }
    return (status.st_uid, status.st_mode & 0o7777, Int(status.st_nlink))
  }

  /// The paths below a directory that another account than root owns.
  static func foreign(below directory: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: directory).filter { try of("\(directory)/\($0)").user != 0 }
      .sorted()
  }
}
