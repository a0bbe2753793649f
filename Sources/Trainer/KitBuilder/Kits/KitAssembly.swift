import Catalogue
import Kit
import Project

/// Puts clips into bundles, and writes the manifest around them.
struct KitAssembly {
  /// A clip with the recording that it was made of.
  struct Member {
    let job: ClipJob
    let analysis: RecordingAnalysis
    let clip: PackedClip
  }

  private let workspace: Workspace
  private let clips: [Member]
  private var project: Project { workspace.project }
  private var catalogue: Catalogue { workspace.catalogue }

  init(_ workspace: Workspace, clips: [Member]) {
    self.workspace = workspace
    self.clips = clips
  }

  /// Returns the kit.
  ///
  /// - Parameter draft: whether the project has anything that blocks a release.
  func kit(draft: Bool, report: CheckReport) -> BuiltKit {
    let bundles = self.bundles
    let source = catalogue.source
    let manifest = KitManifest(
      name: project.name, version: project.version, draft: draft, source: source?.tag ?? "en",
      prompts: project.prompts.compactMap(catalogue.prompt).map { prompt in
        prompt.inKit(source: source, form: project.forms[prompt.id])
      }, bundles: [],
      contacts: project.contacts, operators: workspace.readers.compactMap(catalogue.language).map(texts),
      operatorLanguage: bundles.map(\.manifest.tag).first { $0 == project.operatorLanguage },
      finder: finder(bundles), sequences: sequences, answers: project.answers,
      forms: project.forms.filter { project.prompts.contains($0.key) })
    return BuiltKit(manifest: manifest, bundles: bundles, report: report)
  }

  private var bundles: [PackedBundle] {
    let byLanguage = Dictionary(grouping: clips, by: \.job.language.tag)
    return workspace.languages.compactMap(catalogue.language).compactMap { language in
      guard let members = byLanguage[language.tag] else { return nil }
      var manifest = language.bundle(fallback: project.fallbacks(of: language))
      manifest.approvals = approvals(of: members)
      return PackedBundle(manifest, clips: members.map(\.clip))
    }
  }

  /// Returns the approvals of one language's wordings and recordings; nil if there are none.
  private func approvals(of members: [Member]) -> ApprovalCount? {
    // Two voices speak one wording, which is approved once.
    let wordings = Dictionary(members.map { ($0.job.prompt.id, $0.job) }, uniquingKeysWith: { first, _ in first })
    let standings =
      wordings.values.map(workspace.standing) + members.map { workspace.standing(of: $0.job, $0.analysis) }
    let (proved, unproved) = standings.reduce((0, 0)) { ($0.0 + $1.proved, $0.1 + $1.unproved) }
    if proved + unproved == 0 { return nil }
    let keys = standings.reduce(into: Set<KeyID>()) { $0.formUnion($1.keys) }
    return ApprovalCount(proved: proved, unproved: unproved, keys: keys.map(\.description).sorted())
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
  /// Returns the prompt as kit.json has it.
  ///
  /// - Parameters:
  ///   - source: the source language.
  ///   - form: the name of the form that the project chose; nil for the base.
  fileprivate func inKit(source: Language?, form: String?) -> KitPrompt {
    let text = source?.wordings[KitLayout.item(id, Form(form))]?.text ?? source?.wordings[id]?.text
    return KitPrompt(
      number: number, id: id, module: module.rawValue, audience: audience, answer: answer,
      jurisdiction: jurisdiction, title: title, caution: caution, text: text ?? title, gate: gate,
      namesSigns: namesSigns)
  }
}

extension Language {
  fileprivate func bundle(fallback: [String]) -> BundleManifest {
    BundleManifest(
      tag: tag, number: number, english: english, autonym: autonym, script: script, direction: direction,
      regions: regions, fallback: fallback, clips: [])
  }
}
