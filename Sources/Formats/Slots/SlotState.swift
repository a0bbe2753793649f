import Encoding

/// One of the two systems of a card. Each lies in a partition of its own.
public enum Slot: String, CaseIterable, Codable, Sendable {
  /// The second partition.
  case a
  /// The third partition.
  case b

  /// The other slot.
  public var other: Slot { self == .a ? .b : .a }
}

/// Which slot starts next, and how far it is proven: one line in a sector of the gap before the first partition.
///
/// Two sectors are written in turn, so that a power cut during a write leaves the state before. The initramfs reads and
/// writes the same lines with `Hardware/system/slots`:
///
///     SEQUENCE SLOT TRIES BOOTS SUM
public struct SlotState: Equatable, Sendable {
  /// How far a slot is proven.
  public enum Tries: Equatable, Sendable {
    /// Its daemon was ready once.
    case good
    /// It is on trial: so many starts are left before the other slot is taken.
    case left(Int)
  }

  /// Counts the writes; the higher one of the two sectors holds.
  public var sequence: Int
  /// The slot that starts next.
  public var slot: Slot
  /// How far it is proven.
  public var tries: Tries
  /// Starts since the daemon was last ready.
  public var boots: Int

  /// Creates a state; the default is that of a card on which none was written yet.
  public init(sequence: Int = 0, slot: Slot = .a, tries: Tries = .good, boots: Int = 0) {
    (self.sequence, self.slot, self.tries, self.boots) = (sequence, slot, tries, boots)
  }

  /// The size of a sector in bytes.
  static let sectorSize = 512
  /// The offsets of the two sectors on the card, in bytes: 4 KiB apart, so that no page of the card holds both.
  static let offsets = [2048 * sectorSize, 2056 * sectorSize]
  /// Starts are not counted further.
  static let maximumBoots = 999
  /// The starts that a new system gets before the other slot is taken.
  public static let trials = 3

  private var words: String {
    let tries =
      switch tries {
      case .good: "good"
      case .left(let count): String(count)
      }
    return "\(sequence) \(slot.rawValue) \(tries) \(boots)"
  }

  /// The sector: the line, and zeros.
  var sector: [UInt8] {
    let line = Array(SlotLine.sealed(words).utf8)
    return line + [UInt8](repeating: 0, count: Self.sectorSize - line.count)
  }

  /// Parses a sector.
  ///
  /// - Returns: nil for a sector without a state, and for one whose sum is wrong.
  init?(sector: [UInt8]) {
    guard let words = SlotLine.opened(sector, words: 4), let sequence = SlotLine.number(words[0]),
      let slot = Slot(rawValue: words[1]), let boots = SlotLine.number(words[3]), sequence > 0,
      boots <= Self.maximumBoots
    else { return nil }
    if words[2] == "good" {
      tries = .good
    } else {
      guard let count = SlotLine.number(words[2]), count < 10 else { return nil }
      tries = .left(count)
    }
    (self.sequence, self.slot, self.boots) = (sequence, slot, boots)
  }
}

/// What a slot holds, in the last 4096 bytes of its partition: one line, and zeros. The initramfs gives the hash to
/// dm-verity, so that no byte of the system can differ from what was signed.
///
///     firstword-slot/1 VERSION BLOCKS ROOTHASH SALT SUM
public struct SlotTrailer: Equatable, Sendable {
  /// The first word.
  static let format = "firstword-slot/1"
  /// The size in bytes.
  static let size = 4096

  /// The version of the system.
  public var version: String
  /// Blocks of 4096 bytes that hold data. The superblock of dm-verity follows them, and then its tree.
  public var blocks: Int
  /// The root hash of dm-verity, in 64 hexadecimal digits.
  public var rootHash: String
  /// The salt of dm-verity, in 64 hexadecimal digits.
  public var salt: String

  /// Creates a trailer.
  public init(version: String, blocks: Int, rootHash: String, salt: String) {
    (self.version, self.blocks, self.rootHash, self.salt) = (version, blocks, rootHash, salt)
  }

  /// Blocks of 4096 bytes of data, superblock and tree together. A block of the tree holds 128 hashes.
  public var allBlocks: Int {
    var (all, level) = (blocks + 1, blocks)
    while level > 1 {
      level = (level + 127) / 128
      all += level
    }
    return all
  }

  /// The line and zeros.
  var bytes: [UInt8] {
    let line = Array(SlotLine.sealed("\(Self.format) \(version) \(blocks) \(rootHash) \(salt)").utf8)
    return line + [UInt8](repeating: 0, count: Self.size - line.count)
  }

  /// Parses a trailer.
  ///
  /// - Returns: nil where there is none, and for one whose sum is wrong.
  init?(_ bytes: [UInt8]) {
    guard let words = SlotLine.opened(bytes, words: 5), words[0] == Self.format, let blocks = SlotLine.number(words[2])
    else { return nil }
    (version, self.blocks, rootHash, salt) = (words[1], blocks, words[3], words[4])
    do throws(DocumentError) { try validate() } catch { return nil }
  }

  /// Checks the rules of each word.
  func validate() throws(DocumentError) {
    try SystemVersion.validate(version)
    try Rule.range(blocks, "blocks", 1...999_999)
    try Rule.hash(rootHash, "rootHash")
    try Rule.hash(salt, "salt")
  }
}

/// A line of words with a sum, which a shell can read and write too.
enum SlotLine {
  /// Returns the words with their sum: the first 16 digits of the SHA-256 of the line without it.
  static func sealed(_ words: String) -> String { "\(words) \(sum(words))\n" }

  private static func sum(_ words: String) -> String { String(Digest.sha256("\(words)\n").prefix(16)) }

  /// Returns the words before the sum.
  ///
  /// - Returns: nil where the line has another number of words, or a wrong sum.
  static func opened(_ bytes: [UInt8], words count: Int) -> [String]? {
    guard let end = bytes.firstIndex(of: 0x0A), end < 400, bytes[..<end].allSatisfy({ (0x20...0x7E).contains($0) })
    else { return nil }
    let words = bytes[..<end].split(separator: 0x20, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard words.count == count + 1 else { return nil }
    return sum(words.dropLast().joined(separator: " ")) == words[count] ? Array(words.dropLast()) : nil
  }

  /// Returns a number of at most 15 decimal digits, without a sign and without leading zeros.
  static func number(_ text: String) -> Int? {
    let isPlain = (1...15).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    return isPlain && (text == "0" || text.utf8.first != 0x30) ? Int(text) : nil
  }
}
