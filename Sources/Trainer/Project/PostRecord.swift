/// A line of the post ledger: a page that was made for a speaker or reviewer, or a file that came back from one.
public struct PostRecord: Codable, Equatable, Sendable {
  /// What the line records.
  public var act: Act
  /// The page's id: 32 hexadecimal digits.
  public var page: String
  /// The kind of page.
  public var kind: Kind
  /// The BCP 47 tag of the page's recordings and texts.
  public var language: String
  /// The day on which the page was made or the file was imported: `2026-05-01`.
  public var date: String
  /// The voice that the page is for; nil if a new speaker gets the next free one.
  public var voice: String?
  /// Where the speaker requests a take-down; nil for a review and for a returned file.
  public var contact: String?
  /// The public key that signed the returned file, as minisign writes it.
  public var key: String?
  /// The name in the returned file: the speaker's pseudonym, or the reviewer's name.
  public var name: String?
  /// The number of the returned file: a later file of the same page and key has a higher one.
  public var serial: Int?
  /// The SHA-256 of what was signed in the returned file.
  public var sha256: String?

  /// What a line records.
  public enum Act: String, Codable, Sendable { case made, returned }

  /// The kinds of pages.
  public enum Kind: String, Codable, CaseIterable, Sendable { case booth, review }

  /// Creates the line of a page that was made.
  public init(
    made page: String, kind: Kind, language: String, date: String, voice: String? = nil, contact: String? = nil
  ) {
    (act, self.page, self.kind, self.language, self.date) = (.made, page, kind, language, date)
    (self.voice, self.contact) = (voice, contact)
  }

  /// Creates the line of a file that was imported.
  public init(
    returned page: String, kind: Kind, language: String, date: String, voice: String? = nil, key: String, name: String,
    serial: Int, sha256: String
  ) {
    (act, self.page, self.kind, self.language, self.date) = (.returned, page, kind, language, date)
    (self.voice, self.key, self.name, self.serial, self.sha256) = (voice, key, name, serial, sha256)
  }
}
