import Posix

/// What many journals say together, without persons: counts of languages, messages and answers. No line of it belongs
/// to one session.
public struct JournalStatistics: Codable, Equatable, Sendable {
  /// A count as it may be told. Four people or fewer in a week could be found out, and so could they by subtraction
  /// from a sum: unless exact counts are asked for, nothing below five is told, and all else is rounded to fives.
  public struct Count: Codable, Equatable, Sendable, CustomStringConvertible {
    /// Nil for 1 to 4.
    public let number: Int?

    init(_ number: Int, isExact: Bool) {
      self.number = isExact || number == 0 ? number : number < 5 ? nil : (number + 2) / 5 * 5
    }

    public var description: String { number.map(String.init) ?? "<5" }

    public init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      number = value.decodeNil() ? nil : try value.decode(Int.self)
    }

    /// `null` for what is not told.
    public func encode(to encoder: any Encoder) throws {
      var value = encoder.singleValueContainer()
      if let number { try value.encode(number) } else { try value.encodeNil() }
    }
  }

  public struct Sums: Codable, Equatable, Sendable {
    public let sessions: Count
    /// Messages to listeners that began; all but those with which a language was looked for.
    public let messages: Count
    /// Of these, not heard to their end.
    public let stopped: Count
    public let answers: Count
  }

  public struct Week: Codable, Equatable, Sendable {
    /// ISO 8601, in UTC: `2026-W07`; `unset` where the clock had not been set.
    public let week: String
    public let sums: Sums
  }

  public struct Language: Codable, Equatable, Sendable {
    public let tag: String
    /// A session in two languages counts for both.
    public let sums: Sums
  }

  public struct Prompt: Codable, Equatable, Sendable {
    public let id: String
    public let played: Count
    public let stopped: Count
    /// `yes`, `no`, `unclear`, `declined`, `stop`, as the responder judged them.
    public let answers: [String: Count]
    /// Times that it was asked for and could not be said in the language that was chosen.
    public let missing: Count
  }

  public struct Finder: Codable, Equatable, Sendable {
    public let begun: Count
    public let found: Count
    public let noneFound: Count
  }

  /// False where counts are rounded.
  public let isExact: Bool
  public let journals: Int
  public let total: Sums
  public let finder: Finder
  public let weeks: [Week]
  public let languages: [Language]
  public let prompts: [Prompt]

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
    prompts = Dictionary(grouping: acts.filter { $0.prompt != nil && !$0.isForResponder && $0.kind != .sequence }) {
      $0.prompt ?? ""
    }.sorted { $0.key < $1.key }.map { id, acts in
      let played = acts.filter { $0.kind == .played }
      let answers = Dictionary(grouping: acts.filter { $0.kind == .answered }) { $0.answer ?? "" }
      return Prompt(
        id: id, played: count(played.count), stopped: count(played.filter { $0.outcome == .stopped }.count),
        answers: answers.mapValues { count($0.count) },
        missing: count(
          acts.filter { $0.kind == .signalled && $0.detail == "not-available" || $0.insteadOf != nil }.count))
    }
  }

  /// The ISO week in which the moment lies: that of its Thursday.
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
