import Catalogue
import Diagnostics
import Posix
import Project

/// A project's directory with everything that was read of it: its words, its recordings, and what people decided about
/// both.
public struct Workspace: Sendable {
  /// The name of the directory of recordings in a project.
  public static let recordings = "recordings"

  /// The project's directory, which holds `kit.yaml` and `recordings`.
  public let directory: String
  /// The catalogue with the project's own words, and with the names of its languages in the operator's language where
  /// the project has one.
  public let catalogue: Catalogue
  /// `kit.yaml`; the device's own lines are among its prompts where the project has an operator's language.
  public let project: Project
  /// Tags of the listeners' languages, then of the operator's.
  public let languages: [String]
  /// The approvals ledger, under the policy of `kit.yaml`.
  public let approvals: Approvals
  /// What reviewers wrote.
  public let notes: ReviewNotes
  /// `speakers.yaml`.
  public let speakers: Speakers
  /// The day that approvals and consents must be valid on, such as `2026-05-01`; `nil` ignores expiry.
  public let day: String?
  /// The recordings that the project has.
  public let tree: RecordingTree
  /// What the project's kit needs in a language: formulas, prompts and their forms, in the catalogue's order.
  public let items: [Prompt]

  /// Combines what was read elsewhere, and lists the recordings in `directory`.
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
    self.approvals = approvals.under(project.approvals)
    self.notes = notes
    self.speakers = speakers
    self.day = day
    tree = RecordingTree(
      directory: Path(directory).appending(Self.recordings).string, languages: languages,
      known: Set(catalogue.languages.map(\.tag)), catalogue: catalogue)
    items = project.items(of: catalogue)
  }

  /// Reads `kit.yaml`, the ledgers, the speakers and the project's own words in `directory`.
  ///
  /// - Parameters:
  ///   - directory: the project's directory.
  ///   - catalogue: the directory of the catalogue (`Catalogue.locate`).
  ///   - day: the day that approvals and consents must be valid on.
  ///   - memory: what was read before of the catalogue's files; nil to read all of them.
  /// - Throws: every error in those files.
  public init(
    directory: String, catalogue: String, day: String? = nil, memory: CatalogueMemory? = nil
  ) throws(DiagnosticsError) {
    let catalogue = try Catalogue.load(directory: catalogue, project: directory, memory: memory)
    func file(_ name: String) -> String { Path(directory).appending(name).string }
    self.init(
      directory: directory, catalogue: catalogue,
      project: try ProjectFile.read(file(ProjectFile.name), catalogue: catalogue),
      approvals: try Approvals.read(file(Approvals.name)),
      notes: try ReviewNotes.read(file(ReviewNotes.name)),
      speakers: try Speakers.read(file(Speakers.name), tags: catalogue.languages.map(\.tag)), day: day)
  }

  /// The path of a file or directory of the project.
  func path(_ name: String) -> String { Path(directory).appending(name).string }

  /// The path of the directory of recordings.
  public var recordingsDirectory: String { path(Self.recordings) }

  /// Returns the items that the project should have in a language: the device's own lines only in the operator's
  /// language, and only those in a language that is not a listener's. A child's form is among them only where the
  /// language has it.
  public func prompts(of language: Language) -> [Prompt] {
    items.filter { prompt in
      if prompt.form.isForChild, language.wordings[prompt.id] == nil { return false }
      if prompt.module != .operator { return project.languages.contains(language.tag) }
      return project.operatorLanguage.map { $0 == language.tag } ?? language.requiresWording(for: prompt)
    }
  }

  /// Returns the prompts whose title and caution responders read in a language, by number; none where they read
  /// another.
  public func titledPrompts(of language: Language) -> [Prompt] {
    readers.contains(language.tag) ? project.prompts.compactMap(catalogue.prompt) : []
  }

  /// Tags of the languages beside the source that responders read: those of `operators:` in kit.yaml, and the one that
  /// the device speaks.
  public var readers: [String] {
    let speaker = project.operatorLanguage.flatMap { project.operators.contains($0) ? nil : $0 }
    return (project.operators + [speaker].compactMap(\.self)).filter { $0 != catalogue.source?.tag }
  }

  /// A request for every wording of the project's items, for `Synthesis`.
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

  /// The requests for the device's own lines, which a released kit may have in synthetic speech.
  public var requestsOfDevice: [Synthesis.Request] {
    requests.filter { catalogue.item($0.prompt)?.module == .operator }
  }

  /// The recordings that become clips: those of a prompt that the project wants and that has a wording.
  var jobs: [ClipJob] {
    tree.takes.compactMap { take in
      guard let language = catalogue.language(take.language), let wording = language.wordings[take.prompt],
        let prompt = prompts(of: language).first(where: { $0.id == take.prompt })
      else { return nil }
      return ClipJob(take: take, prompt: prompt, language: language, wording: wording)
    }
  }

  /// Returns the items that have a wording in a language, in the catalogue's order, each with its recordings.
  public func items(of language: Language) -> [ReviewItem] {
    let takes = Dictionary(grouping: tree.takes.filter { $0.language == language.tag }, by: \.prompt)
    return prompts(of: language).compactMap { prompt in
      language.wordings[prompt.id].map {
        ReviewItem(language: language, prompt: prompt, wording: $0, takes: takes[prompt.id, default: []])
      }
    }
  }
}
