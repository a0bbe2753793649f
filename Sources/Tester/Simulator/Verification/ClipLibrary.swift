import Glibc
import Kit
import Opus
import Playback
import Scenarios

/// The decoded clips of a kit and the device's signals, which identify a sound that left the card.
public struct ClipLibrary: Sendable {
  /// One clip or signal, at full rate and downsampled for the search.
  public struct Entry: Sendable {
    /// BCP 47 tag; empty for a signal.
    public let language: String
    /// Id of the prompt; empty for a signal.
    public let prompt: String
    /// The signal; `nil` for a clip.
    public let signal: Scenario.Signal?
    /// Samples with the board's gain, as they leave the card.
    public let frames: [Int16]
    /// Index of the first loud frame; `nil` for a clip of silence.
    let key: Int?
    /// The beginning, downsampled by ``ClipLibrary/step``.
    let coarse: [Float]

    init(language: String, prompt: String, frames: [Int16], gain: Double, signal: Scenario.Signal? = nil) {
      self.language = language
      self.prompt = prompt
      self.signal = signal
      self.frames = gain == 1 ? frames : frames.map { Int16((Float($0) * Float(gain)).rounded()) }
      key = self.frames.firstIndex { abs(Int($0)) >= 200 }.flatMap { $0 + keyLength <= frames.count ? $0 : nil }
      coarse = downsampled(self.frames.prefix(template)[...])
    }
  }

  /// All clips, in the kit's order, and the signals.
  public let entries: [Entry]

  /// Decodes the clips of a kit. Damaged clips are left out, because no device plays them.
  ///
  /// - Parameters:
  ///   - kit: the kit.
  ///   - gainDecibels: the board's gain in dB.
  ///   - isWanted: selects the clips to decode; all by default.
  public init(
    _ kit: KitFile, gainDecibels: Double = 0, where isWanted: (BundleManifest, Clip) -> Bool = { _, _ in true }
  ) {
    let gain = pow(10, gainDecibels / 20)
    let clips = kit.bundles.flatMap { bundle in
      bundle.clips.filter { $0.kind == .message && isWanted(bundle, $0) }.flatMap { clip -> [Entry] in
        guard let frames = try? ClipDecoder.decode(kit.bytes(of: clip)) else { return [] }
        return Self.endings(of: clip, bundle, kit).map {
          Entry(language: bundle.tag, prompt: clip.prompt, frames: frames + $0, gain: gain)
        }
      }
    }
    let signals: [(Scenario.Signal, Tone)] = [(.error, .error), (.notAvailable, .notAvailable), (.done, .done)]
    entries =
      clips + signals.map { Entry(language: "", prompt: "", frames: $1.frames, gain: gain, signal: $0) }
  }

  /// Returns what may follow a clip in the same message: for a question the pause and a formula of its voice, one for
  /// each that the voice has; otherwise nothing.
  private static func endings(of clip: Clip, _ bundle: BundleManifest, _ kit: KitFile) -> [[Int16]] {
    guard kit.manifest.prompt(clip.prompt)?.isFollowedByFormula == true else { return [[]] }
    let pause = [Int16](repeating: 0, count: kit.manifest.answers.pause * 48)
    return bundle.clips.filter { $0.kind == .formula && $0.voice == clip.voice }.compactMap { formula in
      (try? ClipDecoder.decode(kit.bytes(of: formula))).map { pause + $0 }
    }
  }

  init(entries: [Entry]) { self.entries = entries }

  /// Number of frames at the beginning of a clip that the search compares: 0.5 s.
  static let template = 24_000
  /// Frames per downsampled sample; 1.5 kHz is enough to distinguish voices and words.
  static let step = 32

  /// Returns the averages of ``step`` frames each.
  static func downsampled(_ frames: ArraySlice<Int16>) -> [Float] {
    stride(from: frames.startIndex, to: frames.endIndex - step + 1, by: step).map { start in
      Float(frames[start..<(start + step)].reduce(0) { $0 + Int($1) }) / Float(step)
    }
  }

