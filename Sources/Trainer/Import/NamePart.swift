/// The name of a directory or file, split into tokens with a role for each.
struct NamePart {
  enum Role {
    /// Not yet interpreted.
    case open
    /// A date, a sample rate, or a word such as `final`: carries no information.
    case noise
    /// Counts the takes of one prompt.
    case take
    /// Counts recordings, as recorders and telephones do.
    case counted
    /// Follows `prompt` or `nr`.
    case marked
    case language, voice, prompt
  }

  let tokens: [NameToken]
  var roles: [Role]
  let isDirectory: Bool

  init(_ name: String, isDirectory: Bool, isCode: (String) -> Bool) {
    tokens = NameToken.all(in: name.replacing(Self.uuid, with: " "))
    roles = Array(repeating: .open, count: tokens.count)
    self.isDirectory = isDirectory
    markTangles(isCode)
    markDates()
    markUnits()
    markCounts()
  }

  func open(_ index: Int) -> Bool { tokens.indices.contains(index) && roles[index] == .open }

  /// The words that are not yet interpreted, in order.
  var openWords: [String] { tokens.indices.compactMap { roles[$0] == .open ? tokens[$0].word : nil } }

  /// Returns some tokens as they are written, in quotes.
  func text(_ range: Range<Int>) -> String { "'" + tokens[range].map(\.text).joined(separator: " ") + "'" }

  // MARK: Noise

  /// Marks runs of letters and digits without gaps as noise: parts of hashes and serial numbers.
  private mutating func markTangles(_ isCode: (String) -> Bool) {
    var start = 0
    while start < tokens.count {
      var end = start + 1
      while end < tokens.count, tokens[end].gap == .nothing { end += 1 }
      let run = tokens[start..<end]
      let words = run.compactMap(\.word)
      let isKnown = words.allSatisfy { word in
        Self.takes.contains(word) || Self.shortTakes.contains(word) || Self.marks.contains(word)
          || Self.counters.contains(word) || word == "f" || word == "m" || isCode(word)
      }
      if run.count - words.count > 1 && !words.isEmpty && !isKnown {
        for index in start..<end { roles[index] = .noise }
      }
      start = end
    }
    // No prompt has a number of four digits.
    for index in tokens.indices where tokens[index].digits > 3 { roles[index] = .noise }
  }

  /// Marks dates (2026-05-01, 1.5.2026, 20260501), and times after them, as noise.
  private mutating func markDates() {
    for index in tokens.indices {
      guard let number = tokens[index].number else { continue }
      var end: Int?
      if tokens[index].digits == 8, (1990_00_00...2099_99_99).contains(number) {
        end = index + 1
      } else if tokens[index].digits == 4, (1990...2099).contains(number) {
        if isDay(index + 2), isMonth(index + 1) {
          (roles[index + 1], roles[index + 2]) = (.noise, .noise)
          end = index + 3
        } else if index >= 2, tokens[index].gap == .sign, tokens[index - 1].gap == .sign,
          let first = tokens[index - 2].number, let second = tokens[index - 1].number,
          (1...31).contains(first), (1...31).contains(second), min(first, second) <= 12
        {
          (roles[index - 1], roles[index - 2]) = (.noise, .noise)
          end = index + 1
        }
      }
      if let end { markTime(from: end) }
    }
  }

  private func isMonth(_ index: Int) -> Bool {
    tokens.indices.contains(index) && tokens[index].gap == .sign && (1...12).contains(tokens[index].number ?? 0)
  }

  private func isDay(_ index: Int) -> Bool {
    tokens.indices.contains(index) && tokens[index].gap == .sign && (1...31).contains(tokens[index].number ?? 0)
  }

  private mutating func markTime(from start: Int) {
    var index = start
    if index < tokens.count, let word = tokens[index].word, ["at", "t", "um", "a", "h"].contains(word) { index += 1 }
    var end = index
    while end < tokens.count, end < index + 3, let number = tokens[end].number, number < 60, tokens[end].digits == 2,
      end == index || tokens[end].gap == .sign
    {
      end += 1
    }
    if end - index < 2 { return }
    for place in start..<end { roles[place] = .noise }
  }

  /// Marks quantities (48 kHz, 44.1k, 24bit) as noise.
  private mutating func markUnits() {
    for index in tokens.indices.dropLast() where tokens[index].number != nil {
      guard let word = tokens[index + 1].word else { continue }
      let isNear = tokens[index + 1].gap == .nothing
      guard Self.units.contains(word) || isNear && Self.shortUnits.contains(word) else { continue }
      (roles[index], roles[index + 1]) = (.noise, .noise)
      if index > 0, tokens[index - 1].number != nil, tokens[index].gap == .sign, tokens[index].digits == 1 {
        roles[index - 1] = .noise
      }
    }
  }

  private mutating func markCounts() {
    for index in tokens.indices where roles[index] == .open {
      guard let word = tokens[index].word else { continue }
      let hasNumber = open(index + 1) && tokens[index + 1].number != nil
      let isNear = hasNumber && tokens[index + 1].gap == .nothing
      if hasNumber && Self.takes.contains(word) || isNear && Self.shortTakes.contains(word) {
        (roles[index], roles[index + 1]) = (.take, .take)
      } else if hasNumber && Self.marks.contains(word) || isNear && word == "p" {
        (roles[index], roles[index + 1]) = (.noise, .marked)
      } else if hasNumber && Self.counters.contains(word) {
        (roles[index], roles[index + 1]) = (.noise, .counted)
      } else if Self.takes.contains(word) || Self.counters.contains(word) || Self.noise.contains(word) {
        roles[index] = .noise
      }
    }
    // `03 (2)` is the second file of that name; the number in `ro (3)` may count anything.
    for index in tokens.indices where roles[index] == .open && tokens[index].isBracketed {
      guard tokens[index].number != nil, index == tokens.count - 1, !(index > 0 && tokens[index - 1].isBracketed)
      else { continue }
      let others = tokens.indices.contains { $0 != index && roles[$0] == .open && tokens[$0].number != nil }
      roles[index] = others ? .take : .counted
    }
  }

  /// A UUID (RFC 9562), with which telephones name recordings.
  private static var uuid: Regex<Substring> { /[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/ }

  private static let takes: Set<String> = [
    "take", "takes", "tk", "ver", "version", "versuch", "prise", "toma", "try", "attempt", "copy", "kopie", "copie",
    "copia", "edit", "edited", "mix", "final", "finale", "neu", "nouveau", "rev", "retake", "дубль",
  ]
  private static let shortTakes: Set<String> = ["v", "t", "r", "x"]
  private static let marks: Set<String> = [
    "prompt", "msg", "message", "nr", "no", "num", "number", "numero", "nummer", "line", "phrase", "item", "question",
    "nachricht", "mensaje", "сообщение", "номер", "رقم",
  ]
  private static let counters: Set<String> = [
    "aud", "audio", "aufnahme", "clip", "dr", "enregistrement", "file", "grabacion", "memo", "mic", "piste", "ptt",
    "rec", "record", "recording", "registrazione", "sound", "spur", "ste", "tr", "track", "trk", "untitled", "voice",
    "voicememo", "wa", "zoom", "запись", "تسجيل",
  ]
  private static let noise: Set<String> = [
    "clean", "good", "master", "mono", "mp3", "new", "ok", "stereo", "wav", "whatsapp", "export", "recordings", "okay",
  ]
  private static let units: Set<String> = ["khz", "hz", "bit", "bits", "kbps", "kbit", "db", "lufs", "sec", "ms"]
  private static let shortUnits: Set<String> = ["k", "s", "b", "ch", "min", "mb", "kb"]
}
