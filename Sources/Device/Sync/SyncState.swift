import Encoding
import Posix
import Store

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
    /// The tag of the store's state when it answered. With another state it may answer otherwise: a key was replaced, a kit
    /// recalled.
    public var store: String?
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

  /// Returns whether a file needs no further attempt: it waits, or the store has answered and is as it was then.
  ///
  /// - Parameter tag: the tag of the store's state.
  func isSettled(_ hash: String, store tag: String) -> Bool {
    guard let file = handed(hash) else { return false }
    return file.outcome == .waiting || file.store ?? tag == tag
  }

  /// Returns a short text that is another one when the store may judge a file otherwise: after a change of its keys, of
  /// what is recalled, or of the active kit.
  static func tag(of state: StoreState?) -> String {
    guard let state else { return "" }
    let keys = state.keys.map { "\($0.key) \($0.retired) \($0.recallsAll ?? false)" }.sorted()
    let lists = state.recalls.map { "\($0.key) \($0.value.issue)" }.sorted()
    return String(Digest.sha256((keys + lists + [state.active ?? ""]).joined(separator: "\n")).prefix(16))
  }

  /// Adds or replaces the record of a file.
  mutating func record(_ file: Handed) {
    handed.removeAll { $0.hash == file.hash }
    handed.append(file)
    handed = handed.suffix(Self.count)
  }
}
