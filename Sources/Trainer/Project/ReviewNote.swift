/// A line of the review notes: a reviewer's verdict on one wording or recording.
public struct ReviewNote: Codable, Equatable, Sendable {
  /// The SHA-256 of the reviewed content, as in ``Approval``.
  public var hash: String
  /// Whether a wording or a recording was reviewed.
  public var kind: Approval.Kind
  /// The BCP 47 tag.
  public var language: String
  /// The prompt's id.
  public var prompt: String
  /// The reviewer's name.
  public var name: String
  /// The day of the review: `2026-05-01`.
  public var date: String
  /// The reviewer's decision.
  public var verdict: Verdict
  /// The reviewer's own back-translation, made before seeing the one on file.
  public var back: String?
  /// What is wrong, on one line.
  public var note: String?

  /// A reviewer's decision.
  public enum Verdict: String, Codable, CaseIterable, Sendable {
    /// Approved as it is.
    case accepted
    /// Returned to the trainer.
    case returned
    /// The reviewer took back the own return, without a new verdict.
    case withdrawn
  }

  /// Creates a line of the notes.
  public init(
    hash: String, kind: Approval.Kind, language: String, prompt: String, name: String, date: String, verdict: Verdict,
    back: String? = nil, note: String? = nil
  ) {
    self.hash = hash
    self.kind = kind
    self.language = language
    self.prompt = prompt
    self.name = name
    self.date = date
    self.verdict = verdict
    self.back = back
    self.note = note
  }
}
