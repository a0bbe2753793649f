import Board
import Posix
import Scenarios

/// Determines what played after each press, from the frames that left the card alone.
public struct SoundVerifier: Sendable {
  /// Maximum milliseconds from a stop until the last frame of sound has left.
  public static let stopLimit = 30.0
  static let underrun = "the card ran out of frames"

  /// What played after one press.
  public struct Verdict: Sendable {
    /// The button that was pressed.
    public let button: Button
    /// The time of the press.
    public let time: Monotonic
    /// What played first.
    public let heard: Heard
    /// When its first frame began to leave; for a stop, when the last frame had left. `nil` for silence.
    public let moment: Monotonic?
    /// When its last frame had left; `nil` for silence.
    public let end: Monotonic?
    /// What followed without a press: the operator's voice, the next message of a sequence.
    public var then: [Sound] = []
    /// Milliseconds that the daemon and the bench waited for a processor until the daemon had counted the press.
    public let waited: Double
    /// Faults of the sound itself, one line each; empty if there are none.
    public var faults: [String]

    /// Milliseconds from the press to the clip's first frame; for a stop, to the end of the sound.
    public var milliseconds: Double? { moment.map { Double($0.since(time)) / 1e6 } }

    /// All sounds, in order; empty for silence.
    public var sounds: [Sound] {
      guard heard != .silence, let moment, let end else { return [] }
      return [Sound(heard: heard, moment: moment, end: end)] + then
    }
  }

  /// A sound and its time.
  public struct Sound: Sendable {
    /// What played.
    public let heard: Heard
    /// When its first frame began to leave.
    public let moment: Monotonic
    /// When its last frame had left.
    public let end: Monotonic
  }

  /// What played.
  public enum Heard: Equatable, Sendable {
    /// Nothing.
    case silence
    /// A clip, the number of its frames that played, and whether those are all.
    case clip(language: String, prompt: String, frames: Int, completed: Bool)
    /// A tone that the device generates.
    case signal(Scenario.Signal)
    /// A sound that matches no clip of the kit.
    case unknown
  }

  private let library: ClipLibrary
  private let stopLimit: Double

  /// Creates a verifier.
  ///
  /// - Parameters:
  ///   - library: the clips that may play.
  ///   - stopLimit: maximum milliseconds that a stop may take, not counting the wait for a processor.
  public init(_ library: ClipLibrary, stopLimit: Double = SoundVerifier.stopLimit) {
    self.library = library
    self.stopLimit = stopLimit
  }

  /// Returns what played after each press.
  ///
  /// - Parameters:
  ///   - presses: all presses, in order.
  ///   - recording: the card's record.
  ///   - cardActions: changes of the card, at which a clip may end or be interrupted.
  /// - Returns: one verdict for each press.
  public func verify(
    _ presses: [Bench.Press], _ recording: CardRecording, cardActions: [Bench.CardAction] = []
  ) -> [Verdict] {
    let end = max(recording.now ?? .now, presses.last?.time ?? .now)
    // From the last to the first, because the next sound limits the one before it.
    var verdicts: [Verdict] = []
    for index in presses.indices.reversed() {
      let next = index + 1 < presses.count ? presses[index + 1].time : nil
      let until = next ?? end.adding(milliseconds: 1)
      let own = cardActions.filter { $0.time >= presses[index].time && $0.time < until }
      let before = cardActions.last { $0.time < presses[index].time }
      let isDisturbed = !own.isEmpty || before.map { $0.event.lasts } ?? false
      let following = verdicts.last.flatMap { $0.heard == .silence ? nil : $0.moment }
      var verdict = verify(
        presses[index], until: next, before: following, end: end, recording, isDisturbed: isDisturbed)
      let underruns = recording.events.count {
        $0.kind == .xrun && $0.time >= presses[index].time && $0.time < until
      }
      if underruns > own.count(where: { $0.event == .xrun }) { verdict.faults.append(Self.underrun) }
      verdicts.append(verdict)
    }
    return verdicts.reversed()
  }

  /// Milliseconds after the next press that still belong to a press: the fade-out of its sound.
  private static let overlap = 100

