import Foundation
import Posix

/// A new directory under TMPDIR that goes with this value.
final class TemporaryDirectory {
  let path: String

  init() throws { path = try Files.makeTemporaryDirectory("firstword") }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
