import Board
import Posix
import Scenarios

/// Says what sounded after each press, by the frames that left the card and nothing else.
public struct SoundVerifier: Sendable {
  /// What a stop may take until the last frame of sound has left, in ms.
  public static let stopLimit = 30.0
  static let underrun = "the card ran out of frames"

  /// What became of one press.
  public struct Verdict: Sendable {
    public let button: Button
    public let time: Monotonic
    /// What sounded first.
    public let heard: Heard
    /// When the first frame of it went on the line; for a stop, when the last had left.
    public let moment: Monotonic?
    /// When the last frame of it had left; `nil` for silence.
    public let end: Monotonic?
    /// What followed by itself: the operator's voice, the next message of a sequence.
    public var then: [Sound] = []
    /// Milliseconds for which a busy machine kept daemon and bench from running until the daemon had the press.
    public let waited: Double
    /// What is wrong with the sound itself; empty if nothing is.
    public var faults: [String]

    /// From the press to the clip's first frame on the line, in ms; for a stop, to the end of the sound.
    public var milliseconds: Double? { moment.map { Double($0.since(time)) / 1e6 } }

    /// All that sounded, in order; empty for silence.
    public var sounds: [Sound] {
      guard heard != .silence, let moment, let end else { return [] }
      return [Sound(heard: heard, moment: moment, end: end)] + then
    }
  }

  public struct Sound: Sendable {
    public let heard: Heard
    public let moment: Monotonic
    public let end: Monotonic
  }

  public enum Heard: Equatable, Sendable {
    /// Nothing, or nothing any more.
    case silence
    /// A clip, and how many of its frames; all of them if it is completed.
    case clip(language: String, prompt: String, frames: Int, completed: Bool)
    /// A tone of the device's own.
    case signal(Scenario.Signal)
    /// Sound that no clip of the kit is.
    case unknown
  }

  private let library: ClipLibrary
  private let stopLimit: Double

  /// - Parameter stopLimit: what a stop may take, in ms, less what a busy machine took.
  public init(_ library: ClipLibrary, stopLimit: Double = SoundVerifier.stopLimit) {
    self.library = library
    self.stopLimit = stopLimit
  }

  /// - Parameter acts: what was done to the card: a clip may end there, or break off and go on.
  public func judge(_ presses: [Bench.Press], _ recording: CardRecording, acts: [Bench.Act] = []) -> [Verdict] {
    let end = max(recording.now ?? .now, presses.last?.time ?? .now)
    // From the last to the first: where one sound ends may be where the next begins.
    var verdicts: [Verdict] = []
    for index in presses.indices.reversed() {
      let next = index + 1 < presses.count ? presses[index + 1].time : nil
      let until = next ?? end.adding(milliseconds: 1)
      let own = acts.filter { $0.time >= presses[index].time && $0.time < until }
      let before = acts.last { $0.time < presses[index].time }
      let isDisturbed = !own.isEmpty || before.map { $0.event.lasts } ?? false
      let following = verdicts.last.flatMap { $0.heard == .silence ? nil : $0.moment }
      var verdict = judge(
        presses[index], until: next, before: following, end: end, recording, isDisturbed: isDisturbed)
      let underruns = recording.events.count {
        $0.kind == .xrun && $0.time >= presses[index].time && $0.time < until
      }
      if underruns > own.count(where: { $0.event == .xrun }) { verdict.faults.append(Self.underrun) }
      verdicts.append(verdict)
    }
    return verdicts.reversed()
  }

  /// What follows a press may run a little into the next one's time: what was sounding is faded out there.
  private static let overlap = 100

  private func judge(
    _ press: Bench.Press, until next: Monotonic?, before following: Monotonic?, end: Monotonic,
    _ recording: CardRecording, isDisturbed: Bool
  ) -> Verdict {
    let sound = recording.samples(from: press.time, to: min(end, next?.adding(milliseconds: Self.overlap) ?? end))
    // Frames of this press alone.
    let own = next.map { min(sound.count, Self.frames(from: press.time, to: $0)) } ?? sound.count
    func moment(_ frame: Int) -> Monotonic {
      Monotonic(nanoseconds: press.time.nanoseconds + Int64(frame) * 1_000_000 / 48)
    }
    func verdict(_ heard: Heard, _ frame: Int?, until end: Int? = nil, _ faults: [String] = []) -> Verdict {
      Verdict(
        button: press.button, time: press.time, heard: heard, moment: frame.map(moment), end: end.map(moment),
        waited: press.waited, faults: faults)
    }
    if press.button == .control(.stop) {
      // Until the next press there must be nothing; behind it another clip may begin.
      let last = sound.prefix(own).lastIndex(where: Self.isHeard).map { $0 + 1 } ?? 0
      let late = Double(last) / 48 > stopLimit + press.waited
      return verdict(.silence, last, late ? ["sound until \(last / 48) ms after the stop"] : [])
    }
    // What follows over a pause of a clip, or over silence, has steps of its own.
    let limit = following.map { max(0, min(sound.count, Self.frames(from: press.time, to: $0))) } ?? sound.count
    // By what sounded before the next press: what comes after may be another clip.
    guard let first = piece(of: sound, from: 0, within: 48_000, own: own, limit: limit, isDisturbed) else {
      let first = sound.prefix(own).dropFirst(48 * Int(Self.stopLimit)).firstIndex(where: Self.isHeard)
      let last = sound.prefix(own).lastIndex(where: Self.isHeard)
      return first == nil ? verdict(.silence, nil) : verdict(.unknown, first, until: last)
    }
    var whole = verdict(first.heard, first.start, until: first.end, first.faults)
    var last = first
    while last.isWhole, let more = sound.prefix(own).dropFirst(last.end).firstIndex(where: Self.isHeard) {
      let from = max(last.end, more - Self.lead)
      guard let next = piece(of: sound, from: from, within: 2 * Self.lead, own: own, limit: limit, isDisturbed) else {
        whole.faults.append("more sound \((more - last.end) / 48) ms after its end")
        break
      }
      whole.then.append(Sound(heard: next.heard, moment: moment(next.start), end: moment(next.end)))
      whole.faults += next.faults
      last = next
    }
    return whole
  }

