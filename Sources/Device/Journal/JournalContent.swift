/// What a line of the journal says, without its place in the chain.
public struct JournalContent: Codable, Equatable, Sendable {
  /// One of `fields`.
  public var event: String
  public var language: String?
  public var prompt: String?
  /// SHA-256 of the clip's file.
  public var clip: String?
  /// Milliseconds of the clip that were heard.
  public var heard: Int?
  /// What was signalled, answered, done instead, or went wrong.
  public var detail: String?
  /// Whose judgement an answer is: always `responder`, who saw a hand or a face, and may be mistaken.
  public var judge: String?
  /// Id of the information, where the answer tells whether it was understood.
  public var about: String?
  /// The voice of the clip.
  public var voice: String?
  /// Name, version and SHA-256 of `kit.json`.
  public var kit: String?
  /// Id of the key that the device trusted when it took the kit; absent where it was told to take it untrusted.
  public var signer: String?
  public var removed: Removed?

  /// Files of this journal that were removed because they were too old, or the journal too large.
  public struct Removed: Codable, Equatable, Sendable {
    public enum Reason: String, Codable, Sendable { case days, size }

    /// Number and SHA-256 of the last line that went: the journal goes on behind it.
    public var through: Int
    public var hash: String
    public var reason: Reason

    public init(through: Int, hash: String, reason: Reason) {
      self.through = through
      self.hash = hash
      self.reason = reason
    }
  }

  public init(
    event: String, language: String? = nil, prompt: String? = nil, clip: String? = nil, heard: Int? = nil,
    detail: String? = nil, judge: String? = nil, about: String? = nil, voice: String? = nil, kit: String? = nil,
    signer: String? = nil, removed: Removed? = nil
  ) {
    self.event = event
    self.language = language
    self.prompt = prompt
    self.clip = clip
    self.heard = heard
    self.detail = detail
    self.judge = judge
    self.about = about
    self.voice = voice
    self.kit = kit
    self.signer = signer
    self.removed = removed
  }
}

extension JournalContent {
  public enum Field: CaseIterable, Sendable {
    case language, prompt, clip, heard, detail, judge, about, voice, kit, signer, removed
  }

  private static let message: Set<Field> = [.language, .prompt, .clip, .voice]

  /// Every event that there is, and all that its line may hold beside numbers, hashes and times: tags of languages, ids
  /// of prompts, words of the program. Text comes from the system alone: what it said of a card, a line or a device.
  public static let fields: [String: Set<Field>] = [
    // The daemon: it started with this kit, it ended.
    "ready": [.kit, .signer], "end": [],
    // Another kit is played from here on, or was not taken.
    "kit": [.kit, .signer], "kit-refused": [.detail],
    // The listener's language, and how it was found.
    "language": [.language], "finder": [.detail], "found": [.language, .judge], "none-found": [],
    "voice": [.language, .voice], "children": [.detail], "sequence": [.language, .prompt, .detail],
    // A message began, and what became of it.
    "started": message, "completed": message.union([.heard]), "stopped": message.union([.heard]),
    "failed": message.union([.heard]), "replaced": message.union([.detail]), "damaged": message.union([.detail]),
    "signal": [.language, .prompt, .detail], "answer": [.language, .prompt, .detail, .judge, .about],
    // The device.
    "sound-lost": [.detail], "sound-found": [.detail], "line-lost": [.detail], "input-lost": [.detail],
    "input-found": [.detail], "button-stuck": [.detail], "button-freed": [.detail],
    // The journal itself: a new file begins; a line that a power cut tore; lines that could not be written; old files
    // that were removed.
    "continued": [.kit, .signer], "torn": [.detail], "gap": [.detail], "removed": [.removed],
  ]

  /// Short, and without the directories in which kits lie: those are named by people.
  private var permittedDetail: String? {
    guard let detail else { return nil }
    let short = String(detail.prefix(300))
    guard ["damaged", "kit-refused"].contains(event) else { return short }
    return short.split(separator: " ", omittingEmptySubsequences: false).map { word -> Substring in
      guard let first = word.firstIndex(of: "/"), let last = word.lastIndex(of: "/") else { return word }
      let isAbsolute = word[..<first].last.map { !$0.isLetter && !$0.isNumber && $0 != "." } ?? true
      return isAbsolute ? word[..<first] + word[word.index(after: last)...] : word
    }.joined(separator: " ")
  }

  /// Without what the event may not hold; of an event that is not listed, nothing but its name.
  public var permitted: JournalContent {
    let allowed = Self.fields[event] ?? []
    func only<Value>(_ field: Field, _ value: Value?) -> Value? { allowed.contains(field) ? value : nil }
    return JournalContent(
      event: event, language: only(.language, language), prompt: only(.prompt, prompt), clip: only(.clip, clip),
      heard: only(.heard, heard), detail: only(.detail, permittedDetail),
      judge: only(.judge, judge), about: only(.about, about), voice: only(.voice, voice), kit: only(.kit, kit),
      signer: only(.signer, signer), removed: only(.removed, removed))
  }
}