  /// Identifies the clip or signal that begins in the first `range` frames of `sound`.
  ///
  /// Searches first for the clips' own frames, then for similar ones (a correlation of at least 0.9), for paths that
  /// change samples.
  ///
  /// - Returns: the entry and the index of its first frame in `sound`; `nil` if nothing is similar.
  public func identify(_ sound: [Int16], within range: Int) -> (entry: Entry, start: Int)? {
    exact(sound, within: range) ?? similar(sound, within: range)
  }

  /// Returns the entry with the longest run of equal frames.
  private func exact(_ sound: [Int16], within range: Int) -> (entry: Entry, start: Int)? {
    var best: (length: Int, entry: Entry, start: Int)?
    for entry in entries {
      guard let key = entry.key else { continue }
      let first = entry.frames[key]
      let last = min(range + key, sound.count - Self.keyLength)
      guard key <= last else { continue }
      for place in key...last where abs(Int(sound[place]) - Int(first)) <= 2 {
        let length = Self.agreement(entry.frames[key...], sound[place...])
        // 25 ms are never equal by chance.
        if length >= 1200 || length == entry.frames.count - key, length > best?.length ?? 0 {
          best = (length, entry, place - key)
        }
      }
    }
    return best.map { ($0.entry, $0.start) }
  }

  /// Returns the number of frames at the beginning that are equal, within rounding.
  static func agreement(_ clip: ArraySlice<Int16>, _ sound: ArraySlice<Int16>) -> Int {
    let count = min(clip.count, sound.count)
    return clip.withUnsafeBufferPointer { clip in
      sound.withUnsafeBufferPointer { sound in
        var same = 0
        while same < count, abs(Int(clip[same]) - Int(sound[same])) <= 2 { same += 1 }
        return same
      }
    }
  }

  /// Minimum number of frames after the first loud one for a search by equal frames.
  static let keyLength = 32

  private func similar(_ sound: [Int16], within range: Int) -> (entry: Entry, start: Int)? {
    let coarse = Self.downsampled(sound.prefix(range + Self.template)[...])
    let lags = max(1, min(range / Self.step, coarse.count))
    var candidates: [(score: Float, lag: Int, index: Int)] = []
    for (index, entry) in entries.enumerated() {
      var best: (score: Float, lag: Int) = (0, 0)
      for lag in 0..<lags {
        let score = Self.correlation(entry.coarse[...], coarse[lag...])
        if score > best.score { best = (score, lag) }
      }
      candidates.append((best.score, best.lag, index))
    }
    candidates.sort { $0.score > $1.score }
    // The downsampled search finds candidates; the frames at full rate decide.
    var found: (score: Float, entry: Entry, start: Int)?
    for candidate in candidates.prefix(4) where candidate.score > 0.5 {
      let entry = entries[candidate.index]
      let template = entry.frames.prefix(Self.template).map(Float.init)
      let middle = candidate.lag * Self.step
      for start in max(0, middle - 2 * Self.step)...(middle + 2 * Self.step) where start < sound.count {
        let part = sound[start...].prefix(template.count).map(Float.init)
        let score = Self.correlation(template[...], part[...])
        if score > found?.score ?? 0.9 { found = (score, entry, start) }
      }
    }
    return found.map { ($0.entry, $0.start) }
  }

  /// Returns the normalised correlation over the common length; 0 if that is too short or silent.
  private static func correlation(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
    let count = min(a.count, b.count)
    // At least a fifth of the template must be present.
    guard count > 0, count * 5 >= a.count else { return 0 }
    var product: Float = 0
    var powerA: Float = 0
    var powerB: Float = 0
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        for i in 0..<count {
          product += a[i] * b[i]
          powerA += a[i] * a[i]
          powerB += b[i] * b[i]
        }
      }
    }
    return powerA > 0 && powerB > 0 ? product / (powerA * powerB).squareRoot() : 0
  }
}
