import Posix

/// A kit as `Changeover` compares it with another.
public protocol InterchangeableKit: Sendable {
  /// Name, version and hash of the manifest. Kits with the same identity have the same clips.
  var identity: String { get }
  /// The file on the disk that its clips are read from.
  var file: FileIdentity { get }
  /// The SHA-256 of clips that must not be played.
  var recalledClips: Set<String> { get }
  /// The same kit without any clip that may be played.
  var withheld: Self { get }
}

extension InterchangeableKit {
  /// Returns whether both have the same clips to play.
  func plays(theSameAs other: Self) -> Bool { identity == other.identity && recalledClips == other.recalledClips }
}
