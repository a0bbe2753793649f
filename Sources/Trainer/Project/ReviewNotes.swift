import Catalogue
import Diagnostics
import Posix

/// The review notes of a project, `review.jsonl`.
///
/// A note is open until its content changes or its author approves the same content.
public struct ReviewNotes: Equatable, Sendable {
  /// The file name in a project's directory.
  public static let name = "review.jsonl"

  /// The lines in the order of the file.
  public private(set) var entries: [ReviewNote]
  private var byHash: [String: [ReviewNote]]

  /// Creates the notes from their lines.
  public init(_ entries: [ReviewNote] = []) {
    self.entries = entries
    byHash = Dictionary(grouping: entries, by: \.hash)
  }

  /// Reads the notes; there are none if there is no file.
  ///
  /// - Throws: ``DiagnosticsError`` with every line that has an unknown key or an invalid value.
  public static func read(_ path: String) throws(DiagnosticsError) -> ReviewNotes {
    ReviewNotes(
      try JSONLines.read(
        StrictNote.self, path, what: "a review note", remedy: "restore the line from a copy, or remove it"
      ).map(\.note))
  }

  /// Appends lines, all or none, and syncs the file.
  public static func append(_ entries: [ReviewNote], to path: String) throws(SystemError) {
    try JSONLines.append(entries, to: path)
  }

  /// Returns the notes with more lines, as if they had been appended to the file.
  public func adding(_ more: [ReviewNote]) -> ReviewNotes { ReviewNotes(entries + more) }

  /// Returns the open notes on one wording or recording: the last note of each reviewer, if it returned the content and
  /// the reviewer has not approved it since.
  ///
  /// - Parameter hash: the SHA-256 of the content.
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

/// A note whose keys and values have been validated.
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
