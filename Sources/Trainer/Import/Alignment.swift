import Glibc

/// All ways to lay a script against segments of sound, each with its probability: what a forward and a backward pass
/// over one lattice tell. A state is how many lines have been dealt with, and how many segments; a step gives some
/// segments to the next line, says a line again, passes over a line, or over a segment.
struct Alignment {
  /// The likeliest way: segments of each line, by its index; nil for a line that is missing.
  private(set) var groups: [Range<Int>?]
  /// Of lines that were said more than once, those before the last.
  private(set) var earlier: [Int: [Range<Int>]] = [:]
  /// Segments that are no line.
  private(set) var skipped: [Int] = []

  private let segments: [SoundSegment]
  private let lines: [Double]
  private let model: Model
  /// By line: groups with their probabilities, without the improbable ones.
  private var chances: [[(group: Range<Int>, chance: Double)]] = []

  /// What is assumed of speakers.
  struct Model {
    /// Seconds that a line takes for each that its words should.
    private(set) var tempo = 1.0
    /// Seconds: a pause of this length is as likely within a line as between two.
    private(set) var pause: Double

    /// Of the logarithms of lengths about what is expected.
    private var deviation = usualDeviation

    private let gaps: [Double]

    private static let usualDeviation = 0.18
    /// Lines that the usual deviation counts as much as.
    private static let trust = 10.0

    /// In natural logarithms.
    static let missing = -6.0
    static let again = -4.5

    init(_ segments: [SoundSegment], lines: [Double]) {
      gaps = zip(segments.dropFirst(), segments).map { $0.start - $1.end }.sorted(by: >)
      pause = Self.usualPause
      let voice = segments.filter { !$0.isNoise }.reduce(0) { $0 + $1.length }
      let due = lines.reduce(0, +)
      if due > 0 { tempo = min(2, max(0.6, voice / due)) }
      setPause(lines: lines.count)
    }

    /// Tempo and pauses as the likeliest way has them.
    mutating func learn(from alignment: Alignment) {
      var ratios: [Double] = []
      for (index, group) in alignment.groups.enumerated() {
        guard let group, alignment.lines[index] > 0.8 else { continue }
        ratios.append(alignment.length(of: group) / alignment.lines[index])
      }
      if ratios.count > 2 {
        tempo = min(2.5, max(0.4, ratios.sorted()[ratios.count / 2]))
        // From the median of the distances, which a few wrong lines do not move.
        let distances = ratios.map { abs(log($0 / tempo)) }.sorted()
        let own = 1.48 * distances[distances.count / 2]
        let count = Double(ratios.count)
        let variance =
          (count * own * own + Self.trust * Self.usualDeviation * Self.usualDeviation) / (count + Self.trust)
        deviation = min(0.35, max(0.08, variance.squareRoot()))
      }
      let said = alignment.groups.count { $0 != nil } + alignment.earlier.values.reduce(0) { $0 + $1.count }
      setPause(lines: said + alignment.skipped.count)
    }

    /// Between as many parts there is one pause fewer. Where the longest pauses stand apart from the others near there,
    /// the limit lies between; else it is where most speakers have it.
    private mutating func setPause(lines: Int) {
      pause = Self.usualPause
      var widest = 1.4
      for place in max(1, lines - 5)..<max(1, lines + 3) where place < gaps.count && gaps[place] > 0 {
        let step = gaps[place - 1] / gaps[place]
        if step <= widest { continue }
        widest = step
        pause = min(2.5, max(0.35, (gaps[place - 1] * gaps[place]).squareRoot()))
      }
    }

    private static let usualPause = 0.7

    func expected(_ line: Double) -> Double { line * tempo }

    /// Of the logarithm of a length: short lines vary more.
    private func spread(_ line: Double) -> Double {
      (deviation * deviation + pow(0.15 / expected(line), 2)).squareRoot()
    }

    private func distance(_ length: Double, _ line: Double) -> Double {
      log(max(0.01, length) / expected(line)) / spread(line)
    }

    func isStrange(_ length: Double, line: Double) -> Bool { abs(distance(length, line)) > 3 }

    /// How well a length fits; 0 where it is the one expected. One line in twenty is said in some other way.
    func fit(_ length: Double, line: Double) -> Double {
      let distance = distance(length, line)
      return log(0.95 * exp(-distance * distance / 2) + 0.05 * exp(-distance * distance / 18))
    }

