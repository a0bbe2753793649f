import Foundation
import Posix

/// A new folder under TMPDIR that goes with this value.
final class TemporaryFolder {
  let path: String

  init() throws { path = try Files.makeTemporaryFolder("firstword") }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
