import Posix

/// The size of a kit and the duration of its build, estimated from a few of its clips.
public struct Forecast: Codable, Equatable, Sendable {
  /// Languages with a recording.
  public var languages: Int
  /// Clips of the kit.
  public var clips: Int
  /// Clips that are in the cache.
  public var kept: Int
  /// Seconds of speech still to be encoded.
  public var duration: Double
  /// Estimated bytes of the kit's clips.
  public var bytes: Int
  /// Estimated seconds that the encoding takes on this machine.
  public var time: Double
}

extension KitBuild {
  /// Checks every recording and encodes some. Nothing is written but the cache.
  ///
  /// - Parameters:
  ///   - threads: how many recordings are checked at once.
  ///   - done: called with how many recordings are checked, and of how many.
  public func forecast(
    threads: Int = Workers.cores, done: (@Sendable (Int, Int) -> Void)? = nil
  ) -> (forecast: Forecast, report: CheckReport) {
    let jobs = workspace.jobs
    let report = check(threads: threads, done: done)
    var forecast = Forecast(
      languages: Set(jobs.map(\.language.tag)).count, clips: jobs.count, kept: 0, duration: 0, bytes: 0, time: 0)
    let settings = pipeline.mastering.level
    var due: [(job: ClipJob, checked: CheckedRecording, seconds: Double)] = []
    for job in jobs {
      guard let checked = try? pipeline.checked(job.take), let speech = checked.analysis.measures.speech else {
        continue
      }
      if let bytes = pipeline.keptSize(of: job, checked.analysis) {
        forecast.kept += 1
        forecast.bytes += bytes
      } else {
        let analysis = CheckedRecording(analysis: checked.analysis, speech: nil)
        due.append((job, analysis, speech.length + Double(settings.lead + settings.tail) / 1000))
      }
    }
    forecast.duration = due.reduce(0) { $0 + $1.seconds }
    // Spread over the project, because voices differ.
    let samples = stride(from: 0, to: due.count, by: max(1, due.count / Self.samples)).prefix(Self.samples)
    let start = Monotonic.now
    var (seconds, bytes) = (0.0, 0)
    for index in samples {
      guard let clip = try? pipeline.clip(of: due[index].job, due[index].checked) else { continue }
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
