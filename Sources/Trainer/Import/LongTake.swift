import Catalogue
import Encoding
import Glibc
import KitBuilder

/// One recording of many prompts in the order of the script, aligned with that script.
///
/// There is no speech recognition: a line is identified by its position and its length, so the certainty of each piece
/// follows from the probabilities of all other alignments (``Alignment``). Uncertain pieces are reported.
struct LongTake {
  /// A line of the script.
  struct Line {
    var prompt: Prompt
    var text: String
    /// The expected length at a calm pace.
    var seconds: Double
  }

  /// Returns the expected length of a text in seconds: its characters, and pauses after sentences and clauses. Without
  /// the pauses the estimate for short texts with many stops would be wrong by more than a speaker varies.
  ///
  /// - Parameter rate: the characters that a calm speaker says in a second, pauses included.
  static func seconds(of text: String, rate: Double) -> Double {
    let marks = text.dropLast()
    let stops = marks.count { ".?!…።။។।؟".contains($0) }
    let clauses = marks.count { ",;:،؛፣၊、，".contains($0) }
    return 0.2 + 0.8 * Double(text.count) / rate + 0.35 * Double(stops) + 0.12 * Double(clauses)
  }

  /// The part of the recording that is one line.
  struct Piece {
    var line: Line
    /// The range in seconds, with a part of the pauses around it.
    var range: Range<Double>
    /// Why it may be another line or another part; nil if it is certain.
    var doubt: String?
    /// The probability that it is this line, by its place and its length alone, 0...1.
    var chance: Double
  }

  /// The pieces in the order of the script.
  let pieces: [Piece]
  /// The lines that were not found.
  let missing: [Line]
  /// The parts that are no line, in seconds.
  let unplaced: [Range<Double>]

  /// The part of the pause before a piece that belongs to it, in seconds: in a loud room the gate hides a soft "s".
  private static let before = 0.35
  /// The part of the pause after a piece that belongs to it, in seconds.
  private static let after = 0.45
  /// The minimum length in seconds of a sound that is reported as unplaced; shorter ones are clicks.
  static let audible = 0.2
  /// The maximum number of segments in a take.
  private static let most = 600

  init(_ segments: [SoundSegment], end: Double, lines: [Line]) {
    guard !segments.isEmpty, !lines.isEmpty, segments.count <= Self.most else {
      (pieces, missing, unplaced) = ([], lines, [])
      return
    }
    var model = Alignment.Model(segments, lines: lines.map(\.seconds))
    var alignment = Alignment(segments, lines: lines.map(\.seconds), model: model)
    for _ in 0..<3 {
      model.learn(from: alignment)
      alignment = Alignment(segments, lines: lines.map(\.seconds), model: model)
    }
    func range(_ group: Range<Int>) -> Range<Double> {
      let (first, last) = (segments[group.lowerBound], segments[group.upperBound - 1])
      let gapBefore = first.start - (group.lowerBound > 0 ? segments[group.lowerBound - 1].end : 0)
      let gapAfter = (group.upperBound < segments.count ? segments[group.upperBound].start : end) - last.end
      return max(0, first.start - min(Self.before, gapBefore / 2))..<min(end, last.end + min(Self.after, gapAfter / 2))
    }
    var pieces: [Piece] = []
    var missing: [Line] = []
    var unplaced: [Range<Double>] = []
    let doubts = TakeDoubts(alignment, segments, model, lines)
    for (index, line) in lines.enumerated() {
      guard let group = alignment.groups[index] else {
        missing.append(line)
        continue
      }
      pieces.append(Piece(line: line, range: range(group), doubt: doubts.reasons[index], chance: doubts.chances[index, default: 0]))
      unplaced += alignment.earlier[index, default: []].map(range)
    }
    for index in alignment.skipped where segments[index].length >= Self.audible {
      unplaced.append(range(index..<index + 1))
    }
    self.pieces = pieces
    self.missing = missing
    self.unplaced = unplaced.sorted { $0.lowerBound < $1.lowerBound }
  }
}
