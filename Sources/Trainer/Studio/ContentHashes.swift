import KitBuilder
import Synchronization

/// The SHA-256 of recordings, each calculated once until the file changes.
final class ContentHashes: Sendable {
  private let known = Mutex<[String: (stamp: String, hash: String)]>([:])

  /// Returns the SHA-256 of a recording's file; nil if it cannot be read.
  func hash(of path: String) -> String? {
    guard let stamp = FileStamp.of(path) else { return nil }
    if let entry = known.withLock({ $0[path] }), entry.stamp == stamp { return entry.hash }
    guard let hash = try? Recording.sha256(path: path) else { return nil }
    known.withLock { $0[path] = (stamp, hash) }
    return hash
  }
}
