import Kit
import Opus

/// Every clip of a kit as frames, decoded on this machine: what the card should hear, and what tells an unknown
/// sound's name.
public struct ClipLibrary: Sendable {
  /// One clip, full and thinned out for a quick search.
  public struct Entry: Sendable {
    public let language: String
    public let prompt: String
    public let frames: [Int16]
    let coarse: [Float]
  }

  public let entries: [Entry]

  /// Reads, checks and decodes all clips of a kit.
  public init(_ kit: KitFile) throws {
    entries = try kit.bundles.flatMap { bundle in
      try bundle.clips.map { clip in
        let frames = try ClipDecoder.decode(try kit.bytes(of: clip))
        return Entry(
          language: bundle.tag, prompt: clip.prompt, frames: frames,
          coarse: Self.thinned(frames.prefix(Self.template)[...]))
      }
    }
  }

  init(entries: [(language: String, prompt: String, frames: [Int16])]) {
    self.entries = entries.map {
      Entry(
        language: $0.language, prompt: $0.prompt, frames: $0.frames,
        coarse: Self.thinned($0.frames.prefix(Self.template)[...]))
    }
  }

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
  /// `sound` is searched from its beginning over `range` frames. `nil` where nothing in the kit is like it: a
  /// correlation of less than 0.9.
  public func identify(_ sound: [Int16], within range: Int) -> (entry: Entry, start: Int)? {
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
