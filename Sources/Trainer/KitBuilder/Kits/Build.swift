import Catalogue
import Diagnostics
import Kit
import Posix
import Project

/// Why no kit came of a project.
public enum BuildError: Error, Sendable, CustomStringConvertible {
  /// Findings of severity error, in order: what must be put right first.
  case findings([CheckFinding])
  /// There is not a single clip.
  case nothing(directory: String)
  case pack(PackError)

  /// A line for each finding.
  public var description: String {
    switch self {
    case .findings(let findings): findings.map(\.description).joined(separator: "\n")
    case .nothing(let directory):
      "\(directory.printable): there is no recording to build from: record some, or run 'firstword synthesize'"
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
  public let directory: String
  /// With the names of the project's languages in the operator's, where it has one.
  public let catalogue: Catalogue
  /// With the device's own lines among its prompts, where an operator's language says them.
  public let project: Project
  /// Tags: the listeners', and the operator's behind them.
  public let languages: [String]
  public let approvals: Approvals
  public let notes: ReviewNotes
  public let speakers: Speakers
  /// `2026-05-01`: approvals that expired before it do not count.
  public let day: String?
  public let tree: RecordingTree
  public var check: Check
  public var master: Master
  /// What was made before; `nil` makes everything anew.
  public var cache: Cache?

  /// Name of the directory of recordings in a project.
  public static let recordings = "recordings"

  public init(
    directory: String, catalogue: Catalogue, project: Project, approvals: Approvals, notes: ReviewNotes = ReviewNotes(),
    speakers: Speakers = Speakers(), day: String? = nil
  ) {
    self.directory = directory
    var (catalogue, project, languages) = (catalogue, project, project.languages)
    if let speaker = project.operatorLanguage {
      catalogue = catalogue.naming(languages, in: speaker)
      let lines = catalogue.prompts.filter { $0.module == .operator }.map(\.id)
      project.prompts += lines.filter { !project.prompts.contains($0) }
      if !languages.contains(speaker) { languages.append(speaker) }
    }
    self.catalogue = catalogue
    self.project = project
    self.languages = languages
    self.approvals = approvals
    self.notes = notes
    self.speakers = speakers
    self.day = day
    tree = RecordingTree(
      directory: Self.join(directory, Self.recordings), languages: languages,
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

  /// Reads `kit.yaml`, the ledgers, the speakers and the project's own words in `directory`.
  ///
  /// - Parameter catalogue: directory of the catalogue (`Catalogue.locate`).
  /// - Throws: every error in those files.
  public init(directory: String, catalogue: String, day: String? = nil) throws(DiagnosticsError) {
    let catalogue = try Catalogue.load(directory: catalogue, project: directory)
    self.init(
      directory: directory, catalogue: catalogue,
      project: try ProjectFile.read(Self.join(directory, ProjectFile.name), catalogue: catalogue),
      approvals: try Approvals.read(Self.join(directory, Approvals.name)),
      notes: try ReviewNotes.read(Self.join(directory, ReviewNotes.name)),
      speakers: try Speakers.read(Self.join(directory, Speakers.name), tags: catalogue.languages.map(\.tag)), day: day)
  }

  static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
  }

  /// Prompts that a language of the project should have: the device's own lines only where the responder speaks it, and
  /// nothing else where nobody but the responder does.
  public func prompts(of language: Language) -> [Prompt] {
    project.prompts.compactMap(catalogue.prompt).filter { prompt in
      if prompt.module != .operator { return project.languages.contains(language.tag) }
      return project.operatorLanguage.map { $0 == language.tag } ?? language.requiresWording(for: prompt)
    }
  }

  /// Returns the prompts whose title and caution responders read in a language, by number; none where they read
  /// another.
  public func titledPrompts(of language: Language) -> [Prompt] {
    readers.contains(language.tag) ? project.prompts.compactMap(catalogue.prompt) : []
  }

  /// What is to be spoken for every prompt of every language, for `Synthesis`.
  public var requests: [Synthesis.Request] {
    languages.compactMap(catalogue.language).flatMap { language in
      prompts(of: language).compactMap { prompt in
        language.wordings[prompt.id].map {
          Synthesis.Request(
            language: language.tag, voice: language.voice, number: prompt.number, prompt: prompt.id, text: $0.text)
        }
      }
    }
  }

  /// The recordings' directory.
  public var recordingsDirectory: String { Self.join(directory, Self.recordings) }
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
  ///   - release: refuse whatever would make it a draft.
  ///   - done: called with how many recordings are done, and of how many.
  /// - Returns: the same kit for the same inputs, whatever the number of threads.
  public func build(
    partial: Bool = false, release: Bool = false, threads: Int = Workers.cores,
    done: (@Sendable (Int, Int) -> Void)? = nil
  ) throws(BuildError) -> BuiltKit {
    let jobs = self.jobs
    if jobs.isEmpty && tree.findings.allSatisfy({ $0.severity != .error }) { throw .nothing(directory: directory) }
    let yields = Workers.map(jobs.count, threads: threads, done: progress(done, jobs.count)) { index in
      make(jobs[index])
    }
    let report = self.report(jobs, yields, threads: threads)
    let errors = report.findings.filter {
      $0.severity == .error && !(partial && ($0.code == .missing || $0.code == .noWording))
    }
    let wanting = release ? report.findings.compactMap(keptFromRelease) : []
    if !errors.isEmpty || !wanting.isEmpty { throw .findings((errors + wanting).sorted()) }

    var clips: [String: [PackedClip]] = [:]
    var isDraft = false
    for (job, yield) in zip(jobs, yields) {
      guard let clip = yield.clip else { continue }
      clips[job.language.tag, default: []].append(clip)
      // What the responder hears may be a machine's voice; what the person hears may not.
      if job.prompt.module != .operator && (clip.clip.synthetic || clip.clip.status != .approved) { isDraft = true }
      if !clip.clip.synthetic && !consents(job.take) { isDraft = true }
    }
    let bundles = languages.compactMap(catalogue.language).compactMap { language in
      clips[language.tag].map { PackedBundle(language.bundle, clips: $0) }
    }
    let source = catalogue.source
    let manifest = KitManifest(
      name: project.name, version: project.version, draft: isDraft, source: source?.tag ?? "en",
      prompts: project.prompts.compactMap(catalogue.prompt).map { $0.inKit(source: source) }, bundles: [],
      contacts: project.contacts, operators: readers.compactMap(catalogue.language).map(texts),
      operatorLanguage: bundles.map(\.manifest.tag).first { $0 == project.operatorLanguage },
      finder: finder(bundles), sequences: sequences)
    return BuiltKit(manifest: manifest, bundles: bundles, report: report)
  }

  /// Tags of the languages beside the source that responders read: those of `operators:` in kit.yaml, and the one that
  /// the device speaks.
  public var readers: [String] {
    let speaker = project.operatorLanguage.flatMap { project.operators.contains($0) ? nil : $0 }
    return (project.operators + [speaker].compactMap(\.self)).filter { $0 != catalogue.source?.tag }
  }

  /// What of the kit a responder reads in a language.
  private func texts(in reader: Language) -> OperatorTexts {
    let lines = project.prompts.compactMap { id in
      reader.wordings[id].flatMap { wording in
        wording.title.map { (id, OperatorTexts.Line(title: $0, caution: wording.caution ?? "")) }
      }
    }
    return OperatorTexts(
      tag: reader.tag, autonym: reader.autonym, script: reader.script, direction: reader.direction,
      prompts: Dictionary(lines, uniquingKeysWith: { first, _ in first }),
      languages: Dictionary(
        project.languages.map { ($0, catalogue.name(of: $0, in: reader.tag)) }, uniquingKeysWith: { first, _ in first })
    )
  }

  /// A finding that is no error in a trial and one in the field: what listeners would hear must be a person's voice,
  /// given with consent, and two names must stand by it.
  private func keptFromRelease(_ finding: CheckFinding) -> CheckFinding? {
    let codes: [CheckFinding.Code] = [
      .unapproved, .expired, .synthetic, .rewording, .sentBack, .noSpeaker, .consent,
    ]
    guard finding.severity != .error, codes.contains(finding.code),
      finding.prompt.flatMap(catalogue.prompt)?.module != .operator
    else { return nil }
    var error = finding
    error.severity = .error
    return error
  }

  /// Those of the project's languages that its kit has, by the regions that it names, then in its own order.
  private func finder(_ bundles: [PackedBundle]) -> KitFinder {
    let regions = project.finder.regions
    let there = bundles.map(\.manifest).filter { project.languages.contains($0.tag) }
    let ranked = there.enumerated().map { place, bundle in
      // The likeliest of the project's regions in which it is spoken, and how much it is spoken there.
      let region = regions.firstIndex(where: bundle.regions.contains) ?? regions.count
      let weight = regions.indices.contains(region) ? bundle.regions.firstIndex(of: regions[region]) ?? 0 : 0
      return (tag: bundle.tag, rank: (region, weight, place))
    }
    return KitFinder(
      languages: ranked.sorted { $0.rank < $1.rank }.map(\.tag), pause: Int((project.finder.pause * 1000).rounded()))
  }

  /// The catalogue's orders of prompts, as far as the kit has the prompts.
  private var sequences: [KitSequence] {
    catalogue.sequences.compactMap { sequence in
      let steps = sequence.steps.filter { project.prompts.contains($0.prompt) }
      if steps.isEmpty { return nil }
      return KitSequence(
        id: sequence.id, title: sequence.title,
        steps: steps.map { .init(prompt: $0.prompt, pause: Int(($0.pause * 1000).rounded())) })
    }
  }

  func progress(_ done: (@Sendable (Int, Int) -> Void)?, _ count: Int) -> (@Sendable (Int) -> Void)? {
    guard let done else { return nil }
    return { done($0, count) }
  }

  func make(_ job: ClipJob) -> Yield {
    let take = job.take
    let (heard, recording): (Heard, Recording?)
    do throws(RecordingError) { (heard, recording) = try read(take) } catch {
      return Yield(findings: [take.finding(error)])
    }
    var yield = look(job, heard)
    do throws(ClipFault) {
      let clip = try self.clip(take, heard, recording, tags: tags(of: job, heard))
      yield.findings += check.findings(of: clip.figures, level: master.level, take: take)
      yield.clip = packed(clip, job, heard)
    } catch {
      // Of silence it is told once.
      let finding = take.finding(error)
      if !yield.findings.contains(where: { $0.code == finding.code }) { yield.findings.append(finding) }
    }
    return yield
  }

  private func packed(_ clip: KeptClip, _ job: ClipJob, _ heard: Heard) -> PackedClip {
    let figures = clip.figures
    return PackedClip(
      Clip(
        prompt: job.prompt.id, number: job.prompt.number, voice: job.take.voice, file: "", sha256: "",
        bytes: clip.bytes.count, frames: figures.frames, loudness: figures.loudness.hundredths,
        peak: figures.peak.hundredths, onset: figures.onset, status: status(of: job, heard),
        synthetic: isSynthetic(job.take, heard),
        text: job.wording.text, back: job.wording.currentBack ?? "", wording: "",
        speaker: heard.synthetic ? nil : speaker(of: job.take)?.pseudonym, proof: proof(of: job, heard)),
      content: clip.bytes)
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
