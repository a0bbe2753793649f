import Glibc
import Posix

/// Sets faults of a simulated card or microphone through the file that its configuration names as `control`.
public struct CardControl: Sendable {
  /// Path of the control file.
  public let path: String

  /// Creates a control for the file at `path`, which need not exist yet.
  public init(path: String) { self.path = path }

  /// Replaces all faults by these.
  ///
  /// The file is replaced in one step. A running card applies it within a scheduling delay and records the effect.
  public func set(_ faults: [CardFault]) throws(SystemError) {
    let temporary = path + ".part"
    let text = faults.map(\.word).joined(separator: " ") + "\n"
    let file = try FileDescriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(text.utf8)
    try posix("rename", path: path) { rename(temporary, path) }
  }
}