  /// Frames that a clip may be silent at its beginning.
  private static let lead = 2400

  /// A sound that was told apart from the others, with places in frames after the press.
  private struct Piece {
    var heard: Heard
    var start: Int
    var end: Int
    var isWhole: Bool
    var faults: [String] = []
  }

  /// The first clip or signal from a frame on; `nil` where nothing of the kit begins.
  ///
  /// - Parameters:
  ///   - own: frames until the next press.
  ///   - limit: frames until what that one brought.
  private func piece(
    of sound: [Int16], from: Int, within range: Int, own: Int, limit: Int, _ isDisturbed: Bool
  ) -> Piece? {
    guard from < own, let found = library.identify(Array(sound[from..<own]), within: min(own - from, range)) else {
      return nil
    }
    let (entry, start) = (found.entry, from + found.start)
    func piece(_ frames: Int, until end: Int, isWhole: Bool, _ faults: [String] = []) -> Piece {
      let clip = Heard.clip(language: entry.language, prompt: entry.prompt, frames: frames, completed: isWhole)
      return Piece(
        heard: entry.signal.map { .signal($0) } ?? clip, start: start, end: end, isWhole: isWhole, faults: faults)
    }
    let clip = Self.asLoud(entry.frames, as: sound[min(start, sound.count)...])
    let same = ClipLibrary.agreement(clip[...], sound[min(start, sound.count)...])
    let cut = start + same
    if same == clip.count { return piece(same, until: cut, isWhole: true) }
    if isDisturbed {
      // The card was lost on the way, and the clip may have gone on to its end.
      guard let (rest, end) = Self.rest(of: clip[same...], in: sound[min(cut, own)..<own]) else {
        return piece(same, until: cut, isWhole: false)
      }
      return piece(min(clip.count, same + rest), until: end, isWhole: true)
    }
    var faults: [String] = []
    if cut < own { faults.append("it breaks off \(cut / 48) ms after the press, though nothing was pressed") }
    if let jump = Self.jump(in: sound.prefix(limit), at: cut, of: clip[..<same]) {
      faults.append("a click at the cut: a jump of \(jump) of 32768")
    }
    return piece(same, until: cut, isWhole: false, faults)
  }

  /// The clip at the volume at which it is heard: half a second tells that.
  private static func asLoud(_ clip: [Int16], as sound: ArraySlice<Int16>) -> [Int16] {
    let count = min(clip.count, sound.count, ClipLibrary.template)
    var (product, power) = (0.0, 0.0)
    for (a, b) in zip(clip.prefix(count), sound.prefix(count)) {
      product += Double(a) * Double(b)
      power += Double(a) * Double(a)
    }
    // A clip that is cut short within it looks softer; so does one that is not the clip at all.
    let same = ClipLibrary.agreement(clip[...], sound)
    guard same < min(count, 1200), power > 0, product > 0, product / power < 0.999 else { return clip }
    let factor = product / power
    let scaled = clip.map { Int16((Double($0) * factor).rounded()) }
    return ClipLibrary.agreement(scaled[...], sound) > same ? scaled : clip
  }

  /// Frames of the end of a clip that are the last that is heard in `sound`, and where they end there; `nil` where it
  /// ends otherwise.
  private static func rest(of clip: ArraySlice<Int16>, in sound: ArraySlice<Int16>) -> (frames: Int, end: Int)? {
    guard let lastHeard = sound.lastIndex(where: isHeard), let last = clip.lastIndex(where: isHeard) else { return nil }
    var count = 0
    while last - count >= clip.startIndex, lastHeard - count >= sound.startIndex,
      abs(Int(clip[last - count]) - Int(sound[lastHeard - count])) <= 2
    {
      count += 1
    }
    // 25 ms cannot agree by chance.
    return count >= 1200 ? (count + clip.endIndex - 1 - last, lastHeard + clip.endIndex - last) : nil
  }

  /// A stream that runs on in silence has a bit of nothing in it, so that the card stays awake.
  private static func isHeard(_ sample: Int16) -> Bool { abs(Int(sample)) > 1 }

  /// The jump at a cut, if it is larger than the clip's own steps and its fade explain.
  private static func jump(in sound: ArraySlice<Int16>, at cut: Int, of clip: ArraySlice<Int16>) -> Int? {
    // The fade lasts 5 ms; the clip's level and steps around it are the measure.
    let near = clip.suffix(2400)
    let level = near.map { abs(Int($0)) }.max() ?? 0
    let step = zip(near, near.dropFirst()).map { abs(Int($0) - Int($1)) }.max() ?? 0
    let around = sound[min(sound.count, max(0, cut - 2))..<min(sound.count, cut + 242)]
    let largest = zip(around, around.dropFirst()).map { abs(Int($0) - Int($1)) }.max() ?? 0
    // A clip may go on louder than it was: its own steps are doubled.
    return largest > 2 * step + level / 100 + 8 ? largest : nil
  }

  private static func frames(from start: Monotonic, to end: Monotonic) -> Int {
    Int(end.since(start) * 48 / 1_000_000)
  }
}
