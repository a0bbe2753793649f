import Catalogue
import Kit
import Project

/// Puts clips into bundles, and writes the manifest around them.
struct KitAssembly {
  private let workspace: Workspace
  private let clips: [(job: ClipJob, clip: PackedClip)]
  private var project: Project { workspace.project }
  private var catalogue: Catalogue { workspace.catalogue }

  init(_ workspace: Workspace, clips: [(job: ClipJob, clip: PackedClip)]) {
    self.workspace = workspace
    self.clips = clips
  }

  func kit(report: CheckReport) -> BuiltKit {
    let bundles = self.bundles
    let source = catalogue.source
    let manifest = KitManifest(
      name: project.name, version: project.version, draft: isDraft, source: source?.tag ?? "en",
      prompts: project.prompts.compactMap(catalogue.prompt).map { $0.inKit(source: source) }, bundles: [],
      contacts: project.contacts, operators: workspace.readers.compactMap(catalogue.language).map(texts),
      operatorLanguage: bundles.map(\.manifest.tag).first { $0 == project.operatorLanguage },
      finder: finder(bundles), sequences: sequences)
    return BuiltKit(manifest: manifest, bundles: bundles, report: report)
  }

  private var bundles: [PackedBundle] {
    let byLanguage = Dictionary(grouping: clips, by: \.job.language.tag)
    return workspace.languages.compactMap(catalogue.language).compactMap { language in
      byLanguage[language.tag].map { PackedBundle(language.bundle, clips: $0.map(\.clip)) }
    }
  }

  /// Whether the kit holds a clip that no listener in the field may hear. The responder may hear synthetic speech.
  private var isDraft: Bool {
    clips.contains { job, clip in
      job.prompt.module != .operator && (clip.synthetic || clip.status != .approved)
        || !clip.synthetic && !workspace.consents(job.take)
    }
  }

  /// The texts of the kit that a responder reads in a language.
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

  /// The project's languages that the kit has, sorted by the regions that the project names, then in the project's
  /// order.
  private func finder(_ bundles: [PackedBundle]) -> KitFinder {
    let regions = project.finder.regions
    let there = bundles.map(\.manifest).filter { project.languages.contains($0.tag) }
    let ranked = there.enumerated().map { place, bundle in
      // The first of the project's regions in which it is spoken, and its rank among the languages there.
      let region = regions.firstIndex(where: bundle.regions.contains) ?? regions.count
      let weight = regions.indices.contains(region) ? bundle.regions.firstIndex(of: regions[region]) ?? 0 : 0
      return (tag: bundle.tag, rank: (region, weight, place))
    }
    return KitFinder(
      languages: ranked.sorted { $0.rank < $1.rank }.map(\.tag), pause: milliseconds(project.finder.pause))
  }

  /// The catalogue's sequences, with the steps whose prompts the project has.
  private var sequences: [KitSequence] {
    catalogue.sequences.compactMap { sequence in
      let steps = sequence.steps.filter { project.prompts.contains($0.prompt) }
      if steps.isEmpty { return nil }
      return KitSequence(
        id: sequence.id, title: sequence.title,
        steps: steps.map { .init(prompt: $0.prompt, pause: milliseconds($0.pause)) })
    }
  }

  private func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }
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
