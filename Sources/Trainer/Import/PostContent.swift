import Encoding
import Kit
import Project

/// What the page of a speaker or reviewer says in the file that it saves: `return.json`.
public struct PostContent: Decodable, Sendable {
  /// The format of this program's pages.
  public static let format = "firstword-return/1"

  /// The format.
  public var format: String
  /// The kind of page.
  public var kind: PostRecord.Kind
  /// The page's id.
  public var page: String
  /// The BCP 47 tag.
  public var language: String
  /// A later file of the same page and browser has a higher number.
  public var serial: Int
  /// When the file was saved, by the clock of that device.
  public var made: String
  /// The public key, as minisign writes it.
  public var key: String
  /// The browser, as it names itself.
  public var agent: String
  /// The pseudonym of a speaker, or the name of a reviewer.
  public var name: String
  /// A speaker's consent; nil in a review.
  public var consent: Consent?
  /// The noise of the speaker's room in dBFS, as the page measured it.
  public var sound: Sound?
  /// A speaker's recordings.
  public var takes: [Take]
  /// A speaker's notes on texts.
  public var notes: [Note]
  /// A reviewer's answers.
  public var answers: [Answer]

  /// What a speaker agreed to.
  public struct Consent: Decodable, Equatable, Sendable {
    /// A name that is not the speaker's own.
    public var pseudonym: String
    /// What may be done with the voice, in the speaker's own words.
    public var words: String
    /// Whether the voice is a woman's or a man's.
    public var voice: Sex
    /// The day of the consent.
    public var day: String
    /// The SHA-256 of the withdrawal code.
    public var withdrawal: String

    /// Whose voice it is.
    public enum Sex: String, Decodable, Sendable { case woman, man }
  }

  /// The microphone and the room.
  public struct Sound: Decodable, Equatable, Sendable {
    /// The noise of the room in dBFS; nil if it was not measured.
    public var room: Double?
  }

  /// One recording.
  public struct Take: Decodable, Equatable, Sendable {
    /// The item's id.
    public var item: String
    /// The SHA-256 of the wording that the page had.
    public var wording: String
    /// The file in the archive.
    public var file: String
    /// The SHA-256 of the file.
    public var sha256: String
    /// Hz.
    public var rate: Int
    /// The number of samples.
    public var samples: Int
  }

  /// One note of a speaker: a text is wrong.
  public struct Note: Decodable, Equatable, Sendable {
    /// The item's id.
    public var item: String
    /// The SHA-256 of the wording that the page had.
    public var wording: String
    /// What is wrong.
    public var note: String
    /// The day of the note.
    public var date: String
  }

  /// One answer of a reviewer.
  public struct Answer: Decodable, Equatable, Sendable {
    /// The item's id.
    public var item: String
    /// The SHA-256 of the wording that the page had.
    public var wording: String
    /// Whether the words or a recording of them are judged.
    public var kind: Approval.Kind
    /// The SHA-256 of what is judged.
    public var hash: String
    /// Accepted or returned.
    public var verdict: ReviewNote.Verdict
    /// The day of the answer.
    public var date: String
    /// The reviewer's own translation, made before the meaning was shown.
    public var back: String?
    /// What is wrong; nil for what is accepted.
    public var note: String?
    /// The signature of the approval's statement; nil for what is returned.
    public var signature: String?
  }
}

extension PostContent {
  private enum Key: CodingKey {
    case format, kind, page, language, serial, made, key, agent, name, consent, sound, takes, notes, answers
  }

  /// Decodes the content; lists that its kind of page does not have are empty.
  public init(from decoder: any Decoder) throws {
    let all = try decoder.container(keyedBy: Key.self)
    format = try all.decode(String.self, forKey: .format)
    kind = try all.decode(PostRecord.Kind.self, forKey: .kind)
    page = try all.decode(String.self, forKey: .page)
    language = try all.decode(String.self, forKey: .language)
    serial = try all.decode(Int.self, forKey: .serial)
    made = try all.decode(String.self, forKey: .made)
    key = try all.decode(String.self, forKey: .key)
    agent = try all.decode(String.self, forKey: .agent)
    name = try all.decode(String.self, forKey: .name)
    consent = try all.decodeIfPresent(Consent.self, forKey: .consent)
    sound = try all.decodeIfPresent(Sound.self, forKey: .sound)
    takes = try all.decodeIfPresent([Take].self, forKey: .takes) ?? []
    notes = try all.decodeIfPresent([Note].self, forKey: .notes) ?? []
    answers = try all.decodeIfPresent([Answer].self, forKey: .answers) ?? []
  }

