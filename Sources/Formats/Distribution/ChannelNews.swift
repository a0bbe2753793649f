import Encoding
import Posix

/// What a device last heard of its channel: a file that everybody on the device may read.
///
/// A board has no clock battery. Its clock may stand while it is off, so the days are the least that have passed.
public struct ChannelNews: Codable, Equatable, Sendable {
  /// The format that this program writes and reads.
  public static let format = "firstword-channel-news/1"
  /// The file of the device.
  public static let standard: Path = "/run/firstword-sync/news.json"
  /// The days after which a silent channel is signalled, where the configuration names none.
  public static let silentDays = 30
  /// The maximum size of the file in bytes.
  static let limit = 64 << 10

  /// The format of this document.
  public var format: String
  /// When the file was written, by the wall clock.
  public var written: WallTime
  /// When a mirror last answered with metadata that is valid, by the wall clock; nil for never.
  public var heard: WallTime?
  /// When the publisher's statement last changed, by the wall clock; nil for never. It changes each day.
  public var renewed: WallTime?
  /// The version of the channel's timestamp; nil if none was verified.
  public var timestamp: Int?
  /// The version of the channel's snapshot; nil if none was verified.
  public var snapshot: Int?
  /// Metadata that is past its end and was accepted, one line each.
  public var warnings: [String]
  /// Why no mirror answered at the last attempt; empty if one did.
  public var faults: [String]
  /// The days after which a silent channel is signalled; 0 for never.
  public var silentDays: Int

  /// Creates news.
  public init(
    written: WallTime, heard: WallTime?, renewed: WallTime?, timestamp: Int?, snapshot: Int?, warnings: [String],
    faults: [String], silentDays: Int
  ) {
    format = Self.format
    (self.written, self.heard, self.renewed) = (written, heard, renewed)
    (self.timestamp, self.snapshot, self.warnings, self.faults) = (timestamp, snapshot, warnings, faults)
    self.silentDays = silentDays
  }

  /// Reads a file; nil if there is none, or it is no news.
  public init?(reading path: some PathConvertible) {
    guard let bytes = try? Files.read(path, limit: Self.limit),
      let news = try? Documents.decode(Self.self, from: bytes),
      news.format == Self.format
    else { return nil }
    self = news
  }

  /// Returns the whole days since the publisher's statement last changed; nil if none was ever verified, or the clock
  /// has gone back since.
  public func days(at now: WallTime) -> Int? {
    guard let renewed, now >= renewed else { return nil }
    return Int(now.since(renewed) / WallTime.day)
  }

  /// Returns whether the channel was silent for so long that it is signalled.
  public func isSilent(at now: WallTime) -> Bool {
    guard silentDays > 0, let days = days(at: now) else { return false }
    return days >= silentDays
  }

  /// When the channel was last heard of, for people: `last heard of 12 days ago`.
  public func age(at now: WallTime) -> String {
    guard renewed != nil else { return "never heard of" }
    switch days(at: now) {
    case nil: return "last heard of at a time that this clock has not reached"
    case 0?: return "last heard of today"
    case 1?: return "last heard of 1 day ago"
    case let days?: return "last heard of \(days) days ago"
    }
  }
}
