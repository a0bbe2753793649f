import Catalogue
import Kit

/// One speaker's entry for one language: pseudonym, voice and consent.
public struct Speaker: Equatable, Sendable {
  /// A pseudonym. The real name is only on the signed consent form, which is kept elsewhere.
  public var pseudonym: String
  /// The BCP 47 tag.
  public var language: String
  /// The name of the voice and of the directory of its recordings: `f1` is the first woman, `m1` the first man.
  public var voice: String
  /// Whether the voice suits children.
  public var isForChildren: Bool
  /// The day on which the consent form was signed: `2026-05-01`.
  public var consent: String
  /// What the consent form permits.
  public var licence: String
  /// Where to request a take-down.
  public var contact: String
  /// The day on which consent was withdrawn; nil if it was not.
  public var withdrawn: String?
  /// The public key of the speaker's browser, as minisign writes it; nil if the speaker did not record by post.
  public var key: String?
  /// The SHA-256 of the code with which the speaker withdraws (``WithdrawalCode``); nil if there is no code.
  public var withdrawal: String?
  /// The file from which the entry was read.
  public var file: String
  /// The entry's line, from 1.
  public var line: Int

  /// Creates an entry.
  public init(
    pseudonym: String, language: String, voice: String, isForChildren: Bool, consent: String, licence: String,
    contact: String, withdrawn: String? = nil, key: String? = nil, withdrawal: String? = nil, file: String, line: Int
  ) {
    self.pseudonym = pseudonym
    self.language = language
    self.voice = voice
    self.isForChildren = isForChildren
    self.consent = consent
    self.licence = licence
    self.contact = contact
    self.withdrawn = withdrawn
    self.key = key
    self.withdrawal = withdrawal
    self.file = file
    self.line = line
  }

  /// Returns whether consent is given on a day; nil asks only that it was not withdrawn.
  public func consents(on day: String?) -> Bool { withdrawn == nil && day.map { consent <= $0 } ?? true }
}

extension Speaker {
  init?(_ field: Field, tags: [String]) {
    let keys = ["pseudonym", "language", "voice", "consent", "licence", "contact"]
    guard let map = field.mapping(keys, optional: ["child-friendly", "withdrawn", "key", "withdrawal"]) else {
      return nil
    }
    let pseudonym = map["pseudonym"]?.text(length: 1...40)
    let language = map["language"].flatMap { $0.knownLanguage(tags) }
    let voice = map["voice"].flatMap { $0.voice() }
    let isForChildren = map["child-friendly"].or(false) { $0.flag() }
    let consent = map["consent"].flatMap { $0.day() }
    let licence = map["licence"]?.text(length: 1...120)
    let contact = map["contact"]?.text(length: 3...120)
    let withdrawn = map["withdrawn"].flatMap { $0.day() }
    let key = map["key"].flatMap { $0.publicKey() }
    let withdrawal = map["withdrawal"].flatMap { $0.hash() }
    guard let pseudonym, let language, let voice, let isForChildren, let consent, let licence, let contact
    else { return nil }
    self.init(
      pseudonym: pseudonym, language: language, voice: voice, isForChildren: isForChildren, consent: consent,
      licence: licence, contact: contact, withdrawn: withdrawn, key: key,
      withdrawal: withdrawal, file: field.file, line: field.line)
  }
}

extension Field {
  fileprivate func knownLanguage(_ tags: [String]) -> String? {
    guard let tag = languageTag() else { return nil }
    if tags.contains(tag) { return tag }
    return refuse(
      "the catalogue has no language '\(tag)'\(Spelling.hint(tag, tags))",
      "correct it, or add Languages/\(tag).yaml to the project")
  }

  /// Returns the name of a directory of recordings, as `RecordingTree` accepts it.
  fileprivate func voice() -> String? {
    guard let text = text(length: 1...20) else { return nil }
    if text == "synthetic" {
      return refuse("'synthetic' is the voice of no speaker", "remove the entry of the voice 'synthetic'")
    }
    let fits = text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    return fits ? text : refuse("\(quoted) is '\(text)'", "write it as f1, m1, f2 …")
  }

  fileprivate func publicKey() -> String? {
    guard let text = text(length: 1...80) else { return nil }
    if PublicKey(base64: text) != nil { return text }
    return refuse("\(quoted) is no public key", "write the second line of the key's file, in quotes")
  }

  fileprivate func hash() -> String? {
    guard let text = text(length: 1...80, inQuotes: true) else { return nil }
    let isHash =
      text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    return isHash ? text : refuse("\(quoted) is no SHA-256", "write 64 lower-case hexadecimal digits, in quotes")
  }

  fileprivate func day() -> String? {
    guard let text = text(length: 1...20) else { return nil }
    return Day.isDay(text) ? text : refuse("\(quoted) is '\(text)', not a day", "write it as 2026-05-01")
  }
}
