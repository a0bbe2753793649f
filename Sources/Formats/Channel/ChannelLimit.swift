/// The bounds of a channel: what a mirror sends beyond them is not read.
public enum ChannelLimit {
  /// The maximum size of root metadata in bytes.
  public static let root = 512 << 10
  /// The maximum size of timestamp metadata in bytes.
  public static let timestamp = 16 << 10
  /// The maximum size of snapshot metadata in bytes.
  public static let snapshot = 2 << 20
  /// The maximum size of targets metadata, delegated or not, in bytes.
  public static let targets = 4 << 20
  /// The maximum number of root versions that one refresh follows.
  public static let rotations = 1024
  /// The maximum number of targets roles that one search visits.
  public static let roles = 64
  /// The maximum number of keys in a document and of a role, and of signatures.
  static let keys = 1024
  /// The maximum number of metadata files in a snapshot.
  static let files = 8192
  /// The maximum number of targets of one role.
  static let entries = 20_000
  /// The maximum number of delegations of one role.
  static let delegations = 1024
  /// The highest version.
  public static let version = 1 << 53
  /// The maximum length of a target in bytes.
  public static let length = 1 << 40
}
