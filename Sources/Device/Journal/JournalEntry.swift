import Encoding
import FoundationEssentials
import Posix

/// One line of the journal. It holds no names, no places and no voices: `JournalContent` says what each event may hold.
///
/// Each line carries the hash of the line before it and one of itself, so that a line that was changed, removed, added
/// or moved shows. Who rewrites all lines can make all hashes fit again: against that, the last line's hash is noted
/// elsewhere (`status`, a hand-over sheet) and asked for when the journal is verified.
public struct JournalEntry: Codable, Equatable, Sendable {
  /// Counts the lines of a journal from 1, through all its files.
  public var number: Int
  /// SHA-256 of the previous line without its newline, also where that stands in the file before; 64 zeros for the
  /// first.
  public var previous: String
  /// `WallTime`; boards without a clock battery may be wrong about it.
  public var time: String
  /// Nanoseconds of CLOCK_MONOTONIC, to be compared within one boot.
  public var monotonic: Int64
  /// /proc/sys/kernel/random/boot_id
  public var boot: String
  public var content: JournalContent

  public static let firstPrevious = String(repeating: "0", count: 64)

  public init(number: Int, previous: String, at moment: JournalMoment, _ content: JournalContent) {
    self.number = number
    self.previous = previous
    time = moment.wall.description
    monotonic = moment.monotonic.nanoseconds
    boot = moment.boot
    self.content = content
  }

  public var event: String { content.event }
  public var wall: WallTime? { WallTime(time) }

  // MARK: As JSON

  private enum Key: String, CodingKey { case number, previous, time, monotonic, boot }

  /// The place in the chain and the content stand side by side in one object.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    number = try values.decode(Int.self, forKey: .number)
    previous = try values.decode(String.self, forKey: .previous)
    time = try values.decode(String.self, forKey: .time)
    monotonic = try values.decode(Int64.self, forKey: .monotonic)
    boot = try values.decode(String.self, forKey: .boot)
    content = try JournalContent(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(number, forKey: .number)
    try values.encode(previous, forKey: .previous)
    try values.encode(time, forKey: .time)
    try values.encode(monotonic, forKey: .monotonic)
    try values.encode(boot, forKey: .boot)
    try content.encode(to: encoder)
  }

  /// The line as it stands in the file, without its newline: sorted keys, and behind them `whole`, the SHA-256 of what
  /// the line is without that key.
  public func line() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let object = [UInt8](try encoder.encode(self))
    return object.dropLast() + Self.seal + Array("\(Digest.sha256(object))\"}".utf8)
  }

  /// Whether a line is as it was written: its own hash is right.
  public static func isWhole(_ line: [UInt8]) -> Bool {
    let length = seal.count + 64 + 2
    guard line.count > length else { return false }
    let end = line.count - length
    return line[end...].starts(with: seal)
      && line[(end + seal.count)...].elementsEqual("\(Digest.sha256(line[..<end] + [UInt8(ascii: "}")]))\"}".utf8)
  }

  private static let seal = Array(#","whole":""#.utf8)
}

/// When something happened, by both clocks.
public struct JournalMoment: Equatable, Sendable {
  public var wall: WallTime
  public var monotonic: Monotonic
  public var boot: String

  public init(wall: WallTime, monotonic: Monotonic, boot: String) {
    self.wall = wall
    self.monotonic = monotonic
    self.boot = boot
  }

  public static var now: JournalMoment { JournalMoment(wall: .now, monotonic: .now, boot: thisBoot) }

  private static let thisBoot =
    (try? Files.read("/proc/sys/kernel/random/boot_id")).map {
      String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }
    } ?? ""
}
