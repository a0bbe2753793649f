import Catalogue
import Encoding
import Kit
import Posix

/// Makes a clip of a recording: read, check, level, encode. What check measured is handed on to the levelling.
///
/// What follows from a recording and the settings alone is kept in the cache.
public struct ClipPipeline: Sendable {
  /// The project whose recordings it works on.
  public let workspace: Workspace
  /// What is checked of recordings, by the project's limits.
  public var check: RecordingCheck
  /// How clips are levelled and encoded, by the project's settings.
  public var mastering: Mastering
  /// What was made before; `nil` makes everything anew.
  public var cache: BuildCache?

  /// Creates the pipeline with the settings of the project.
  public init(_ workspace: Workspace, cache: BuildCache? = nil) {
    self.workspace = workspace
    self.cache = cache
    let project = workspace.project
    check = RecordingCheck(limits: RecordingCheck.Limits(project.check))
    var level = LevelSettings()
    level.target = project.level.target
    level.peak = project.level.peak
    var encode = EncoderSettings()
    encode.bitrate = project.opus.bitrate
    encode.complexity = project.opus.complexity
    encode.frame = project.opus.frame
    mastering = Mastering(level: level, encode: encode)
  }

  /// Checks a recording and makes its clip.
  func run(_ job: ClipJob) -> ClipOutcome {
    let checked: CheckedRecording
    do throws(RecordingError) { checked = try self.checked(job.take) } catch {
      return ClipOutcome([job.take.finding(error)])
    }
    let analysis = checked.analysis
    var findings = self.findings(of: job, analysis)
    do throws(PipelineError) {
      let clip = try self.clip(of: job, checked)
      findings += check.findings(of: clip.figures, level: mastering.level, take: job.take)
      return ClipOutcome(findings, analysis: analysis, clip: packed(clip, job, analysis))
    } catch {
      // The check has reported silence already.
      let finding = job.take.finding(error)
      if !findings.contains(where: { $0.code == finding.code }) { findings.append(finding) }
      return ClipOutcome(findings, analysis: analysis)
    }
  }

  /// Checks a recording and encodes nothing.
  func runCheck(_ job: ClipJob) -> ClipOutcome {
    do throws(RecordingError) {
      let analysis = try analysis(of: job.take)
      return ClipOutcome(findings(of: job, analysis), analysis: analysis)
    } catch { return ClipOutcome([job.take.finding(error)]) }
  }

  /// Returns what `check` reports of a recording alone, before it is in the project; nothing is encoded.
  ///
  /// - Parameters:
  ///   - recording: the recording.
  ///   - take: the place that it would have; its path is the one in the findings.
  ///   - item: the item that it says.
  public func findings(of recording: Recording, as take: Take, _ item: ReviewItem) -> [CheckFinding] {
    do throws(RecordingError) {
      let analysis = try analysis(of: recording)
      return check.findings(of: analysis, take: take, text: item.wording.text, rate: item.language.rate).sorted()
    } catch { return [take.finding(error)] }
  }

  private func findings(of job: ClipJob, _ analysis: RecordingAnalysis) -> [CheckFinding] {
    check.findings(of: analysis, take: job.take, text: job.wording.text, rate: job.language.rate)
  }

  private func packed(_ clip: FinishedClip, _ job: ClipJob, _ analysis: RecordingAnalysis) -> PackedClip {
    let figures = clip.figures
    let form = workspace.project.kitForm(of: job.prompt)
    return PackedClip(
      prompt: job.prompt.baseID, number: job.prompt.number, form: form.isBase ? nil : form, voice: job.take.voice,
      frames: figures.frames,
      loudness: figures.loudness.hundredths, peak: figures.peak.hundredths, onset: figures.onset,
      status: workspace.status(of: job, analysis), synthetic: workspace.isSynthetic(job.take, analysis),
      text: job.wording.text, back: job.wording.currentBack ?? "",
      speaker: analysis.synthetic ? nil : workspace.speaker(of: job.take)?.pseudonym,
      proof: workspace.proof(of: job, analysis), content: clip.bytes)
  }
}

// MARK: - Check

/// A recording after its check.
struct CheckedRecording: Sendable {
  /// What was measured.
  var analysis: RecordingAnalysis
  /// Its speech, ready to be levelled; `nil` where the analysis came from the cache, and where nobody speaks.
  var speech: SpeechExtract?
}

extension ClipPipeline {
  /// Returns the analysis of a recording, from the cache or from the file.
  func analysis(of take: Take) throws(RecordingError) -> RecordingAnalysis { try checked(take).analysis }

  /// Analyses a recording in memory. Nothing is taken from the cache.
  ///
  /// - Throws: `RecordingError.system` where libebur128 runs out of memory.
  public func analysis(of recording: Recording) throws(RecordingError) -> RecordingAnalysis {
    try checked(recording).analysis
  }

  /// Takes the analysis of a recording from the cache, or reads and analyses the file.
  func checked(_ take: Take) throws(RecordingError) -> CheckedRecording {
    // A file that cannot be hashed cannot be read either: Recording reports why.
    let key = cache.flatMap { _ in (try? Recording.cacheKey(path: take.path)).map(analysisKey) }
    if let key, let kept = cache?.value(RecordingAnalysis.self, key) {
      return CheckedRecording(analysis: kept.value, speech: nil)
    }
    let recording = try Recording(path: take.path)
    let checked = try checked(recording)
    // The file may have changed after it was hashed.
    if key != nil { cache?.keep(checked.analysis, under: analysisKey(recording.cacheKey)) }
    return checked
  }

