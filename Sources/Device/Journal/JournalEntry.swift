import Encoding
import FoundationEssentials
import Posix

/// One line of the journal: an event and its place in the chain.
///
/// Each line carries the hash of the line before it and a hash of itself, so that a line that was changed, removed,
/// added or moved is found. A person who rewrites all lines can make all hashes fit again: against that, the last
/// line's hash is noted elsewhere (`firstword ctl status`, a hand-over sheet) and requested when the journal is
/// verified.
public struct JournalEntry: Codable, Equatable, Sendable {
  /// The format of the lines that this version writes. Lines of format 1, which older versions wrote, have no number of
  /// it.
  public static let currentFormat = 2

  /// The format of the line; nil for format 1.
  public var format: Int?
  /// Number of the line, from 1, through all files of the journal; in `numbers`.
  public var number: Int
  /// SHA-256 of the previous line without its newline, even if that stands in the file before; 64 zeros for the first
  /// line.
  public var previous: String
  /// A `WallTime`. Boards without a clock battery may be wrong about it.
  public var time: String
  /// Nanoseconds of CLOCK_MONOTONIC, comparable within one boot; never negative.
  public var monotonic: Int64
  /// Content of /proc/sys/kernel/random/boot_id.
  public var boot: String
  /// What happened.
  public var event: JournalEvent

  /// `previous` of the first line.
  public static let firstPrevious = String(repeating: "0", count: 64)

  /// Numbers that a line can have. The name of a full file holds the number of its last line in ten digits; no device
  /// writes so many.
  public static let numbers = 1...9_999_999_999

  /// Creates a line.
  public init(number: Int, previous: String, at moment: JournalMoment, _ event: JournalEvent) {
    format = Self.currentFormat
    self.number = number
    self.previous = previous
    time = moment.wall.description
    monotonic = moment.monotonic.nanoseconds
    boot = moment.boot
    self.event = event
  }

  /// `time`, parsed; nil if it is malformed.
  public var wall: WallTime? { WallTime(time) }

  // MARK: As JSON

  private enum Key: String, CodingKey { case format, number, previous, time, monotonic, boot }

  /// Decodes the place and the event, whose keys stand side by side in one object.
  ///
  /// - Throws: `DecodingError` also for a number or a time that no line can have, so that readers can calculate with
  ///   those of any file.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    format = try values.decodeIfPresent(Int.self, forKey: .format)
    number = try values.decode(Int.self, forKey: .number)
    previous = try values.decode(String.self, forKey: .previous)
    time = try values.decode(String.self, forKey: .time)
    monotonic = try values.decode(Int64.self, forKey: .monotonic)
    guard Self.numbers.contains(number) else {
      throw DecodingError.dataCorruptedError(forKey: .number, in: values, debugDescription: "is no number of a line")
    }
    guard monotonic >= 0 else {
      throw DecodingError.dataCorruptedError(forKey: .monotonic, in: values, debugDescription: "is negative")
    }
    boot = try values.decode(String.self, forKey: .boot)
    event = try JournalEvent(from: decoder)
  }

  /// Encodes the place and the event into one object.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encodeIfPresent(format, forKey: .format)
    try values.encode(number, forKey: .number)
    try values.encode(previous, forKey: .previous)
    try values.encode(time, forKey: .time)
    try values.encode(monotonic, forKey: .monotonic)
    try values.encode(boot, forKey: .boot)
    try event.encode(to: encoder)
  }

  /// Returns the format of a line if that is a later one than this version knows; nil for lines that it can read.
  static func laterFormat(of line: [UInt8]) -> Int? {
    struct Versioned: Decodable { let format: Int? }
    guard isWhole(line), let format = (try? Documents.decode(Versioned.self, from: line))?.format else { return nil }
    return format > currentFormat ? format : nil
  }

  /// Returns the line as the file holds it, without its newline: an object with sorted keys, and after them `whole`,
  /// the SHA-256 of the object without that key.
  public func line() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let object = [UInt8](try encoder.encode(self))
    return object.dropLast() + JournalSeal.beginning + Array("\(Digest.sha256(object))\"}".utf8)
  }

  /// Returns whether a line is as it was written: its own hash is right.
  public static func isWhole(_ line: [UInt8]) -> Bool { JournalSeal(line).isWhole }
}

/// A moment by both clocks.
public struct JournalMoment: Equatable, Sendable {
  /// By CLOCK_REALTIME.
  public var wall: WallTime
  /// By CLOCK_MONOTONIC.
  public var monotonic: Monotonic
  /// Id of the boot in which `monotonic` counts.
  public var boot: String

  /// Creates a moment.
  public init(wall: WallTime, monotonic: Monotonic, boot: String) {
    self.wall = wall
    self.monotonic = monotonic
    self.boot = boot
  }

  /// The present moment of this boot.
  public static var now: JournalMoment { JournalMoment(wall: .now, monotonic: .now, boot: thisBoot) }

  private static let thisBoot =
    (try? Files.read("/proc/sys/kernel/random/boot_id")).map {
      String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }
    } ?? ""
}
