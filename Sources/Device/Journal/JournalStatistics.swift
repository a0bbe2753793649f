import Posix

/// Counts of languages, messages and answers over many journals. None of them belongs to one session or person.
public struct JournalStatistics: Codable, Equatable, Sendable {
  /// A count that may be published.
  ///
  /// Four people or fewer in a week could be identified, also by subtraction from a sum. Unless exact counts are
  /// requested, counts below five are hidden and all others are rounded to multiples of five.
  public struct Count: Codable, Equatable, Sendable, CustomStringConvertible {
    /// The count; nil for a hidden one of 1 to 4.
    public let number: Int?

    init(_ number: Int, isExact: Bool) {
      self.number = isExact || number == 0 ? number : number < 5 ? nil : (number + 2) / 5 * 5
    }

    /// The number, or `<5`.
    public var description: String { number.map(String.init) ?? "<5" }

    /// Decodes a number, or `null` for a hidden count.
    public init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      number = value.decodeNil() ? nil : try value.decode(Int.self)
    }

    /// Encodes the number, or `null` for a hidden count.
    public func encode(to encoder: any Encoder) throws {
      var value = encoder.singleValueContainer()
      if let number { try value.encode(number) } else { try value.encodeNil() }
    }
  }

  /// Sums over several sessions.
  public struct Sums: Codable, Equatable, Sendable {
    /// Number of sessions.
    public let sessions: Count
    /// Messages to listeners that began, without those of the search for a language.
    public let messages: Count
    /// Messages of these that were stopped before their end.
    public let stopped: Count
    /// Messages of these of which a fault of the card or the clip kept a part from the listener.
    public let interrupted: Count
    /// Answers of listeners, as the responder judged them.
    public let answers: Count
  }

  /// The sums of a week.
  public struct Week: Codable, Equatable, Sendable {
    /// Week of ISO 8601 in UTC, as `2026-W07`; `unset` if the clock had not been set.
    public let week: String
    /// The sums of its sessions.
    public let sums: Sums
  }

  /// The sums of a language.
  public struct Language: Codable, Equatable, Sendable {
    /// BCP 47 tag.
    public let tag: String
    /// The sums; a session in two languages counts for both.
    public let sums: Sums
  }

  /// The counts of a prompt.
  public struct Prompt: Codable, Equatable, Sendable {
    /// Id of the prompt.
    public let id: String
    /// Times that it was played.
    public let played: Count
    /// Times that it was stopped before its end.
    public let stopped: Count
    /// Times that a fault of the card or the clip kept a part of it from the listener.
    public let interrupted: Count
    /// `yes`, `no`, `unclear`, `declined`, `stop`, and `none` for stillness, as the responder judged them.
    public let answers: [String: Count]
    /// Times that it was requested and the chosen language did not have it.
    public let missing: Count
  }

  /// How often responders marked a clip as wrong for a listener.
  public struct Marked: Codable, Equatable, Sendable {
    /// SHA-256 of the clip's file; nil where no line says.
    public let clip: String?
    /// BCP 47 tag of its language.
    public let language: String
    /// Id of its prompt.
    public let prompt: String
    /// Which of the prompt's wordings it is; nil for the base wording.
    public let form: String?
    /// Times that it was marked.
    public let count: Count
  }

  /// The counts of the finder.
  public struct Finder: Codable, Equatable, Sendable {
    /// Times that it began.
    public let begun: Count
    /// Times that a raised hand chose a language.
    public let found: Count
    /// Times that no hand was raised for any language.
    public let noneFound: Count
  }

  /// Whether counts are exact, and neither hidden nor rounded.
  public let isExact: Bool
  /// Number of journals.
  public let journals: Int
  /// The sums of all sessions.
  public let total: Sums
  /// The counts of the finder.
  public let finder: Finder
  /// In the order of time.
  public let weeks: [Week]
  /// In the order of their tags.
  public let languages: [Language]
  /// In the order of their ids.
  public let prompts: [Prompt]
  /// Clips that were marked as wrong, in the order of their languages and prompts; nil in files of older versions.
  public let marked: [Marked]?

  /// Counts over journals.
  ///
  /// - Parameters:
  ///   - journals: Verified journals, one for each device.
  ///   - isExact: Whether small counts are published and none is rounded.
  public init(_ journals: [JournalReading], isExact: Bool) {
    self.isExact = isExact
    self.journals = journals.count
    func count(_ number: Int) -> Count { Count(number, isExact: isExact) }
    let sessions = journals.flatMap { JournalSession.all(in: $0.entries) }
    let acts = sessions.flatMap(\.acts)

    func sums(_ sessions: Int, _ acts: some Sequence<JournalAct>) -> Sums {
      let messages = acts.filter(\.isMessage)
      return Sums(
        sessions: count(sessions), messages: count(messages.count),
        stopped: count(messages.filter { $0.outcome == .stopped }.count),
        interrupted: count(messages.filter(\.isImpaired).count),
        answers: count(acts.filter { $0.kind == .answered }.count))
    }
    total = sums(sessions.count, acts)
    finder = Finder(
      begun: count(acts.filter { $0.kind == .finder && $0.detail == "began" }.count),
      found: count(acts.filter { $0.kind == .found }.count),
      noneFound: count(acts.filter { $0.kind == .noneFound }.count))
    weeks = Dictionary(grouping: sessions) { Self.week($0.start) }.sorted { $0.key < $1.key }.map { week, sessions in
      Week(week: week, sums: sums(sessions.count, sessions.flatMap(\.acts)))
    }
    let tags = Set(sessions.flatMap(\.languages)).sorted()
    languages = tags.map { tag in
      Language(
        tag: tag,
        sums: sums(sessions.filter { $0.languages.contains(tag) }.count, acts.filter { $0.language == tag }))
    }
    marked = Dictionary(grouping: acts.filter { $0.kind == .markedWrong }) {
      [$0.language ?? "", $0.prompt ?? "", $0.form ?? "", $0.clip ?? ""]
    }.sorted { $0.key.lexicographicallyPrecedes($1.key) }.compactMap { _, acts in
      acts.first.map {
        Marked(
          clip: $0.clip, language: $0.language ?? "", prompt: $0.prompt ?? "", form: $0.form,
          count: count(acts.count))
      }
    }
    prompts = Dictionary(grouping: acts.filter { $0.prompt != nil && !$0.isForResponder && $0.kind != .sequence }) {
      $0.prompt ?? ""
    }.sorted { $0.key < $1.key }.map { id, acts in
      let played = acts.filter { $0.kind == .played }
      let answers = Dictionary(grouping: acts.filter { $0.kind == .answered }) { $0.answer ?? "" }
      return Prompt(
        id: id, played: count(played.count), stopped: count(played.filter { $0.outcome == .stopped }.count),
        interrupted: count(played.filter(\.isImpaired).count),
        answers: answers.mapValues { count($0.count) },
        missing: count(
          acts.filter { $0.kind == .signalled && $0.detail == "not-available" || $0.insteadOf != nil }.count))
    }
  }

  /// Returns the ISO week of a moment: that of its Thursday.
  static func week(_ time: WallTime) -> String {
    guard time >= JournalSession.plausible else { return "unset" }
    let day = time.milliseconds / WallTime.day
    // 1970-01-01 was a Thursday.
    let thursday = day - (day + 3) % 7 + 3
    let year = WallTime(milliseconds: thursday * WallTime.day).description.prefix(4)
    let first = WallTime("\(year)-01-01T00:00:00.000Z").map { $0.milliseconds / WallTime.day } ?? thursday
    let number = (thursday - first) / 7 + 1
    return "\(year)-W\(number < 10 ? "0" : "")\(number)"
  }
}
