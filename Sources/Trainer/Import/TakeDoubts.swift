import Catalogue

/// Why the pieces of a long take may be other lines or other parts.
///
/// The probabilities of an alignment rest on estimates of lengths, which can all be wrong in the same direction. So a
/// piece is also doubted for facts: what is missing or too much beside it, and a pause in it that separates lines.
struct TakeDoubts {
  /// The reasons by the line's index; none for a piece that is certain.
  private(set) var reasons: [Int: String] = [:]

  /// The probability of each line's piece, by its place and its length alone.
  private(set) var chances: [Int: Double] = [:]

  private let alignment: Alignment
  private let segments: [SoundSegment]
  private let lines: [LongTake.Line]
  /// The indices of the lines that were found, with their segments, in order.
  private let found: [(line: Int, group: Range<Int>)]

  /// The minimum probability of a certain piece.
  private static let certain = 0.995
  /// A pause within a line is shorter than this part of the shortest one between two lines.
  private static let inner = 0.6

  init(_ alignment: Alignment, _ segments: [SoundSegment], _ model: Alignment.Model, _ lines: [LongTake.Line]) {
    self.alignment = alignment
    self.segments = segments
    self.lines = lines
    found = alignment.groups.enumerated().compactMap { line, group in group.map { (line, $0) } }
    for (line, group) in found { chances[line] = alignment.probability(of: group, line: line) }
    doubtRepetitions()
    doubtImprobable()
    doubtBesideExtraSpeech()
    doubtBesideMissing()
    doubtLongPauses()
    for (line, group) in found {
      let length = alignment.length(of: group)
      guard model.isStrange(length, line: lines[line].seconds) else { continue }
      doubt(line, "lasts \(length.tenths) s; its text takes about \(model.expected(lines[line].seconds).tenths) s")
    }
  }

  /// Adds a reason for a line that has none yet.
  private mutating func doubt(_ line: Int, _ reason: String) { reasons[line] = reasons[line] ?? reason }

  private mutating func doubtRepetitions() {
    for (line, earlier) in alignment.earlier {
      guard let first = earlier.first else { continue }
      doubt(
        line,
        "occurs \(earlier.count + 1) times, first at \(segments[first.lowerBound].start.place): the last one is used")
    }
  }

  private mutating func doubtImprobable() {
    let improbable = found.indices.filter { place in
      let line = found[place].line
      return alignment.earlier[line] == nil && chances[line, default: 0] < Self.certain
    }
    for place in improbable { doubt(found[place].line, alternative(to: found[place].line, found[place].group)) }
    // A line in the wrong place shifts the next ones too. That is expected where lines are missing or speech is left
    // over, and where two neighbours are improbable.
    let isIncomplete = found.count < lines.count || !extraSpeech.isEmpty
    for place in improbable {
      let sides = [place - 1, place + 1].filter(found.indices.contains)
      guard isIncomplete || sides.contains(where: improbable.contains) else { continue }
      for side in sides {
        doubt(found[side].line, "is beside '\(lines[found[place].line].prompt.stem)', which may be another line")
      }
    }
  }

  /// Returns what a piece may be instead.
  private func alternative(to line: Int, _ group: Range<Int>) -> String {
    if let other = alignment.likeliestLine(of: group, but: line) { return "may be '\(lines[other].prompt.stem)'" }
    if let other = alignment.likeliestGroup(of: line, but: group) { return "may be the speech \(place(other))" }
    return "may be no line of the script"
  }

  private func place(_ group: Range<Int>) -> String {
    "from \(segments[group.lowerBound].start.place) to \(segments[group.upperBound - 1].end.place)"
  }

  /// The segments of speech that belong to no line.
  private var extraSpeech: [Int] {
    alignment.skipped.filter { !segments[$0].isNoise && segments[$0].length >= LongTake.audible }
  }

  private mutating func doubtBesideExtraSpeech() {
    for index in extraSpeech {
      let before = found.last { $0.group.upperBound <= index }
      let after = found.first { $0.group.lowerBound > index }
      for piece in [before, after].compactMap({ $0 }) {
        doubt(piece.line, "may be the speech \(place(index..<index + 1)), which is beside it")
      }
    }
  }

  private mutating func doubtBesideMissing() {
    for line in lines.indices where alignment.groups[line] == nil {
      let (before, after) = (found.last { $0.line < line }, found.first { $0.line > line })
      for piece in [before, after].compactMap({ $0 }) {
        doubt(piece.line, "may be '\(lines[line].prompt.stem)', which is missing beside it")
      }
    }
  }

  private mutating func doubtLongPauses() {
    var shortest = Double.infinity
    for ((_, before), (_, after)) in zip(found, found.dropFirst()) where before.upperBound == after.lowerBound {
      shortest = min(shortest, segments[after.lowerBound].start - segments[before.upperBound - 1].end)
    }
    for (line, group) in found {
      let part = segments[group]
      let longest = zip(part.dropFirst(), part).map { $0.start - $1.end }.max() ?? 0
      if longest < Self.inner * shortest { continue }
      doubt(line, "has a pause of \(longest.tenths) s: may be two lines, or one said twice")
    }
  }
}
