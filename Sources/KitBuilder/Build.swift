import Catalogue
import Kit
import Posix

/// Why no kit came of a project.
public enum BuildError: Error, Sendable, CustomStringConvertible {
  /// Findings of severity error, in order: what must be put right first.
  case findings([CheckFinding])
  /// There is not a single clip.
  case nothing(folder: String)
  case pack(PackError)

  /// A line for each finding.
  public var description: String {
    switch self {
    case .findings(let findings): findings.map(\.description).joined(separator: "\n")
    case .nothing(let folder):
      "\(folder.printable): there is no recording to build from: record some, or run 'firstword synthesize'"
    case .pack(let error): error.description
    }
  }
}

/// Everything of a kit but its file and signature.
public struct BuiltKit: Sendable {
  /// Without its bundle entries.
  public var manifest: KitManifest
  public var bundles: [PackedBundle]
  public var report: CheckReport

  /// `first-contact-1.0-DRAFT.kit`
  public var defaultFileName: String {
    "\(manifest.name)-\(manifest.version)\(manifest.draft ? "-DRAFT" : "").kit"
  }

  /// Writes the kit; what stood at `path` is replaced whole or not at all.
  @discardableResult
  public func write(to path: String, signedBy key: borrowing SecretKey) throws(BuildError) -> KitManifest {
    do throws(PackError) {
      return try Pack.write(manifest, bundles: bundles, signedBy: key, to: path)
    } catch { throw .pack(error) }
  }
}

/// A project on its way to a kit: what it wants, and what recordings there are.
public struct KitBuild: Sendable {
  /// Holds `kit.yaml` and `recordings`.
  public let folder: String
  public let catalogue: Catalogue
  public let project: Project
  public let approvals: Approvals
  /// `2026-05-01`: approvals that expired before it do not count.
  public let day: String?
  public let tree: RecordingTree
  public var check: Check
  public var master: Master

  /// Name of the folder of recordings in a project.
  public static let recordings = "recordings"

  public init(
    folder: String, catalogue: Catalogue, project: Project, approvals: Approvals, day: String? = nil
  ) {
    self.folder = folder
    self.catalogue = catalogue
    self.project = project
    self.approvals = approvals
    self.day = day
    tree = RecordingTree(
      folder: Self.join(folder, Self.recordings), languages: project.languages,
      known: Set(catalogue.languages.map(\.tag)),
      prompts: Dictionary(catalogue.prompts.map { ($0.number, $0.id) }, uniquingKeysWith: { first, _ in first }))
    check = Check(limits: Check.Limits(project.check))
    var level = LevelSettings()
    level.target = project.level.target
    level.peak = project.level.peak
    var encode = EncodeSettings()
    encode.bitrate = project.opus.bitrate
    encode.complexity = project.opus.complexity
    encode.frame = project.opus.frame
    master = Master(level: level, encode: encode)
  }

  /// Reads `kit.yaml`, the approvals and the project's own words in `folder`.
  ///
  /// - Parameter catalogue: folder of the catalogue (`Catalogue.locate`).
  /// - Throws: every error in those files.
  public init(folder: String, catalogue: String, day: String? = nil) throws(CatalogueError) {
    let catalogue = try Catalogue.load(folder: catalogue, project: folder)
    self.init(
      folder: folder, catalogue: catalogue,
      project: try ProjectFile.read(Self.join(folder, ProjectFile.name), catalogue: catalogue),
      approvals: try Approvals.read(Self.join(folder, Approvals.name)), day: day)
  }

  private static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// Prompts that a language of the project should have: the responder's own only where the responder speaks it.
  public func prompts(of language: Language) -> [Prompt] {
    project.prompts.compactMap(catalogue.prompt).filter {
      $0.module != .operator || !language.roles.isDisjoint(with: [.operator])
    }
  }

  /// What is to be spoken for every prompt of every language, for `Synthesis`.
  public var requests: [Synthesis.Request] {
    project.languages.compactMap(catalogue.language).flatMap { language in
      prompts(of: language).compactMap { prompt in
        language.wordings[prompt.id].map {
          Synthesis.Request(
            language: language.tag, voice: language.voice, number: prompt.number, prompt: prompt.id, text: $0.text)
        }
      }
    }
  }

  /// The recordings' folder.
  public var recordingsFolder: String { Self.join(folder, Self.recordings) }
}

// MARK: - What is there

/// One recording that is to become a clip, with all that is known of it.
struct ClipJob: Sendable {
  var take: Take
  var prompt: Prompt
  var language: Language
  var wording: Wording
}

/// What came of one recording.
struct Yield: Sendable {
  var findings: [CheckFinding]
  var duration = 0.0
  /// `nil` where the file gives no sound.
  var heard: Heard?
  var clip: PackedClip?
}

extension KitBuild {
  /// Takes of prompts that the project wants and whose wording is known.
  var jobs: [ClipJob] {
    tree.takes.compactMap { take in
      guard let language = catalogue.language(take.language), let wording = language.wordings[take.prompt],
        let prompt = prompts(of: language).first(where: { $0.id == take.prompt })
      else { return nil }
      return ClipJob(take: take, prompt: prompt, language: language, wording: wording)
    }
  }

}

// MARK: - Build