    func within(_ gap: Double) -> Double { -log1p(pow(gap / pause, 4)) }
    func between(_ gap: Double) -> Double { -log1p(pow(pause / max(0.01, gap), 4)) }

    /// That a segment is no line: a cough is, a word hardly.
    func passing(_ segment: SoundSegment) -> Double { segment.isNoise ? -0.7 : -4 - 1.2 * segment.length }

    /// That a line has a part in which there is no vowel, if that is no click.
    static let toneless = -4.0
    static let click = 0.15
    /// A pause beside something that is no line tells nothing.
    static let unknown = log(0.5)
  }

  /// Segments that one line may have.
  private static let widest = 16

  init(_ segments: [SoundSegment], lines: [Double], model: Model) {
    self.segments = segments
    self.lines = lines
    self.model = model
    groups = Array(repeating: nil, count: lines.count)
    let lattice = Lattice(segments, lines: lines, model: model, widest: Self.widest)
    for step in lattice.likeliest() {
      switch step {
      case .say(let line, let group): groups[line] = group
      case .again(let line, let group):
        if let before = groups[line] { earlier[line, default: []].append(before) }
        groups[line] = group
      case .pass(let segment): skipped.append(segment)
      case .miss: break
      }
    }
    chances = lattice.chances()
  }

  func probability(of group: Range<Int>, line: Int) -> Double {
    chances[line].first { $0.group == group }?.chance ?? 0
  }

  /// What else a group may be; nil where nothing else is likelier than one in five hundred.
  func likeliestLine(of group: Range<Int>, but line: Int) -> Int? {
    let others = chances.indices.filter { $0 != line }.map { ($0, probability(of: group, line: $0)) }
    return others.filter { $0.1 > 0.002 }.max { $0.1 < $1.1 }?.0
  }

  func likeliestGroup(of line: Int, but group: Range<Int>) -> Range<Int>? {
    chances[line].filter { $0.group != group && $0.chance > 0.002 }.max { $0.chance < $1.chance }?.group
  }

  /// Seconds that a group takes, long pauses cut down.
  func length(of group: Range<Int>) -> Double { Lattice.length(segments[group]) }
}

/// The states and steps of an alignment, and what is summed over them.
private struct Lattice {
  enum Step {
    case say(line: Int, Range<Int>)
    /// The line before, once more.
    case again(line: Int, Range<Int>)
    case miss(line: Int)
    case pass(segment: Int)
  }

  private let segments: [SoundSegment]
  private let lines: [Double]
  private let model: Alignment.Model
  private let widest: Int
  private let start: [Double]
  private let inner: [Double]

  init(_ segments: [SoundSegment], lines: [Double], model: Alignment.Model, widest: Int) {
    self.segments = segments
    self.lines = lines
    self.model = model
    self.widest = widest
    let gaps = [Double.infinity] + zip(segments.dropFirst(), segments).map { $0.start - $1.end }
    start = gaps.map { $0.isFinite ? model.between($0) : 0 }
    inner = gaps.map { $0.isFinite ? model.within($0) : 0 }
  }

  /// A pause within a line counts no more than this: speakers hesitate.
  private static let hesitation = 0.4

  static func length(_ group: ArraySlice<SoundSegment>) -> Double {
    var length = 0.0
    for index in group.indices {
      length += group[index].length
      if index > group.startIndex { length += min(hesitation, group[index].start - group[index - 1].end) }
    }
    return length
  }

  /// Number of a state; `passed` after a segment that is no line.
  private func state(_ line: Int, _ segment: Int, passed: Bool) -> Int {
    (line * (segments.count + 1) + segment) * 2 + (passed ? 1 : 0)
  }

  private var count: Int { (lines.count + 1) * (segments.count + 1) * 2 }

