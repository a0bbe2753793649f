import Kit
import Project

/// What an import does with a file that came back from a speaker or reviewer. Making a plan writes nothing.
public struct ReturnPlan: Sendable {
  /// The day on which the same file was imported; nil if it was not. Then nothing is left to do.
  public internal(set) var imported: String?
  /// A speaker's recordings.
  public internal(set) var takes = ImportPlan(rows: [], leftOut: [])
  /// The speaker, with the voice; nil for a review.
  public internal(set) var speaker: Speaker?
  /// Whether the speaker is not in `speakers.yaml` yet.
  public internal(set) var isNewSpeaker = false
  /// Whether the key and the withdrawal code are entered for a speaker who is in `speakers.yaml` without them.
  public internal(set) var entersKey = false
  /// The new lines of the approvals ledger.
  public internal(set) var approvals: [Approval] = []
  /// The new lines of the review notes.
  public internal(set) var notes: [ReviewNote] = []
  /// Whether the reviewer's key is known; nil for a speaker.
  public internal(set) var trust: Trust?
  /// What is not as the page had it, and what is not used for that reason.
  public internal(set) var remarks: [String] = []
  /// The line for the post ledger.
  public let record: PostRecord

  /// How far a reviewer's key is known.
  public enum Trust: Equatable, Sendable {
    /// A person has vouched that the key belongs to the reviewer.
    case vouched
    /// The key was first seen on this day; nobody has vouched for it.
    case seen(since: String)
    /// The key was never seen before.
    case new
  }

  init(record: PostRecord) { self.record = record }

  /// Whether there is anything to import.
  public var isEmpty: Bool {
    imported != nil || takes.placed.isEmpty && approvals.isEmpty && notes.isEmpty && !isNewSpeaker && !entersKey
  }
}
