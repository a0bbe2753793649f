import Glibc

/// The probabilities of all alignments of a script with the sound segments of a recording, computed by the
/// forward-backward algorithm over one lattice.
///
/// A state is the number of lines and the number of segments processed so far. A step assigns some segments to the next
/// line, repeats a line, skips a line, or skips a segment.
struct Alignment {
  /// The most probable alignment: the segments of each line, by the line's index; nil for a missing line.
  private(set) var groups: [Range<Int>?]
  /// The earlier repetitions of lines that were said more than once, by the line's index.
  private(set) var earlier: [Int: [Range<Int>]] = [:]
  /// The segments that belong to no line.
  private(set) var skipped: [Int] = []

  private let segments: [SoundSegment]
  private let lines: [Double]
  private let model: Model
  /// The probable groups of segments of each line, with their probabilities.
  private var chances: [[(group: Range<Int>, chance: Double)]] = []

  /// Assumptions about the speaker.
  struct Model {
    /// The ratio of a line's length to its expected length.
    private(set) var tempo = 1.0
    /// The pause in seconds that is equally probable within a line and between two lines.
    private(set) var pause: Double

    /// The standard deviation of the logarithm of length over expected length.
    private var deviation = usualDeviation

    private let gaps: [Double]

    private static let usualDeviation = 0.18
    /// The weight of the usual deviation, in lines.
    private static let trust = 10.0

    /// The log probability of a missing line.
    static let missing = -6.0
    /// The log probability of a repeated line.
    static let again = -4.5

    init(_ segments: [SoundSegment], lines: [Double]) {
      gaps = zip(segments.dropFirst(), segments).map { $0.start - $1.end }.sorted(by: >)
      pause = Self.usualPause
      let voice = segments.filter { !$0.isNoise }.reduce(0) { $0 + $1.length }
      let due = lines.reduce(0, +)
      if due > 0 { tempo = min(2, max(0.6, voice / due)) }
      setPause(lines: lines.count)
    }

    /// Estimates tempo, deviation and pauses from the most probable alignment.
    mutating func learn(from alignment: Alignment) {
      var ratios: [Double] = []
      for (index, group) in alignment.groups.enumerated() {
        guard let group, alignment.lines[index] > 0.8 else { continue }
        ratios.append(alignment.length(of: group) / alignment.lines[index])
      }
      if ratios.count > 2 {
        tempo = min(2.5, max(0.4, ratios.sorted()[ratios.count / 2]))
        // The median is robust against a few wrong lines.
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

    /// Sets the limit between short and long pauses. Between `lines` parts there are `lines - 1` long pauses. If there
    /// is a gap in the sorted pauses near that count, the limit is in the gap; otherwise it is the usual one.
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

    /// Returns the expected length of a line in seconds.
    func expected(_ line: Double) -> Double { line * tempo }

    /// Returns the standard deviation for a line: short lines vary more.
    private func spread(_ line: Double) -> Double {
      (deviation * deviation + pow(0.15 / expected(line), 2)).squareRoot()
    }

    private func distance(_ length: Double, _ line: Double) -> Double {
      log(max(0.01, length) / expected(line)) / spread(line)
    }

    func isStrange(_ length: Double, line: Double) -> Bool { abs(distance(length, line)) > 3 }

    /// Returns the log likelihood of a length, relative to that of the expected length. One line in twenty is assumed
    /// to be an outlier.
    func fit(_ length: Double, line: Double) -> Double {
      let distance = distance(length, line)
      return log(0.95 * exp(-distance * distance / 2) + 0.05 * exp(-distance * distance / 18))
    }

    func within(_ gap: Double) -> Double { -log1p(pow(gap / pause, 4)) }
    func between(_ gap: Double) -> Double { -log1p(pow(pause / max(0.01, gap), 4)) }

    /// Returns the log probability that a segment belongs to no line: high for a cough, low for speech.
    func passing(_ segment: SoundSegment) -> Double { segment.isNoise ? -0.7 : -4 - 1.2 * segment.length }

    /// The log probability of a segment without pitch within a line, if it is longer than a click.
    static let toneless = -4.0
    /// The maximum length of a click in seconds.
    static let click = 0.15
    /// The log probability of a pause beside a skipped segment, which carries no information.
    static let unknown = log(0.5)
  }

  /// The maximum number of segments in one line.
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

  /// Returns the probability that a group is a line.
  func probability(of group: Range<Int>, line: Int) -> Double {
    chances[line].first { $0.group == group }?.chance ?? 0
  }

  /// Returns the most probable other line of a group, or nil if none has a probability above 0.002.
  func likeliestLine(of group: Range<Int>, but line: Int) -> Int? {
    let others = chances.indices.filter { $0 != line }.map { ($0, probability(of: group, line: $0)) }
    return others.filter { $0.1 > 0.002 }.max { $0.1 < $1.1 }?.0
  }

  /// Returns the most probable other group of a line, or nil if none has a probability above 0.002.
  func likeliestGroup(of line: Int, but group: Range<Int>) -> Range<Int>? {
    chances[line].filter { $0.group != group && $0.chance > 0.002 }.max { $0.chance < $1.chance }?.group
  }

  /// Returns the length of a group in seconds, with long pauses shortened.
  func length(of group: Range<Int>) -> Double { Lattice.length(segments[group]) }
}

/// The states and steps of an alignment, and the passes over them.
private struct Lattice {
  enum Step {
    case say(line: Int, Range<Int>)
    /// The previous line is repeated.
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

  /// The maximum length in seconds that a pause adds to a line, because speakers hesitate.
  private static let hesitation = 0.4

  static func length(_ group: ArraySlice<SoundSegment>) -> Double {
    var length = 0.0
    for index in group.indices {
      length += group[index].length
      if index > group.startIndex { length += min(hesitation, group[index].start - group[index - 1].end) }
    }
    return length
  }

  /// Returns the index of a state; `passed` is true after a skipped segment.
  private func state(_ line: Int, _ segment: Int, passed: Bool) -> Int {
    (line * (segments.count + 1) + segment) * 2 + (passed ? 1 : 0)
  }

  private var count: Int { (lines.count + 1) * (segments.count + 1) * 2 }

  /// Calls `body` for every step out of a state, with the next state and the step's log weight.
  ///
  /// Lines are skipped before segments, so that no alignment is counted twice.
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

  /// Returns the most probable alignment (Viterbi algorithm).
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

  /// Returns, for each line, the groups that may be it and their probabilities.
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

  /// Returns log(exp(a) + exp(b)).
  private static func sum(_ a: Double, _ b: Double) -> Double {
    if a == -.infinity { return b }
    if b == -.infinity { return a }
    return max(a, b) + log1p(exp(-abs(a - b)))
  }
}
