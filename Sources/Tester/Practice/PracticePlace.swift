import Foundation
import Glibc
import Posix
import Simulator

/// The temporary directory of a practice. It is locked, so that the next practice can remove it if this program is
/// killed.
final class PracticePlace {
  let path: Path
  private let lock: LockedFile
  private static let name = "firstword-practice"
  private static let bench = "bench"

  /// The directory for the bench.
  var bench: Path { path.appending(Self.bench) }

  /// Creates the directory under TMPDIR, and removes those of killed programs.
  init() throws(SystemError) {
    Self.removeLeftovers()
    path = try Files.makeTemporaryDirectory(Self.name)
    lock = try LockedFile(opening: path, O_RDONLY | O_DIRECTORY)
    try Files.makeDirectory(bench)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  /// Removes the directories whose programs do not live any more.
  private static func removeLeftovers() {
    let place = Files.temporaryPlace
    for name in (try? Files.list(place)) ?? [] where name.hasPrefix(Self.name + "-") {
      let path = place.appending(name)
      guard let lock = try? LockedFile(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) else { continue }
      Bench.unmount(in: path.appending(bench).string)
      try? FileManager.default.removeItem(atPath: path.string)
      lock.free()
    }
  }
}
