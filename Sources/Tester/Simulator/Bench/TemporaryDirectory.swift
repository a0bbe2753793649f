import Foundation
import Posix

/// A new directory under TMPDIR, removed when the value is released.
final class TemporaryDirectory {
  let path: String

  init() throws { path = try Files.makeTemporaryDirectory("firstword").string }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
