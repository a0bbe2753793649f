import Encoding
import Posix

/// What a device knows of its channel between two runs: `state.json` in the synchronizer's own directory.
///
/// It is a memory and no authority: without it everything is verified and fetched again.
public struct SyncState: Codable, Equatable, Sendable {
  /// The format that this program writes and reads.
  public static let format = "firstword-sync-state/1"
  /// The maximum size of the document in bytes.
  static let limit = 1 << 20
  /// The number of files that are remembered.
  static let count = 200

  /// A file that was handed to the spool.
  public struct Handed: Codable, Equatable, Sendable {
    /// How far it came.
    public enum Outcome: String, Codable, Sendable {
      /// The spool has it, and has not yet reported.
      case waiting
      /// The store has it.
      case done
      /// The store refused it; it is not handed over again.
      case refused
    }

    /// The path of the target.
    public var path: String
    /// The hash of its content.
    public var hash: String
    /// Its name in the spool.
    public var item: String
    /// How far it came.
    public var outcome: Outcome
    /// When it was handed over, by the wall clock.
    public var time: WallTime
    /// The spool's message; nil before there is one.
    public var message: String?
  }

  /// The format of this document.
  public var format = Self.format
  /// When a mirror last answered with metadata that is valid, by the wall clock; nil for never.
  public var heard: WallTime?
  /// When the publisher's statement (the timestamp) last changed, by the wall clock; nil for never. A mirror that repeats
  /// the last one is no news.
  public var renewed: WallTime?
  /// When the daemon was last asked to signal that the channel is silent; nil if it was heard of since.
  public var reminded: WallTime?
  /// The number of the device's last receipt.
  public var receipt: Int?
  /// The number of the last receipt that was posted.
  public var posted: Int?
  /// The version of the trusted root.
  public var root: Int?
  /// The version of the trusted timestamp, which rises with each signature of the publisher's.
  public var timestamp: Int?
  /// The version of the trusted snapshot, which rises with each change of the channel.
  public var snapshot: Int?
  /// The end of the timestamp's validity.
  public var expires: WallTime?
  /// The files that were handed over, the latest last.
  public var handed: [Handed] = []

  /// Creates the state of a device that never heard of its channel.
  public init() {}

  /// Decodes a state; nil for anything else.
  init?(json: [UInt8]) {
    guard let state = try? Documents.decode(SyncState.self, from: json), state.format == Self.format else { return nil }
    self = state
  }

  /// Returns the record of a file with this content.
  func handed(_ hash: String) -> Handed? { handed.last { $0.hash == hash } }

  /// Adds or replaces the record of a file.
  mutating func record(_ file: Handed) {
    handed.removeAll { $0.hash == file.hash }
    handed.append(file)
    handed = handed.suffix(Self.count)
  }
}
