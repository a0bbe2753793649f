import Posix

/// A recording for people to look at and to listen to.
public struct Preview: Equatable, Sendable {
  /// Highest amplitudes of `Preview.parts` equal parts, 0...1.
  public var peaks: [Float]
  /// Where in it somebody speaks, as parts of its length.
  public var voice: Range<Double>?
  /// What somebody says in it, or its beginning where nobody does: Ogg Opus, small rather than fine.
  public var sound: [UInt8]

  public static let parts = 160
  /// Seconds of a recording without a voice.
  private static let beginning = 5

  init(_ recording: Recording, settings: LevelSettings) throws(EncodeError) {
    let (samples, rate) = (recording.samples, recording.rate)
    peaks = (0..<Self.parts).map { part in
      let range = samples.count * part / Self.parts..<samples.count * (part + 1) / Self.parts
      return min(1, samples[range].reduce(0) { max($0, abs($1)) })
    }
    let found = Voice.find(in: Level.highPass(samples, rate: rate), rate: rate)
    voice = found.map {
      Double($0.range.lowerBound) / Double(samples.count)..<Double($0.range.upperBound) / Double(samples.count)
    }
    let heard =
      found.map { Level.trim(samples, to: $0.range, rate: rate, settings: settings) }
      ?? Array(samples.prefix(Self.beginning * rate))
    var small = EncodeSettings()
    small.bitrate = 16_000
    small.complexity = 0
    let tags = ClipTags(title: "", language: "", voice: "", prompt: "", status: "", synthetic: recording.synthetic)
    sound = try Encode.clip(heard, rate: rate, tags: tags, serial: 0, settings: small)
  }
}

extension KitBuild {
  /// One for each recording of the project, in the order of a report's `takes`; `nil` where it cannot be read.
  ///
  /// - Parameter done: called with how many recordings are done, and of how many.
  public func previews(
    threads: Int = Workers.cores, done: (@Sendable (Int, Int) -> Void)? = nil
  ) -> [Preview?] {
    let jobs = self.jobs
    return Workers.map(jobs.count, threads: threads, done: progress(done, jobs.count)) { index in
      guard let recording = try? Recording(path: jobs[index].take.path) else { return nil }
      return try? Preview(recording, settings: master.level)
    }
  }
}