  private func checked(_ recording: Recording) throws(RecordingError) -> CheckedRecording {
    do throws(SystemError) {
      let speech = try SpeechExtract(of: recording, settings: mastering.level)
      return CheckedRecording(
        analysis: RecordingAnalysis(
          recording, speech: speech?.segment, loudness: speech?.loudness, limits: check.limits), speech: speech)
    } catch { throw .system(error) }
  }
}

// MARK: - Level and encode

/// A finished clip with its measurements.
struct FinishedClip: Sendable {
  var figures: ClipFigures
  /// The Ogg Opus file.
  var bytes: [UInt8]
}

/// Why no clip was made of a recording.
enum PipelineError: Error {
  case recording(RecordingError)
  case mastering(MasteringError)
}

extension ClipPipeline {
  /// Takes the clip of a checked recording from the cache, or levels and encodes it.
  ///
  /// - Throws: `RecordingError.changed` where the file is no longer the one that was checked.
  func clip(of job: ClipJob, _ checked: CheckedRecording) throws(PipelineError) -> FinishedClip {
    let (take, analysis) = (job.take, checked.analysis)
    let tags = workspace.tags(of: job, analysis)
    let key = clipKey(take, analysis.sha256, tags)
    if let kept = cache?.value(ClipFigures.self, key) { return FinishedClip(figures: kept.value, bytes: kept.bytes) }
    let speech: SpeechExtract
    if let found = checked.speech { speech = found } else { speech = try readSpeech(take, analysis) }
    do throws(MasteringError) {
      let clip = try mastering.clip(speech, tags: tags, serial: serial(of: take, analysis.sha256))
      let finished = FinishedClip(figures: clip.figures, bytes: clip.bytes)
      cache?.keep(finished.figures, with: finished.bytes, under: key)
      return finished
    } catch { throw .mastering(error) }
  }

  /// Reads the speech that an earlier analysis found.
  private func readSpeech(_ take: Take, _ analysis: RecordingAnalysis) throws(PipelineError) -> SpeechExtract {
    guard let segment = analysis.speech, let loudness = analysis.loudness else {
      let peak = analysis.measures.truePeak
      throw .mastering(.silent(peak: peak <= Measures.nothing ? -.infinity : peak))
    }
    do throws(RecordingError) {
      let recording = try Recording(path: take.path)
      // The tags state the status of the recording that was checked; another file may have another.
      if recording.sha256 != analysis.sha256 { throw .changed }
      return SpeechExtract(of: recording, segment: segment, loudness: loudness, settings: mastering.level)
    } catch { throw .recording(error) }
  }

  /// Bytes of the clip, if it is in the cache.
  func keptSize(of job: ClipJob, _ analysis: RecordingAnalysis) -> Int? {
    cache?.value(ClipFigures.self, clipKey(job.take, analysis.sha256, workspace.tags(of: job, analysis)))?.bytes.count
  }

  /// The serial number of the Ogg stream: derived from the content, where libopusenc would choose a random one.
  private func serial(of take: Take, _ hash: String) -> Int32 {
    let sum = Digest.sha256("\(hash)/\(take.language)/\(take.voice)/\(take.prompt)")
    return Int32(truncatingIfNeeded: UInt32(sum.prefix(8), radix: 16) ?? 0)
  }

  private func analysisKey(_ hash: String) -> String {
    Digest.sha256("analysis/\(hash)/\(mastering.level)/\(check.limits.dropout)/\(BuildCache.makers)")
  }

  private func clipKey(_ take: Take, _ hash: String, _ tags: ClipTags) -> String {
    Digest.sha256("clip/\(hash)/\(serial(of: take, hash))/\(tags)/\(mastering)/\(BuildCache.makers)")
  }
}

// MARK: - For reviewers

extension ClipPipeline {
  /// Identifies a recording without encoding it.
  ///
  /// - Returns: its SHA-256, its length in seconds, and whether a machine speaks in it.
  /// - Throws: a finding that says why the file is not a recording.
  public func identify(_ take: Take) throws(CheckFinding) -> (sha256: String, duration: Double, synthetic: Bool) {
    do throws(RecordingError) {
      let analysis = try analysis(of: take)
      return (analysis.sha256, analysis.duration, workspace.isSynthetic(take, analysis))
    } catch { throw take.finding(error) }
  }

  /// Makes the clip of a recording for a reviewer to hear, or takes it from the cache.
  ///
  /// - Throws: a finding that says why no clip can be made.
  public func reviewClip(of take: Take, _ item: ReviewItem) throws(CheckFinding) -> ReviewClip {
    let job = ClipJob(take: take, prompt: item.prompt, language: item.language, wording: item.wording)
    let checked: CheckedRecording
    do throws(RecordingError) { checked = try self.checked(take) } catch { throw take.finding(error) }
    do throws(PipelineError) {
      let analysis = checked.analysis
      return ReviewClip(
        sha256: analysis.sha256, duration: analysis.duration, synthetic: workspace.isSynthetic(take, analysis),
        clip: try clip(of: job, checked).bytes)
    } catch { throw take.finding(error) }
  }

  /// Checks, levels and encodes a take that may not be kept. The cache is neither read nor written.
  public func trial(_ take: Take, of item: ReviewItem) -> TakeTrial {
    var pipeline = self
    pipeline.cache = nil
    let outcome = pipeline.run(
      ClipJob(take: take, prompt: item.prompt, language: item.language, wording: item.wording))
    return TakeTrial(
      findings: outcome.findings.sorted(), duration: outcome.duration, clip: outcome.clip?.content,
      measures: outcome.analysis?.measures)
  }
}

extension Take {
  /// Returns the finding for a recording that no clip was made of.
  func finding(_ error: PipelineError) -> CheckFinding {
    switch error {
    case .recording(let error): finding(error)
    case .mastering(let error): finding(error)
    }
  }
}