  /// Decodes and validates the content.
  init(_ bytes: [UInt8]) throws(DocumentError) {
    self = try Documents.decode(PostContent.self, from: bytes)
    if format != Self.format { throw .format(format, expected: Self.format) }
    let isID =
      page.utf8.count == 32 && page.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    if !isID { throw DocumentError("page", "is no id of a page") }
    try Rule.tag(language, "language")
    try Rule.range(serial, "serial", 1...1_000_000)
    try Rule.text(made, "made", needed: true)
    try Rule.text(agent, "agent")
    try Self.name(name, "name", limit: 80)
    switch kind {
    case .booth:
      guard let consent else { throw DocumentError("consent", "missing") }
      try Self.name(consent.pseudonym, "consent.pseudonym", limit: 40)
      if consent.pseudonym != name { throw DocumentError("name", "is not the pseudonym of the consent") }
      try Self.text(consent.words, "consent.words", limit: 120)
      try Self.day(consent.day, "consent.day")
      try Rule.hash(consent.withdrawal, "consent.withdrawal")
      if !answers.isEmpty { throw DocumentError("answers", "a speaker has none") }
    case .review:
      if consent != nil || !takes.isEmpty || !notes.isEmpty { throw DocumentError("takes", "a reviewer has none") }
    }
    try validateLists()
  }

  private func validateLists() throws(DocumentError) {
    for (index, take) in takes.enumerated() {
      let key = "takes[\(index)]"
      try Self.item(take.item, "\(key).item")
      try Rule.hash(take.wording, "\(key).wording")
      try Rule.hash(take.sha256, "\(key).sha256")
      let stem = take.file.dropFirst("takes/".count).dropLast(".flac".count)
      let isOurs = take.file.hasPrefix("takes/") && take.file.hasSuffix(".flac") && !stem.contains("/")
      if !isOurs || stem.isEmpty || !Text.isPlain(take.file) { throw DocumentError("\(key).file", "is no take's name") }
      try Rule.range(take.rate, "\(key).rate", 8000...768_000)
      try Rule.range(take.samples, "\(key).samples", 1...(60 * 768_000))
    }
    for (index, note) in notes.enumerated() {
      try Self.item(note.item, "notes[\(index)].item")
      try Rule.hash(note.wording, "notes[\(index)].wording")
      try Self.text(note.note, "notes[\(index)].note", limit: 300)
      try Self.day(note.date, "notes[\(index)].date")
    }
    for (index, answer) in answers.enumerated() {
      let key = "answers[\(index)]"
      try Self.item(answer.item, "\(key).item")
      try Rule.hash(answer.wording, "\(key).wording")
      try Rule.hash(answer.hash, "\(key).hash")
      try Self.day(answer.date, "\(key).date")
      if let back = answer.back { try Self.text(back, "\(key).back", limit: 300) }
      switch answer.verdict {
      case .accepted: if answer.signature == nil { throw DocumentError("\(key).signature", "missing") }
      case .returned: try Self.text(answer.note ?? "", "\(key).note", limit: 300)
      case .withdrawn: throw DocumentError("\(key).verdict", "is no answer of a page")
      }
      if answer.kind == .wording, answer.hash != answer.wording {
        throw DocumentError("\(key).hash", "is not the wording's")
      }
    }
    for (key, ids) in [
      ("takes", takes.map(\.item)), ("notes", notes.map(\.item)),
      ("answers", answers.map { "\($0.item) \($0.kind.rawValue) \($0.hash)" }),
    ] where Set(ids).count != ids.count { throw DocumentError(key, "has two of one item") }
  }

  private static func text(_ text: String, _ key: String, limit: Int) throws(DocumentError) {
    try Rule.text(text, key, needed: true)
    // Invisible characters that turn a line around would hide what it says.
    if text.unicodeScalars.contains(where: {
      $0.properties.generalCategory == .format && !(0x200B...0x200D).contains($0.value)
    }) {
      throw DocumentError(key, "has an invisible character")
    }
    if text.unicodeScalars.count > limit { throw DocumentError(key, "is longer than \(limit) characters") }
  }

  private static func name(_ text: String, _ key: String, limit: Int) throws(DocumentError) {
    try self.text(text, key, limit: limit)
    if PersonName(text) == nil { throw DocumentError(key, "has no letter") }
  }

  private static func day(_ text: String, _ key: String) throws(DocumentError) {
    if !Day.isDay(text) { throw DocumentError(key, "is no day such as 2026-05-01") }
  }

  private static func item(_ text: String, _ key: String) throws(DocumentError) {
    try Rule.word(text, key, alphabet: Rule.versions, limit: 80)
  }
}
