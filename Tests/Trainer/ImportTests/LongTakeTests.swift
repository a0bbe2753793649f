import Catalogue
import KitBuilder
import Testing

@testable import Import

@Suite("A long take")
struct LongTakeTests {
  /// Seconds that lines should take, different enough to be told apart.
  static let seconds = [0.7, 3.2, 2.1, 4.6, 1.5, 5.4, 2.8, 1.1, 3.9, 2.4]

  static let lines: [LongTake.Line] = {
    guard let build = NameReaderTests.build, let ro = build.catalogue.language("ro") else { return [] }
    return zip(build.prompts(of: ro), seconds).map { .init(prompt: $0, text: $0.title, seconds: $1) }
  }()

  /// What is heard, part by part.
  enum Part {
    /// A line, as fast as it should be or not, perhaps with a pause in its midst.
    case line(Int, times: Double = 1, pause: Double? = nil)
    case noise(Double)
    /// Voice that is no line.
    case voice(Double)
    case gap(Double)
  }

  /// Segments, a pause of two seconds behind each part.
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

  @Test("with all lines, each with its pause, leaves no doubt, however fast it is spoken", arguments: [0.7, 1, 1.5])
  func plain(_ times: Double) {
    let take = take((0..<10).map { .line($0, times: times, pause: $0 % 3 == 1 ? 0.3 : nil) })
    #expect(certain(take) == Array(0..<10), "\(take.pieces.compactMap(\.doubt))")
    #expect(take.missing.isEmpty && take.unplaced.isEmpty)
  }

  @Test("coughs between the lines are passed over, and told")
  func coughs() {
    var parts = Self.all
    parts.insert(.noise(0.3), at: 3)
    parts.insert(.noise(0.4), at: 7)
    let take = take(parts)
    #expect(certain(take).count >= 8, "\(take.pieces.compactMap(\.doubt))")
    #expect(take.pieces.count == 10 && take.unplaced.count == 2)
  }

  @Test("a line that is missing is missing, and no other stands in for it", arguments: [1, 3, 5, 8])
  func missing(_ line: Int) {
    var parts = Self.all
    parts.remove(at: line)
    let take = take(parts)
    #expect(take.missing.map(\.prompt) == [Self.lines[line].prompt])
    #expect(take.pieces.count == 9)
    #expect(certain(take).count >= 6)
  }

  @Test("a line said twice is never certain", arguments: [1, 3, 6])
  func repeated(_ line: Int) {
    var parts = Self.all
    parts.insert(.line(line), at: line)
    let take = take(parts)
    #expect(!certain(take).contains(line))
    #expect(take.pieces.contains { $0.line.prompt == Self.lines[line].prompt && $0.doubt != nil })
    #expect(certain(take).count >= 7, "\(take.pieces.compactMap(\.doubt))")
  }

  @Test("lines of one length with one of them missing are not told apart")
  func alike() {
    let segments = (0..<4).map { SoundSegment(start: Double($0) * 4 + 1, end: Double($0) * 4 + 3, isNoise: false) }
    let lines = Self.lines.prefix(5).map { LongTake.Line(prompt: $0.prompt, text: "", seconds: 2) }
    let take = LongTake(segments, end: 18, lines: Array(lines))
    #expect(take.pieces.count == 4 && take.missing.count == 1)
    #expect(take.pieces.allSatisfy { $0.doubt != nil })
  }

  @Test("of another script is not laid against this one without doubts")
  func strange() {
    let take = take((0..<10).reversed().map { .line($0) })
    #expect(take.pieces.contains { $0.doubt != nil })
    #expect(certain(take).count < 6)
  }

  @Test("nothing, or more than a person says, is laid against nothing")
  func extremes() {
    #expect(LongTake([], end: 0, lines: Self.lines).missing.count == 10)
    let many = (0..<700).map { SoundSegment(start: Double($0), end: Double($0) + 0.5, isNoise: false) }
    #expect(LongTake(many, end: 700, lines: Self.lines).pieces.isEmpty)
    #expect(take([.noise(0.3)]).pieces.allSatisfy { $0.doubt != nil })
    #expect(LongTake(Self.segments(Self.all), end: 60, lines: []).pieces.isEmpty)
  }
}
