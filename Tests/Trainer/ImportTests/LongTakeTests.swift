import Catalogue
import KitBuilder
import Testing

@testable import Import

@Suite struct LongTakeTests {
  /// The expected lengths of the lines in seconds, different enough to be distinguished.
  static let seconds = [0.7, 3.2, 2.1, 4.6, 1.5, 5.4, 2.8, 1.1, 3.9, 2.4]

  static let lines: [LongTake.Line] = {
    guard let workspace = NameReaderTests.workspace, let ro = workspace.catalogue.language("ro") else { return [] }
    return zip(workspace.prompts(of: ro), seconds).map { .init(prompt: $0, text: $0.title, seconds: $1) }
  }()

  /// A part of a take.
  enum Part {
    /// A line with its tempo, and an optional pause in its middle in seconds.
    case line(Int, times: Double = 1, pause: Double? = nil)
    case noise(Double)
    /// Speech that is no line of the script.
    case voice(Double)
    case gap(Double)
  }

  /// Returns the segments of parts, with a pause of about two seconds after each part.
  static func segments(_ parts: [Part]) -> [SoundSegment] {
    var found: [SoundSegment] = []
    var time = 1.0
    func add(_ length: Double, isNoise: Bool = false) {
      found.append(SoundSegment(start: time, end: time + length, isNoise: isNoise))
      time += length
    }
    for (index, part) in parts.enumerated() {
      switch part {
      case .line(let line, let times, let pause):
        if let pause {
          add(seconds[line] * times * 0.4)
          time += pause
          add(seconds[line] * times * 0.6)
        } else {
          add(seconds[line] * times)
        }
      case .noise(let length): add(length, isNoise: true)
      case .voice(let length): add(length)
      case .gap(let length): time += length
      }
      time += 1.6 + 0.2 * Double(index % 5)
    }
    return found
  }

  private func take(_ parts: [Part]) -> LongTake {
    let segments = Self.segments(parts)
    return LongTake(segments, end: (segments.last?.end ?? 0) + 1, lines: Self.lines)
  }

  private static let all = (0..<10).map { Part.line($0) }

  private func certain(_ take: LongTake) -> [Int] {
    take.pieces.filter { $0.doubt == nil }.compactMap { piece in
      Self.lines.firstIndex { $0.prompt == piece.line.prompt }
    }
  }

  @Test("a complete take leaves no doubt at any tempo", arguments: [0.7, 1, 1.5])
  func plain(_ times: Double) {
    let take = take((0..<10).map { .line($0, times: times, pause: $0 % 3 == 1 ? 0.3 : nil) })
    #expect(certain(take) == Array(0..<10), "\(take.pieces.compactMap(\.doubt))")
    #expect(take.missing.isEmpty && take.unplaced.isEmpty)
  }

  @Test("coughs between the lines are skipped and reported")
  func coughs() {
    var parts = Self.all
    parts.insert(.noise(0.3), at: 3)
    parts.insert(.noise(0.4), at: 7)
    let take = take(parts)
    #expect(certain(take).count >= 8, "\(take.pieces.compactMap(\.doubt))")
    #expect(take.pieces.count == 10 && take.unplaced.count == 2)
  }

  @Test("a missing line is reported as missing, and no other is taken for it", arguments: [1, 3, 5, 8])
  func missing(_ line: Int) {
    var parts = Self.all
    parts.remove(at: line)
    let take = take(parts)
    #expect(take.missing.map(\.prompt) == [Self.lines[line].prompt])
    #expect(take.pieces.count == 9)
    #expect(certain(take).count >= 6)
  }

  @Test("a repeated line is never certain", arguments: [1, 3, 6])
  func repeated(_ line: Int) {
    var parts = Self.all
    parts.insert(.line(line), at: line)
    let take = take(parts)
    #expect(!certain(take).contains(line))
    #expect(take.pieces.contains { $0.line.prompt == Self.lines[line].prompt && $0.doubt != nil })
    #expect(certain(take).count >= 7, "\(take.pieces.compactMap(\.doubt))")
  }

  @Test("lines of equal length are uncertain if one of them is missing")
  func alike() {
    let segments = (0..<4).map { SoundSegment(start: Double($0) * 4 + 1, end: Double($0) * 4 + 3, isNoise: false) }
    let lines = Self.lines.prefix(5).map { LongTake.Line(prompt: $0.prompt, text: "", seconds: 2) }
    let take = LongTake(segments, end: 18, lines: Array(lines))
    #expect(take.pieces.count == 4 && take.missing.count == 1)
    #expect(take.pieces.allSatisfy { $0.doubt != nil })
  }

  @Test("a take of another script leaves doubts")
  func strange() {
    let take = take((0..<10).reversed().map { .line($0) })
    #expect(take.pieces.contains { $0.doubt != nil })
    #expect(certain(take).count < 6)
  }

  @Test("no segments or too many segments give no pieces")
  func extremes() {
    #expect(LongTake([], end: 0, lines: Self.lines).missing.count == 10)
    let many = (0..<700).map { SoundSegment(start: Double($0), end: Double($0) + 0.5, isNoise: false) }
    #expect(LongTake(many, end: 700, lines: Self.lines).pieces.isEmpty)
    #expect(take([.noise(0.3)]).pieces.allSatisfy { $0.doubt != nil })
    #expect(LongTake(Self.segments(Self.all), end: 60, lines: []).pieces.isEmpty)
  }
}
