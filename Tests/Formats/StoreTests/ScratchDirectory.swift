import Foundation
import Posix

/// A temporary directory that is removed when the object is destroyed.
final class ScratchDirectory {
  private let path: Path

  init() throws { path = try Files.makeTemporaryDirectory("firstword-store") }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  /// Returns the path of a file in it.
  func file(_ name: String) -> String { path.appending(name).string }
}
