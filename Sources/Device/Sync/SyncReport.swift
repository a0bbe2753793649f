import Distribution
import Encoding
import Posix

/// What one run of the synchronizer did.
public struct SyncReport: Codable, Equatable, Sendable {
  /// The format of this document.
  public static let format = "firstword-sync-report/1"

  /// How a mirror answered.
  public struct Mirror: Codable, Equatable, Sendable {
    /// The mirror, as it is configured.
    public var mirror: String
    /// Why it was refused or not reached; nil if its metadata is valid.
    public var error: String?
    /// Whether what it sent, and not the way to it, is the cause.
    public var isRefused: Bool
  }

  /// A file that was fetched.
  public struct Fetched: Codable, Equatable, Sendable {
    /// The path of the target.
    public var path: String
    /// Its size in bytes.
    public var size: Int
    /// The bytes that came from mirrors.
    public var bytes: Int
    /// The requests, if it was rebuilt from a kit of the store.
    public var requests: Int?
  }

  /// The device's receipt.
  public struct Receipt: Codable, Equatable, Sendable {
    /// Its number.
    public var number: Int
    /// Whether this run wrote it: what it says is new.
    public var isNew: Bool
    /// Whether it was posted; absent if the configuration names no URL.
    public var isPosted: Bool?
    /// Why it could not be written or posted; absent if it was.
    public var error: String?
  }

  /// The format of this document.
  public var format = Self.format
  /// The mirrors, in the order in which they were asked.
  public var mirrors: [Mirror] = []
  /// What the device knows of its channel after the run.
  public var state = SyncState()
  /// Metadata that is past its end and was accepted, one line each.
  public var warnings: [String] = []
  /// The files that were fetched.
  public var fetched: [Fetched] = []
  /// The hashes of the files that were handed to the spool.
  public var handed: [String] = []
  /// What failed besides mirrors, one line each.
  public var faults: [String] = []

  /// The device's receipt; absent if there is nothing to say yet.
  public var receipt: Receipt?
  /// When the channel was last heard of.
  public var news: ChannelNews?

  /// Creates a report of nothing.
  public init() {}

  /// How a run ended, as an exit status of sysexits(3).
  public enum Outcome: Int32, Sendable {
    /// The device has what it should have, or the spool has it.
    case done = 0
    /// What every mirror sent was refused.
    case refused = 65
    /// No mirror was reached.
    case unreachable = 69
    /// A file could not be fetched, kept or handed over.
    case failed = 74
  }

  /// How the visit of a stick ended, as the control protocol names it: `done` if something was handed over in this run,
  /// `present` if there was nothing new.
  public var noticeOfStick: String {
    switch outcome {
    case .refused: return "refused"
    case .unreachable, .failed: return "failed"
    case .done: break
    }
    let handed = state.handed.filter { self.handed.contains($0.hash) }
    if handed.contains(where: { $0.outcome == .refused }) { return "refused" }
    return handed.isEmpty ? "present" : "done"
  }

  /// How the visit of a stick ended, for people.
  public var lineOfStick: String {
    let errors = mirrors.compactMap(\.error) + faults
    if let error = errors.first { return "the channel on the stick: \(error)" }
    let handed = state.handed.filter { self.handed.contains($0.hash) }.map {
      "\($0.path): \($0.message ?? $0.outcome.rawValue)"
    }
    return handed.isEmpty ? "the channel on the stick has nothing new" : handed.joined(separator: "; ")
  }

  /// How the run ended.
  public var outcome: Outcome {
    if mirrors.allSatisfy({ $0.error != nil }) {
      return mirrors.contains(where: \.isRefused) ? .refused : faults.isEmpty ? .unreachable : .failed
    }
    return faults.isEmpty ? .done : .failed
  }
}