extension KitBuild {
  /// Makes a clip of every recording and puts them into bundles.
  ///
  /// - Parameters:
  ///   - partial: build what is there, though recordings are missing. Errors in those that are there always count.
  ///   - done: called with how many recordings are done, and of how many.
  /// - Returns: the same kit for the same inputs, whatever the number of threads.
  public func build(
    partial: Bool = false, threads: Int = Workers.cores, done: (@Sendable (Int, Int) -> Void)? = nil
  ) throws(BuildError) -> BuiltKit {
    let jobs = self.jobs
    if jobs.isEmpty && tree.findings.allSatisfy({ $0.severity != .error }) { throw .nothing(folder: folder) }
    let yields = Workers.map(jobs.count, threads: threads, done: progress(done, jobs.count)) { index in
      make(jobs[index])
    }
    let report = self.report(jobs, yields, threads: threads)
    let errors = report.findings.filter {
      $0.severity == .error && !(partial && ($0.code == .missing || $0.code == .noWording))
    }
    if !errors.isEmpty { throw .findings(errors) }

    var clips: [String: [PackedClip]] = [:]
    var isDraft = false
    for (job, yield) in zip(jobs, yields) {
      guard let clip = yield.clip else { continue }
      clips[job.language.tag, default: []].append(clip)
      // What the responder hears may be a machine's voice; what the person hears may not.
      if job.prompt.module != .operator && (clip.clip.synthetic || clip.clip.status != .approved) { isDraft = true }
    }
    let bundles = project.languages.compactMap(catalogue.language).compactMap { language in
      clips[language.tag].map { PackedBundle(language.bundle, clips: $0) }
    }
    let source = catalogue.source
    let manifest = KitManifest(
      name: project.name, version: project.version, draft: isDraft, source: source?.tag ?? "en",
      prompts: project.prompts.compactMap(catalogue.prompt).map { $0.inKit(source: source) }, bundles: [])
    return BuiltKit(manifest: manifest, bundles: bundles, report: report)
  }

  func progress(_ done: (@Sendable (Int, Int) -> Void)?, _ count: Int) -> (@Sendable (Int) -> Void)? {
    guard let done else { return nil }
    return { done($0, count) }
  }

  private func make(_ job: ClipJob) -> Yield {
    let take = job.take
    let recording: Recording
    do throws(RecordingError) { recording = try Recording(path: take.path) } catch {
      return Yield(findings: [take.finding(error)])
    }
    let synthetic = recording.synthetic || take.voice == Take.synthetic
    let status = self.status(of: job, recording: recording)
    let tags = ClipTags(
      title: job.prompt.title, language: take.language, voice: take.voice, prompt: take.prompt,
      status: status.rawValue.uppercased(), synthetic: synthetic)
    do throws(MasterError) {
      let clip = try master.clip(recording, tags: tags, serial: serial(of: take, recording))
      var yield = look(job, recording, voice: clip.source.voice, loudness: clip.source.loudness.level)
      yield.findings += check.findings(of: clip, level: master.level, take: take)
      yield.clip = packed(clip, job: job, status: status, synthetic: synthetic)
      return yield
    } catch {
      return Yield(findings: [take.finding(error)], duration: recording.duration)
    }
  }

  private func packed(_ clip: MasteredClip, job: ClipJob, status: Status, synthetic: Bool) -> PackedClip {
    PackedClip(
      Clip(
        prompt: job.prompt.id, number: job.prompt.number, voice: job.take.voice, file: "", sha256: "",
        bytes: clip.bytes.count, frames: clip.frames, loudness: clip.loudness.level.hundredths,
        peak: clip.loudness.peak.hundredths, onset: clip.onset, status: status, synthetic: synthetic,
        text: job.wording.text, back: job.wording.back ?? "", wording: ""),
      content: clip.bytes)
  }

  /// A clip is as far as the less far of its wording and its recording.
  private func status(of job: ClipJob, recording: Recording) -> Status {
    let (language, prompt) = (job.take.language, job.take.prompt)
    let wording = approvals.status(
      of: Digest.sha256(job.wording.text), kind: .wording, language: language, prompt: prompt, on: day)
    let sound = approvals.status(
      of: recording.sha256, kind: .recording, language: language, prompt: prompt, on: day)
    return min(wording, sound)
  }

  /// The Ogg stream's number: of the content, where libopusenc would take a random one.
  private func serial(of take: Take, _ recording: Recording) -> Int32 {
    let hash = Digest.sha256("\(recording.sha256)/\(take.language)/\(take.voice)/\(take.prompt)")
    return Int32(truncatingIfNeeded: UInt32(hash.prefix(8), radix: 16) ?? 0)
  }
}

extension Prompt {
  fileprivate func inKit(source: Language?) -> KitPrompt {
    KitPrompt(
      number: number, id: id, module: module.rawValue, audience: audience, answer: answer,
      jurisdiction: jurisdiction, title: title, caution: caution, text: source?.wordings[id]?.text ?? title)
  }
}

extension Language {
  fileprivate var bundle: BundleManifest {
    BundleManifest(
      tag: tag, number: number, english: english, autonym: autonym, script: script, direction: direction,
      regions: regions, fallback: fallback.map(\.tag), clips: [])
  }
}
