import Catalogue
import Diagnostics
import Encoding
import KitBuilder
import Pages

/// A report on its way to people and to other programs: the page and the JUnit file are made of it here.
struct CheckViews {
  let workspace: Workspace
  let report: CheckReport

  /// Findings by language and prompt: `ro/safe-here`.
  private let byPlace: [String: [CheckFinding]]
  private let languages: [Language]

  init(_ workspace: Workspace, _ report: CheckReport) {
    self.workspace = workspace
    self.report = report
    byPlace = Dictionary(grouping: report.findings) { "\($0.language ?? "")/\($0.prompt ?? "")" }
    languages = workspace.languages.compactMap(workspace.catalogue.language)
  }

  private func findings(_ language: Language, _ prompt: Prompt) -> [CheckFinding] {
    byPlace["\(language.tag)/\(prompt.id)", default: []]
  }

  /// Findings that stand beside a recording: its own, and those of its wording.
  private func findings(of take: Take) -> [CheckFinding] {
    byPlace["\(take.language)/\(take.prompt)", default: []].filter {
      $0.voice == nil || $0.path == take.path
    }
  }

  /// What lies in the project and belongs to no recording that is looked at.
  private var loose: [CheckFinding] {
    let known = Set(report.takes.map { "\($0.take.language)/\($0.take.prompt)" })
    return report.findings.filter { finding in
      guard let language = finding.language, let prompt = finding.prompt else { return true }
      return finding.code != .missing && !known.contains("\(language)/\(prompt)") && finding.severity != .note
    }
  }

  // MARK: - JUnit

  var junit: JUnit {
    let takes = Dictionary(grouping: report.takes) { "\($0.take.language)/\($0.take.prompt)" }
    var suites = languages.map { language in
      JUnit.Suite(
        name: language.tag,
        cases: workspace.prompts(of: language).flatMap { prompt -> [JUnit.Case] in
          let name = prompt.stem
          let looked = takes["\(language.tag)/\(prompt.id)", default: []]
          if looked.isEmpty { return [entry(name, group: language.tag, findings(language, prompt))] }
          return looked.map {
            entry(
              name, group: "\(language.tag).\($0.take.voice)", length: $0.measures?.length ?? 0, findings(of: $0.take))
          }
        })
    }
    let others = report.findings.filter { $0.language == nil || $0.prompt == nil }
    if !others.isEmpty {
      suites.append(JUnit.Suite(name: "project", cases: others.map { entry($0.place, group: "project", [$0]) }))
    }
    return JUnit(name: "\(workspace.project.name) \(workspace.project.version)", suites: suites)
  }

  private func entry(
    _ name: String, group: String, length: Double = 0, _ findings: [CheckFinding]
  ) -> JUnit.Case {
    let errors = findings.filter { $0.severity == .error }
    return JUnit.Case(
      name: name, group: group, length: length, failures: errors.map(\.description),
      code: errors.first?.code.rawValue ?? "",
      remarks: findings.filter { $0.severity != .error }.map(\.description))
  }

  // MARK: - The page

  /// - Parameter previews: one for each of the report's takes.
  func page(_ previews: [RecordingPreview?]) -> CheckPage {
    let prompts = workspace.items
    let columns = Dictionary(
      prompts.map { ($0.id, CheckPage.Column(number: $0.number, id: $0.id, title: $0.title)) }, uniquingKeysWith: { $1 }
    )
    let rows = languages.map { language in
      let due = Set(workspace.prompts(of: language).map(\.id))
      return CheckPage.Row(
        language: TextLanguage(language), english: language.english, autonym: language.autonym,
        marks: prompts.map { due.contains($0.id) ? mark(findings(language, $0)) : nil })
    }
    let clips = zip(report.takes, previews).compactMap { looked, preview -> CheckPage.Clip? in
      guard let language = workspace.catalogue.language(looked.take.language), let column = columns[looked.take.prompt],
        let wording = language.wordings[looked.take.prompt]
      else { return nil }
      return CheckPage.Clip(
        language: TextLanguage(language), column: column, voice: looked.take.voice, path: looked.take.path,
        text: wording.text, back: wording.shownBack, figures: looked.measures.map(figures) ?? [],
        peaks: preview?.peaks ?? [], spoken: preview?.speech, sound: preview?.clip ?? [],
        remarks: findings(of: looked.take).map { remark($0) })
    }
    return CheckPage(
      name: "\(workspace.project.name) \(workspace.project.version)", extent: extent,
      columns: prompts.compactMap { columns[$0.id] },
      rows: rows, clips: clips, remarks: loose.map { remark($0, place: $0.place) })
  }

  /// A line of figures.
  var extent: String {
    func count(_ severity: CheckFinding.Severity) -> Int { report.findings.filter { $0.severity == severity }.count }
    return
      "\(counted(report.recordings, "recording")), \(Int(report.duration)) s: \(counted(count(.error), "error")), \(counted(count(.warning), "warning"))"
  }

  private func mark(_ findings: [CheckFinding]) -> CheckPage.Mark {
    if findings.contains(where: { $0.code == .missing || $0.code == .noWording }) { return .missing }
    return findings.map { mark($0.severity) }.max() ?? .good
  }

  private func mark(_ severity: CheckFinding.Severity) -> CheckPage.Mark {
    switch severity {
    case .error: .error
    case .warning: .warning
    case .note: .note
    }
  }

  private func remark(_ finding: CheckFinding, place: String? = nil) -> CheckPage.Remark {
    // Of names the message has both figures.
    let measure = finding.measure.flatMap {
      $0.unit == .names ? nil : "(\(figure($0.value)) \($0.unit.rawValue); threshold \(figure($0.threshold)))"
    }
    return CheckPage.Remark(
      mark(finding.severity), code: finding.code.rawValue, place: place, message: finding.message,
      remedy: finding.remedy, measure: measure)
  }

  private func figures(_ measures: Measures) -> [(String, String)] {
    var figures = [("length", "\(figure(measures.length)) s")]
    if let voice = measures.speech {
      figures += [
        ("onset", "\(Int((voice.before * 1000).rounded())) ms"), ("voice", "\(figure(voice.length)) s"),
        ("loudness", "\(figure(voice.loudness)) LUFS"),
      ]
    }
    figures.append(("true peak", "\(figure(measures.truePeak)) dBTP"))
    if let voice = measures.speech {
      // A room can be heard only in pauses.
      figures.append(("noise", voice.noise.map { $0 <= Measures.nothing ? "none" : "\(figure($0)) dBFS" } ?? "?"))
      if let distance = voice.signalToNoise, voice.noise ?? 0 > Measures.nothing {
        figures.append(("signal to noise", "\(figure(distance)) dB"))
      }
    }
    return figures
  }

  /// Returns a number with one decimal, and a whole number without.
  private func figure(_ value: Double) -> String {
    let text = value.tenths.replacing("-", with: "−")
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
