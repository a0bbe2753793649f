import Kit
import Posix

/// Says what sounded after each press, by the frames that left the card and nothing else.
public struct Judge: Sendable {
  /// What a stop may take until the last frame of sound has left, in ms.
  public static let stopLimit = 30.0

  /// What became of one press.
  public struct Verdict: Sendable {
    public let button: Button
    public let time: Monotonic
    public let heard: Heard
    /// From the press to the clip's first frame on the line, in ms; for a stop, to the end of the sound.
    public let milliseconds: Double?
    /// What is wrong with the sound itself; empty if nothing is.
    public var faults: [String]
  }

  public enum Heard: Equatable, Sendable {
    /// Nothing, or nothing any more.
    case silence
    /// A clip, and how many of its frames; all of them if it is completed.
    case clip(language: String, prompt: String, frames: Int, completed: Bool)
    /// Sound that no clip of the kit is.
    case unknown
  }

  private let library: ClipLibrary

  public init(_ library: ClipLibrary) { self.library = library }

  public func judge(_ presses: [Bench.Press], _ recording: CardRecording) -> [Verdict] {
    let end = max(recording.now ?? .now, presses.last?.time ?? .now)
    return presses.indices.map { index in
      let next = index + 1 < presses.count ? presses[index + 1].time : nil
      var verdict = judge(presses[index], until: next, end: end, recording)
      let until = next ?? end.adding(milliseconds: 1)
      for event in recording.events where event.kind == .xrun && event.time >= presses[index].time && event.time < until
      {
        verdict.faults.append("the card ran out of frames")
      }
      return verdict
    }
  }

  /// What follows a press may run a little into the next one's time: what was sounding is faded out there.
  private static let overlap = 100

  private func judge(
    _ press: Bench.Press, until next: Monotonic?, end: Monotonic, _ recording: CardRecording
  ) -> Verdict {
    let sound = recording.samples(from: press.time, to: min(end, next?.adding(milliseconds: Self.overlap) ?? end))
    // Frames of this press alone.
    let own = next.map { min(sound.count, Self.frames(from: press.time, to: $0)) } ?? sound.count
    func verdict(_ heard: Heard, _ frame: Int?, _ faults: [String] = []) -> Verdict {
      Verdict(
        button: press.button, time: press.time, heard: heard, milliseconds: frame.map { Double($0) / 48 },
        faults: faults)
    }
    if press.button == .control(.stop) {
      // Until the next press there must be nothing; behind it another clip may begin.
      let last = sound.prefix(own).lastIndex(where: Self.isHeard).map { $0 + 1 } ?? 0
      let late = Double(last) / 48 > Self.stopLimit
      return verdict(.silence, last, late ? ["sound until \(last / 48) ms after the stop"] : [])
    }
    // By what sounded before the next press: what comes after may be another clip.
    guard let (entry, start) = library.identify(Array(sound.prefix(own)), within: min(own, 48_000)) else {
      let first = sound.prefix(own).dropFirst(48 * Int(Self.stopLimit)).firstIndex(where: Self.isHeard)
      return first == nil ? verdict(.silence, nil) : verdict(.unknown, first)
    }
    let clip = entry.frames
    let same = ClipLibrary.agreement(clip[...], sound[min(start, sound.count)...])
    let completed = same == clip.count
    var faults: [String] = []
    let cut = start + same
    if completed {
      if let more = sound.prefix(own).dropFirst(cut).firstIndex(where: Self.isHeard) {
        faults.append("more sound \((more - cut) / 48) ms after its end")
      }
    } else {
      if cut < own { faults.append("it breaks off \(cut / 48) ms after the press, though nothing was pressed") }
      if let jump = Self.jump(in: sound, at: cut, of: clip[..<same]) {
        faults.append("a click at the cut: a jump of \(jump) of 32768")
      }
    }
    return verdict(
      .clip(language: entry.language, prompt: entry.prompt, frames: same, completed: completed), start, faults)
  }

  /// A stream that runs on in silence has a bit of nothing in it, so that the card stays awake.
  private static func isHeard(_ sample: Int16) -> Bool { abs(Int(sample)) > 1 }

  /// The jump at a cut, if it is larger than the clip's own steps and its fade explain.
  private static func jump(in sound: [Int16], at cut: Int, of clip: ArraySlice<Int16>) -> Int? {
    // The fade lasts 5 ms; the clip's level and steps around it are the measure.
    let near = clip.suffix(2400)
    let level = near.map { abs(Int($0)) }.max() ?? 0
    let step = zip(near, near.dropFirst()).map { abs(Int($0) - Int($1)) }.max() ?? 0
    let around = sound[max(0, cut - 2)..<min(sound.count, cut + 242)]
    let largest = zip(around, around.dropFirst()).map { abs(Int($0) - Int($1)) }.max() ?? 0
    // A clip may go on louder than it was: its own steps are doubled.
    return largest > 2 * step + level / 100 + 8 ? largest : nil
  }

  private static func frames(from start: Monotonic, to end: Monotonic) -> Int {
    Int(end.since(start) * 48 / 1_000_000)
  }
}
