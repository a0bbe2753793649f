import Kit

/// A line of the approvals ledger: a person approves one wording or recording, or revokes an approval.
public struct Approval: Codable, Equatable, Sendable {
  /// The SHA-256 of the approved content, lower-case hexadecimal: of the wording's text as UTF-8, or of the
  /// recording's file.
  public var hash: String
  /// Whether a wording or a recording is approved.
  public var kind: Kind
  /// The BCP 47 tag: equal texts in two languages are two wordings.
  public var language: String
  /// The prompt's id.
  public var prompt: String
  /// The approver's name; a claim unless a signature proves it.
  public var name: String
  /// How the approver examined the content.
  public var role: Role
  /// The day of the approval: `2026-05-01`.
  public var date: String
  /// The last day on which the approval counts; nil if it does not expire.
  public var expires: String?
  /// True if the line revokes this person's earlier approvals of the same content.
  public var revokes: Bool?
  /// The id of the reviewer's key; nil if the line is not signed.
  public var key: String?
  /// The minisign signature of `statement`; nil if the line is not signed.
  public var signature: String?

  /// The kinds of content that can be approved.
  public enum Kind: String, Codable, CaseIterable, Sendable { case wording, recording }

  /// How a reviewer examines content.
  public enum Role: String, Codable, CaseIterable, Sendable {
    /// A native speaker reads or listens.
    case listener
    /// A translator translates the text back into English without seeing the source.
    case backTranslator = "back-translator"
  }

  /// Creates a line of the ledger.
  public init(
    hash: String, kind: Kind, language: String, prompt: String, name: String, role: Role, date: String,
    expires: String? = nil, revokes: Bool? = nil, key: String? = nil, signature: String? = nil
  ) {
    self.hash = hash
    self.kind = kind
    self.language = language
    self.prompt = prompt
    self.name = name
    self.role = role
    self.date = date
    self.expires = expires
    self.revokes = revokes
    self.key = key
    self.signature = signature
  }

  /// The bytes that the reviewer's key signs: a format version, then every field of the line but the signature, each
  /// on a line of its own.
  public var statement: [UInt8] {
    let verb = revokes == true ? "revokes" : "approves"
    let fields = [
      "firstword-approval/1", verb, kind.rawValue, hash, language, prompt, name, role.rawValue, date, expires ?? "",
    ]
    return Array((fields.joined(separator: "\n") + "\n").utf8)
  }

  /// Returns the line signed with the reviewer's key.
  ///
  /// - Throws: ``KeyError`` if signing fails.
  public func signed(by key: SecretKey) throws(KeyError) -> Approval {
    let signature = try key.sign(statement, trustedComment: "firstword approval")
    var signed = self
    signed.key = signature.key.description
    signed.signature = String(decoding: signature.file, as: UTF8.self)
    return signed
  }
}