  private func verify(
    _ press: Bench.Press, until next: Monotonic?, before following: Monotonic?, end: Monotonic,
    _ recording: CardRecording, isDisturbed: Bool
  ) -> Verdict {
    let sound = recording.samples(from: press.time, to: min(end, next?.adding(milliseconds: Self.overlap) ?? end))
    // Frames before the next press.
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
      // Until the next press there must be silence; after it another clip may begin.
      let last = sound.prefix(own).lastIndex(where: Self.isAudible).map { $0 + 1 } ?? 0
      let late = Double(last) / 48 > stopLimit + press.waited
      return verdict(.silence, last, late ? ["sound until \(last / 48) ms after the stop"] : [])
    }
    // The fade is compared up to the start of the next sound, which has steps of its own.
    let limit = following.map { max(0, min(sound.count, Self.frames(from: press.time, to: $0))) } ?? sound.count
    // Only frames before the next press identify the sound: later frames may be another clip.
    guard let first = piece(of: sound, from: 0, within: 48_000, own: own, limit: limit, isDisturbed) else {
      let first = sound.prefix(own).dropFirst(48 * Int(Self.stopLimit)).firstIndex(where: Self.isAudible)
      let last = sound.prefix(own).lastIndex(where: Self.isAudible)
      return first == nil ? verdict(.silence, nil) : verdict(.unknown, first, until: last)
    }
    var whole = verdict(first.heard, first.start, until: first.end, first.faults)
    var last = first
    while last.isWhole, let more = sound.prefix(own).dropFirst(last.end).firstIndex(where: Self.isAudible) {
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

  /// Maximum number of silent frames at the beginning of a clip.
  private static let lead = 2400

  /// A sound that was identified, with positions in frames after the press.
  private struct Piece {
    var heard: Heard
    var start: Int
    var end: Int
    var isWhole: Bool
    var faults: [String] = []
  }

  /// Returns the first clip or signal from a frame on; `nil` if none begins within `range` frames.
  ///
  /// - Parameters:
  ///   - own: frames until the next press.
  ///   - limit: frames until the sound after the next press.
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
    let clip = Self.atVolume(entry.frames, of: sound[min(start, sound.count)...])
    let same = ClipLibrary.agreement(clip[...], sound[min(start, sound.count)...])
    let cut = start + same
    if same == clip.count { return piece(same, until: cut, isWhole: true) }
    if isDisturbed {
      // The card was interrupted, and the clip may have continued to its end.
      guard let (rest, end) = Self.rest(of: clip[same...], in: sound[min(cut, own)..<own]) else {
        return piece(same, until: cut, isWhole: false)
      }
      return piece(min(clip.count, same + rest), until: end, isWhole: true)
    }
    var faults: [String] = []
    if cut < own { faults.append("it ends \(cut / 48) ms after the press, though no button was pressed") }
    if let jump = Self.jump(in: sound.prefix(limit), at: cut, of: clip[..<same]) {
      faults.append("a click at the cut: a jump of \(jump) of 32768")
    }
    return piece(same, until: cut, isWhole: false, faults)
  }

  /// Returns the clip scaled to the volume at which it plays, estimated from half a second.
  private static func atVolume(_ clip: [Int16], of sound: ArraySlice<Int16>) -> [Int16] {
    let count = min(clip.count, sound.count, ClipLibrary.template)
    var (product, power) = (0.0, 0.0)
    for (a, b) in zip(clip.prefix(count), sound.prefix(count)) {
      product += Double(a) * Double(b)
      power += Double(a) * Double(a)
    }
    // A clip that ends within it appears softer, and so does a different clip.
    let same = ClipLibrary.agreement(clip[...], sound)
    guard same < min(count, 1200), power > 0, product > 0, product / power < 0.999 else { return clip }
    let factor = product / power
    let scaled = clip.map { Int16((Double($0) * factor).rounded()) }
    return ClipLibrary.agreement(scaled[...], sound) > same ? scaled : clip
  }

  /// Returns the number of frames at the end of a clip that are the last audible ones of `sound`, and their end there;
  /// `nil` if `sound` ends differently.
  private static func rest(of clip: ArraySlice<Int16>, in sound: ArraySlice<Int16>) -> (frames: Int, end: Int)? {
    guard let lastHeard = sound.lastIndex(where: isAudible), let last = clip.lastIndex(where: isAudible) else {
      return nil
    }
    var count = 0
    while last - count >= clip.startIndex, lastHeard - count >= sound.startIndex,
      abs(Int(clip[last - count]) - Int(sound[lastHeard - count])) <= 2
    {
      count += 1
    }
    // 25 ms are never equal by chance.
    return count >= 1200 ? (count + clip.endIndex - 1 - last, lastHeard + clip.endIndex - last) : nil
  }

  /// Returns whether a sample is audible: a stream that runs in silence has ±1 LSB samples, which keep the card awake.
  private static func isAudible(_ sample: Int16) -> Bool { abs(Int(sample)) > 1 }

  /// Returns the jump at a cut if it is larger than the clip's own steps and its fade explain; `nil` otherwise.
  private static func jump(in sound: ArraySlice<Int16>, at cut: Int, of clip: ArraySlice<Int16>) -> Int? {
    // The fade lasts 5 ms. The limit follows from the clip's level and steps near it.
    let near = clip.suffix(2400)
    let level = near.map { abs(Int($0)) }.max() ?? 0
    let step = zip(near, near.dropFirst()).map { abs(Int($0) - Int($1)) }.max() ?? 0
    let around = sound[min(sound.count, max(0, cut - 2))..<min(sound.count, cut + 242)]
    let largest = zip(around, around.dropFirst()).map { abs(Int($0) - Int($1)) }.max() ?? 0
    // The clip may become louder during the fade, so its steps are doubled.
    return largest > 2 * step + level / 100 + 8 ? largest : nil
  }

  private static func frames(from start: Monotonic, to end: Monotonic) -> Int {
    Int(end.since(start) * 48 / 1_000_000)
  }
}