  /// Every step out of a state: where it leads, and the logarithm of its weight.
  ///
  /// Lines are missed before segments are passed, so that no way is counted twice.
  private func forEachStep(
    line: Int, segment: Int, passed: Bool, _ body: (_ step: Step, _ next: Int, _ weight: Double) -> Void
  ) {
    if line < lines.count && !passed {
      body(.miss(line: line), state(line + 1, segment, passed: false), Alignment.Model.missing)
    }
    guard segment < segments.count else { return }
    let edge = segment == 0 ? 0 : Alignment.Model.unknown
    body(.pass(segment: segment), state(line, segment + 1, passed: true), model.passing(segments[segment]) + edge)
    let before = segment == 0 ? 0 : passed ? Alignment.Model.unknown : start[segment]
    let longest = max(line < lines.count ? lines[line] : 0, line > 0 ? lines[line - 1] : 0)
    let limit = 3 * model.expected(longest) + 1.5
    var (length, pauses) = (0.0, 0.0)
    for end in segment..<min(segments.count, segment + widest) {
      length += segments[end].length
      if segments[end].isNoise && segments[end].length > Alignment.Model.click {
        pauses += Alignment.Model.toneless
      }
      if end > segment {
        length += min(Self.hesitation, segments[end].start - segments[end - 1].end)
        pauses += inner[end]
      }
      if length > limit || pauses < -30 { return }
      let weight = before + pauses
      let group = segment..<end + 1
      if line < lines.count {
        body(
          .say(line: line, group), state(line + 1, end + 1, passed: false),
          weight + model.fit(length, line: lines[line]))
      }
      if line > 0 {
        body(
          .again(line: line - 1, group), state(line, end + 1, passed: false),
          weight + model.fit(length, line: lines[line - 1]) + Alignment.Model.again)
      }
    }
  }

  private func forEachState(_ body: (_ line: Int, _ segment: Int, _ passed: Bool) -> Void) {
    for line in 0...lines.count {
      for segment in 0...segments.count {
        body(line, segment, false)
        body(line, segment, true)
      }
    }
  }

  /// The heaviest way.
  func likeliest() -> [Step] {
    var best = [Double](repeating: -.infinity, count: count)
    var from = [(state: Int, step: Step)?](repeating: nil, count: count)
    best[0] = 0
    forEachState { line, segment, passed in
      let here = state(line, segment, passed: passed)
      if best[here] == -.infinity { return }
      forEachStep(line: line, segment: segment, passed: passed) { step, next, weight in
        if best[here] + weight > best[next] {
          best[next] = best[here] + weight
          from[next] = (here, step)
        }
      }
    }
    let ends = [false, true].map { state(lines.count, segments.count, passed: $0) }
    var here = best[ends[0]] >= best[ends[1]] ? ends[0] : ends[1]
    var steps: [Step] = []
    while let (state, step) = from[here] {
      steps.append(step)
      here = state
    }
    return steps.reversed()
  }

  /// How probable it is of each group that it is a line, said or said again.
  func chances() -> [[(group: Range<Int>, chance: Double)]] {
    var forward = [Double](repeating: -.infinity, count: count)
    forward[0] = 0
    forEachState { line, segment, passed in
      let here = state(line, segment, passed: passed)
      if forward[here] == -.infinity { return }
      forEachStep(line: line, segment: segment, passed: passed) { _, next, weight in
        forward[next] = Self.sum(forward[next], forward[here] + weight)
      }
    }
    var backward = [Double](repeating: -.infinity, count: count)
    for passed in [false, true] { backward[state(lines.count, segments.count, passed: passed)] = 0 }
    for line in (0...lines.count).reversed() {
      for segment in (0...segments.count).reversed() {
        for passed in [true, false] {
          let here = state(line, segment, passed: passed)
          forEachStep(line: line, segment: segment, passed: passed) { _, next, weight in
            backward[here] = Self.sum(backward[here], backward[next] + weight)
          }
        }
      }
    }
    let all = backward[0]
    var found = [[Range<Int>: Double]](repeating: [:], count: lines.count)
    forEachState { line, segment, passed in
      let here = state(line, segment, passed: passed)
      if forward[here] == -.infinity { return }
      forEachStep(line: line, segment: segment, passed: passed) { step, next, weight in
        let chance = exp(forward[here] + weight + backward[next] - all)
        guard chance > 0.001 else { return }
        switch step {
        case .say(let line, let group), .again(let line, let group): found[line][group, default: 0] += chance
        case .miss, .pass: break
        }
      }
    }
    return found.map { $0.map { (group: $0.key, chance: $0.value) } }
  }

  /// log(exp(a) + exp(b))
  private static func sum(_ a: Double, _ b: Double) -> Double {
    if a == -.infinity { return b }
    if b == -.infinity { return a }
    return max(a, b) + log1p(exp(-abs(a - b)))
  }
}
