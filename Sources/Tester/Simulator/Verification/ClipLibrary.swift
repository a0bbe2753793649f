import Glibc
import Kit
import Opus
import Playback
import Scenarios

/// Every clip of a kit as frames, decoded on this machine, and the device's own signals: what the card should hear, and
/// what tells an unknown sound's name.
public struct ClipLibrary: Sendable {
  /// One clip, full and thinned out for a quick search.
  public struct Entry: Sendable {
    public let language: String
    public let prompt: String
    /// What it is where it is no clip of the kit; language and prompt are empty then.
    public let signal: Scenario.Signal?
    /// With the board's gain, as they must leave the card.
    public let frames: [Int16]
    /// Where the first loud frames stand; `nil` for a clip of silence.
    let key: Int?
    let coarse: [Float]

    init(language: String, prompt: String, frames: [Int16], gain: Double, signal: Scenario.Signal? = nil) {
      self.language = language
      self.prompt = prompt
      self.signal = signal
      self.frames = gain == 1 ? frames : frames.map { Int16((Float($0) * Float(gain)).rounded()) }
      key = self.frames.firstIndex { abs(Int($0)) >= 200 }.flatMap { $0 + keyLength <= frames.count ? $0 : nil }
      coarse = thinned(self.frames.prefix(template)[...])
    }
  }

  public let entries: [Entry]

  /// Reads, checks and decodes the clips of a kit, all of them or those asked for; `gainDecibels` is the board's. One
  /// that is damaged is left out: no device plays it.
  public init(
    _ kit: KitFile, gainDecibels: Double = 0, where isWanted: (BundleManifest, Clip) -> Bool = { _, _ in true }
  ) {
    let gain = pow(10, gainDecibels / 20)
    let clips = kit.bundles.flatMap { bundle in
      bundle.clips.filter { isWanted(bundle, $0) }.compactMap { clip -> Entry? in
        guard let frames = try? ClipDecoder.decode(kit.bytes(of: clip)) else { return nil }
        return Entry(language: bundle.tag, prompt: clip.prompt, frames: frames, gain: gain)
      }
    }
    let signals: [(Scenario.Signal, Tone)] = [(.error, .error), (.notAvailable, .notAvailable), (.done, .done)]
    entries =
      clips + signals.map { Entry(language: "", prompt: "", frames: $1.frames, gain: gain, signal: $0) }
  }

  init(entries: [Entry]) { self.entries = entries }

  /// Frames of a clip's beginning that are searched for: 0.5 s.
  static let template = 24_000
  /// One coarse sample stands for this many frames; at 1.5 kHz enough is left to tell voices and words apart.
  static let step = 32

  static func thinned(_ frames: ArraySlice<Int16>) -> [Float] {
    stride(from: frames.startIndex, to: frames.endIndex - step + 1, by: step).map { start in
      Float(frames[start..<(start + step)].reduce(0) { $0 + Int($1) }) / Float(step)
    }
  }

  /// The clip that begins in `sound`, with the frame at which its first frame stands.
  ///
  /// `sound` is searched from its beginning over `range` frames: first for frames that are the clip's own, then for
  /// anything like it (a correlation of 0.9), as after a way that changed the samples. `nil` where nothing in the kit
  /// is like it.
  public func identify(_ sound: [Int16], within range: Int) -> (entry: Entry, start: Int)? {
    exact(sound, within: range) ?? similar(sound, within: range)
  }

  /// The clip with the longest run of its own frames.
  private func exact(_ sound: [Int16], within range: Int) -> (entry: Entry, start: Int)? {
    var best: (length: Int, entry: Entry, start: Int)?
    for entry in entries {
      guard let key = entry.key else { continue }
      let first = entry.frames[key]
      let last = min(range + key, sound.count - Self.keyLength)
      guard key <= last else { continue }
      for place in key...last where abs(Int(sound[place]) - Int(first)) <= 2 {
        let length = Self.agreement(entry.frames[key...], sound[place...])
        // 25 ms cannot agree by chance.
        if length >= 1200 || length == entry.frames.count - key, length > best?.length ?? 0 {
          best = (length, entry, place - key)
        }
      }
    }
    return best.map { ($0.entry, $0.start) }
  }

  /// Frames from the beginning that are the same, give or take rounding.
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

  /// Frames that tell a clip's beginning from silence and from others.
  static let keyLength = 32

  private func similar(_ sound: [Int16], within range: Int) -> (entry: Entry, start: Int)? {
    let coarse = Self.thinned(sound.prefix(range + Self.template)[...])
    let lags = max(1, min(range / Self.step, coarse.count))
    var candidates: [(score: Float, lag: Int, index: Int)] = []
    for (index, entry) in entries.enumerated() {
      var best: (score: Float, lag: Int) = (0, 0)
      for lag in 0..<lags {
        let score = Self.likeness(entry.coarse[...], coarse[lag...])
        if score > best.score { best = (score, lag) }
      }
      candidates.append((best.score, best.lag, index))
    }
    candidates.sort { $0.score > $1.score }
    // The coarse search finds the neighbourhood, the frames decide.
    var found: (score: Float, entry: Entry, start: Int)?
    for candidate in candidates.prefix(4) where candidate.score > 0.5 {
      let entry = entries[candidate.index]
      let template = entry.frames.prefix(Self.template).map(Float.init)
      let middle = candidate.lag * Self.step
      for start in max(0, middle - 2 * Self.step)...(middle + 2 * Self.step) where start < sound.count {
        let part = sound[start...].prefix(template.count).map(Float.init)
        let score = Self.likeness(template[...], part[...])
        if score > found?.score ?? 0.9 { found = (score, entry, start) }
      }
    }
    return found.map { ($0.entry, $0.start) }
  }

  /// Normalised correlation over what both have; 0 where there is too little or nothing but silence.
  private static func likeness(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
    let count = min(a.count, b.count)
    // A clip that was cut short still has to show a fifth of its beginning.
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
