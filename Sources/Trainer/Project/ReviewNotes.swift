import Catalogue
import Diagnostics
import Posix

/// What a reviewer said of one wording or recording: one line of the review notes.
public struct ReviewNote: Codable, Equatable, Sendable {
  /// Of what was looked at, as in `Approval`.
  public var hash: String
  public var kind: Approval.Kind
  public var language: String
  public var prompt: String
  public var name: String
  /// `2026-05-01`.
  public var date: String
  public var verdict: Verdict
  /// The reviewer's own English, made before the one on file was seen.
  public var back: String?
  /// What is wrong with it; one line.
  public var note: String?

  public enum Verdict: String, Codable, CaseIterable, Sendable {
    case accepted
    /// Sent back to the trainer.
    case returned
  }

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

/// `review.jsonl`: what reviewers said. A note is open until what it speaks of is changed, or until the one who wrote
/// it approves that very content.
public struct ReviewNotes: Equatable, Sendable {
  /// Name of the file in a project's directory.
  public static let name = "review.jsonl"

  /// In the order of the file.
  public private(set) var entries: [ReviewNote]
  private var byHash: [String: [ReviewNote]]

  public init(_ entries: [ReviewNote] = []) {
    self.entries = entries
    byHash = Dictionary(grouping: entries, by: \.hash)
  }

  /// Reads the notes; none where there is no file.
  public static func read(_ path: String) throws(DiagnosticsError) -> ReviewNotes {
    ReviewNotes(
      try JSONLines.read(
        StrictNote.self, path, what: "a review note", remedy: "restore the line from a copy, or remove it"
      ).map(\.note))
  }

  /// Adds lines: all or none, and on the disk when this returns.
  public static func append(_ entries: [ReviewNote], to path: String) throws(SystemError) {
    try JSONLines.append(entries, to: path)
  }

  /// The notes with one more, as if it had been appended to their file.
  public func adding(_ more: [ReviewNote]) -> ReviewNotes { ReviewNotes(entries + more) }

  /// What still stands against one wording or recording: the last word of each who sent it back.
  public func open(
    _ hash: String, kind: Approval.Kind, language: String, prompt: String, approvals: Approvals
  ) -> [ReviewNote] {
    let content = byHash[hash, default: []].filter {
      $0.kind == kind && $0.language == language && $0.prompt == prompt
    }
    if content.isEmpty { return [] }
    let approved = approvals.approvals(of: hash, kind: kind, language: language, prompt: prompt)
    let people = Set(approved.compactMap { PersonName($0.name) })
    var last: [PersonName: ReviewNote] = [:]
    var order: [PersonName] = []
    for note in content {
      guard let person = PersonName(note.name), !people.contains(person) else { continue }
      if last.updateValue(note, forKey: person) == nil { order.append(person) }
    }
    return order.compactMap { last[$0] }.filter { $0.verdict == .returned }
  }
}

/// A note whose keys and values have been checked.
private struct StrictNote: Decodable {
  let note: ReviewNote

  init(from decoder: any Decoder) throws {
    try LineKey.check(
      decoder, known: ["hash", "kind", "language", "prompt", "name", "date", "verdict", "back", "note"])
    note = try ReviewNote(from: decoder)
    try LineKey.checkHash(note.hash)
    try LineKey.checkDate("date", note.date)
    try LineKey.checkName(note.name)
  }
}
