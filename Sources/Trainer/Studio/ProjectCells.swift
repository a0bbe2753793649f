import Catalogue
import Encoding
import Kit
import KitBuilder
import Project

/// The state of every item in every language of a project.
struct ProjectCells: Sendable {
  /// One item in one language.
  struct Cell: Sendable {
    var wording: CellState
    var recording: CellState
    /// The recordings by speakers.
    var takes: [Take]
    /// What lacks approvals, with the names of those who have approved or returned it.
    var open: [Subject]

    /// The sum of both.
    var state: CellState { CellState(wording: wording, recording: recording) }
  }

  /// A wording or a recording without the approvals of two people.
  struct Subject: Sendable {
    var kind: Approval.Kind
    /// The people who have judged it.
    var judges: Set<PersonName>
  }

  /// The languages in the order of the project.
  let languages: [Language]
  /// The items in the order of the catalogue.
  let items: [Prompt]
  /// A row for each language, a cell for each item; nil where the project does not need the item.
  let rows: [[Cell?]]

  /// Looks at all wordings, recordings, approvals and notes.
  ///
  /// - Parameters:
  ///   - workspace: the project.
  ///   - hashes: the recordings' hashes. A recording is hashed only if somebody judged a recording of its item.
  ///   - remarks: what the last check found, by language and item.
  init(_ workspace: Workspace, hashes: ContentHashes, remarks: [String: [CheckFinding]]) {
    let languages = workspace.languages.compactMap(workspace.catalogue.language)
    let items = workspace.items
    let takes = Dictionary(grouping: workspace.tree.takes) { "\($0.language)/\($0.prompt)" }
    let desk = JudgedContent(workspace)
    self.languages = languages
    self.items = items
    rows = languages.map { language in
      let needed = Set(workspace.prompts(of: language).map(\.id))
      return items.map { item in
        guard needed.contains(item.id) else { return nil }
        let place = "\(language.tag)/\(item.id)"
        var cell = Cell(wording: .missing, recording: .missing, takes: [], open: [])
        if let wording = language.wordings[item.id] {
          let judged = desk.judge(Digest.sha256(wording.text), .wording, language.tag, item.id)
          cell.wording = judged.state
          if let subject = judged.open { cell.open.append(subject) }
        }
        let all = takes[place, default: []]
        cell.takes = all.filter { $0.voice != Take.synthetic }
        if cell.takes.isEmpty {
          cell.recording = all.isEmpty ? .missing : .trial
          return cell
        }
        var states = Set<CellState>()
        for take in cell.takes {
          let hash = desk.hasRecordings(place) ? hashes.hash(of: take.path) ?? "" : ""
          let judged = desk.judge(hash, .recording, language.tag, item.id)
          states.insert(judged.state)
          if let subject = judged.open { cell.open.append(subject) }
        }
        if remarks[place] != nil { states.insert(.findings) }
        cell.recording = CellState.recordings.first(where: states.contains) ?? .draft
        return cell
      }
    }
  }

  /// All cells that the project needs, with their places.
  var cells: [(language: Language, item: Prompt, cell: Cell)] {
    zip(languages, rows).flatMap { language, row in
      zip(items, row).compactMap { item, cell in cell.map { (language, item, $0) } }
    }
  }
}

/// What people decided about wordings and recordings.
private struct JudgedContent {
  private let workspace: Workspace
  /// The places that have approvals or notes about recordings: `ro/safe-here`.
  private let recordings: Set<String>

  init(_ workspace: Workspace) {
    self.workspace = workspace
    recordings = Set(
      workspace.approvals.entries.filter { $0.kind == .recording }.map { "\($0.language)/\($0.prompt)" }
        + workspace.notes.entries.filter { $0.kind == .recording }.map { "\($0.language)/\($0.prompt)" })
  }

  /// Returns whether anybody judged a recording of an item.
  func hasRecordings(_ place: String) -> Bool { recordings.contains(place) }

  /// Returns the state of one content, and what it lacks.
  func judge(
    _ hash: String, _ kind: Approval.Kind, _ language: String, _ prompt: String
  ) -> (state: CellState, open: ProjectCells.Subject?) {
    let status = workspace.approvals.status(
      of: hash, kind: kind, language: language, prompt: prompt, on: workspace.day)
    let notes = workspace.notes.open(
      hash, kind: kind, language: language, prompt: prompt, approvals: workspace.approvals)
    let state: CellState =
      if !notes.isEmpty { .sentBack } else if status == .approved { .approved } else {
        status == .reviewed ? .recorded : .draft
      }
    if state == .approved || state == .sentBack { return (state, nil) }
    let approvals = workspace.approvals.approvals(of: hash, kind: kind, language: language, prompt: prompt)
    return (state, ProjectCells.Subject(kind: kind, judges: Set(approvals.compactMap { PersonName($0.name) })))
  }
}
