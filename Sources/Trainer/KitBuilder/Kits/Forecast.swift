import Posix

/// What a build would take and give, measured on a few of its clips.
public struct Forecast: Codable, Equatable, Sendable {
  public var languages: Int
  public var clips: Int
  /// Clips that the cache holds.
  public var kept: Int
  /// Seconds of sound still to be encoded.
  public var duration: Double
  /// Of the kit's clips, about.
  public var bytes: Int
  /// Seconds that the encoding takes here, about.
  public var time: Double
}

extension KitBuild {
  /// Looks at every recording, encodes some, and writes nothing but the cache.
  ///
  /// - Parameter done: called with how many recordings are looked at, and of how many.
  public func forecast(
    threads: Int = Workers.cores, done: (@Sendable (Int, Int) -> Void)? = nil
  ) -> (forecast: Forecast, report: CheckReport) {
    let jobs = self.jobs
    let report = check(threads: threads, done: done)
    var forecast = Forecast(
      languages: Set(jobs.map(\.language.tag)).count, clips: jobs.count, kept: 0, duration: 0, bytes: 0, time: 0)
    var due: [(job: ClipJob, heard: Heard, seconds: Double)] = []
    for job in jobs {
      guard let heard = try? heard(job.take), let voice = heard.measures.voice else { continue }
      if let bytes = kept(job, heard) {
        forecast.kept += 1
        forecast.bytes += bytes
      } else {
        due.append((job, heard, voice.length + Double(master.level.lead + master.level.tail) / 1000))
      }
    }
    forecast.duration = due.reduce(0) { $0 + $1.seconds }
    // From all over the project: voices differ.
    let samples = stride(from: 0, to: due.count, by: max(1, due.count / Self.samples)).prefix(Self.samples)
    let start = Monotonic.now
    var (seconds, bytes) = (0.0, 0)
    for index in samples {
      guard
        let clip = try? clip(due[index].job.take, due[index].heard, tags: tags(of: due[index].job, due[index].heard))
      else { continue }
      seconds += due[index].seconds
      bytes += clip.bytes.count
    }
    if seconds > 0 {
      let share = forecast.duration / seconds
      forecast.bytes += Int(Double(bytes) * share)
      forecast.time = Double(Monotonic.now.since(start)) / 1e9 * share / Double(min(threads, due.count))
    }
    return (forecast, report)
  }

  private static let samples = 4
}
