import Encoding

/// What a base image says of itself: a JSON document in the gap before its first partition, at byte 2 MiB.
///
/// `Hardware/image` writes it. It has more values than these, which pass through unchanged.
public struct BaseDescription: Codable, Equatable, Sendable {
  /// The format that this program reads.
  public static let format = "firstword-base/1"
  /// Where the document begins in the image, in bytes.
  static let offset = 2 << 20
  /// The maximum size of the document in bytes; zero bytes follow it.
  static let limit = 64 << 10

  /// What a partition is for.
  public enum Role: String, Codable, CaseIterable, Sendable {
    /// The firmware's FAT file system, with kernel and initramfs.
    case boot
    /// The read-only system.
    case a
    /// The place for the next system.
    case b
    /// Store, journal, board: the ext4 file system of the device's own data.
    case data
  }

  /// A partition.
  public struct Partition: Codable, Equatable, Sendable {
    /// What it is for.
    public var role: Role
    /// Its number in the partition table, from 1.
    public var number: Int
    /// Its first byte in the image.
    public var start: Int
    /// Its size in bytes.
    public var size: Int
    /// The bytes from its start that are hashed; nil for all.
    public var used: Int?
    /// The SHA-256 of these bytes; nil where nothing is in it.
    public var sha256: String?

    /// The bytes from its start that are hashed.
    var hashed: Int { used ?? size }
  }

  /// A place in the image.
  public struct Region: Codable, Equatable, Sendable {
    /// Its first byte in the image.
    public var offset: Int
    /// Its length in bytes.
    public var length: Int
  }

  /// What was put into an image by `firstword image`.
  public struct Card: Codable, Equatable, Sendable {
    /// The number that its owner gave it.
    public var serial: String?
    /// The name of its board.
    public var board: String
    /// Name and version of its kit.
    public var kit: String
  }

  /// The format of the document.
  public var format: String
  /// The version of the programs in it, and perhaps the commit after it.
  public var version: String
  /// The partitions, each role once.
  public var partitions: [Partition]
  /// The time that files of the image get, in seconds since 1970; nil for a fixed one.
  public var epoch: Int?
  /// The content of `firstword.txt`, which the firmware reads after `config.txt`; nil where there is none.
  public var config: Region?
  /// The models that it starts: `raspberry-pi-4`.
  public var boards: [String]?
  /// Whether somebody can log in.
  public var login: Bool?
  /// Whether it has what a network needs, and `firstword-sync`; nil for no.
  public var network: Bool?
  /// The version of its Linux kernel.
  public var kernel: String?
  /// What was put into it; nil in a base image.
  public var card: Card?

  /// Returns the partition of a role.
  public func partition(_ role: Role) -> Partition? { partitions.first { $0.role == role } }

  /// Decodes and validates the document of an image of `size` bytes.
  init(json: [UInt8], size: Int) throws(DocumentError) {
    do throws(DocumentError) { self = try Documents.decode(BaseDescription.self, from: json) } catch {
      if let found = Documents.format(of: json), found != Self.format {
        throw .format(found, expected: Self.format)
      }
      throw error
    }
    if format != Self.format { throw .format(format, expected: Self.format) }
    try Rule.text(version, "version", needed: true)
    if let epoch { try Rule.range(epoch, "epoch", 0...0xFFFF_FFFF) }
    for role in Role.allCases where partitions.filter({ $0.role == role }).count != 1 {
      throw DocumentError("partitions", "needs '\(role.rawValue)' exactly once")
    }
    // The first partition begins after this document.
    var end = Self.offset + Self.limit
    for (index, partition) in partitions.sorted(by: { $0.start < $1.start }).enumerated() {
      let key = "partitions[\(index)]"
      try Rule.range(partition.number, "\(key).number", 1...4)
      try Rule.range(partition.start, "\(key).start", end...max(end, size))
      try Rule.range(partition.size, "\(key).size", 0...max(0, size - partition.start))
      try Rule.range(partition.hashed, "\(key).used", 0...partition.size)
      if partition.start % 512 != 0 || partition.size % 512 != 0 {
        throw DocumentError(key, "does not lie on whole sectors")
      }
      if let hash = partition.sha256 { try Rule.hash(hash, "\(key).sha256") }
      end = partition.start + partition.size
    }
    if let config, let boot = partition(.boot) {
      try Rule.range(config.length, "config.length", 512...65_536)
      let last = boot.start + boot.size - config.length
      try Rule.range(config.offset, "config.offset", boot.start...max(boot.start, last))
    }
  }
}
