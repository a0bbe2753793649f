import Catalogue
import Diagnostics
import Kit
import KitBuilder
import Posix
import Project

/// What the program serves.
struct SessionView: Encodable {
  var program = "firstword \(programVersion)"
  var readOnly: Bool
  var shelf: String
  var single: Bool
  var today = Day.today()
}

/// A language with what its text needs to be shown.
struct LanguageView: Encodable {
  var tag: String
  var english: String
  var autonym: String
  var script: String
  var direction: String
  /// Of the catalogue: where it is spoken, and what it is for.
  var regions: [String]?
  var roles: [String]?
  /// Of the matrix: the voices that have recordings.
  var voices: [String]?
  /// Of the words: the characters a second, the maximum number of characters of a text, and whether texts can be
  /// changed.
  var rate: Double?
  var limit: Int?
  var writable: Bool?

  init(_ language: Language) {
    tag = language.tag
    english = language.english
    autonym = language.autonym
    script = language.script
    direction = language.direction.rawValue
  }
}

/// The catalogue's languages, prompts and sequences, for a new project.
struct CatalogueView: Encodable {
  var languages: [LanguageView]
  var prompts: [PromptEntry]
  var sequences: [SequenceEntry]
  var operatorLanguages: [String]

  struct PromptEntry: Encodable {
    var number: Int
    var id: String
    var title: String
    var module: String
    var audience: String
    var answer: String
    var jurisdiction: Bool
    var caution: String
    var length: Double
  }

  struct SequenceEntry: Encodable {
    var id: String
    var title: String
    var prompts: [String]
  }

  init(_ catalogue: Catalogue) {
    languages = catalogue.languages.map { language in
      var view = LanguageView(language)
      view.regions = language.regions
      view.roles = Language.Role.allCases.filter(language.roles.contains).map(\.rawValue)
      return view
    }
    prompts = catalogue.prompts.filter { $0.module != .operator }.map { prompt in
      PromptEntry(
        number: prompt.number, id: prompt.id, title: prompt.title, module: prompt.module.rawValue,
        audience: prompt.audience.rawValue, answer: prompt.answer.rawValue, jurisdiction: prompt.jurisdiction,
        caution: prompt.caution, length: prompt.length)
    }
    sequences = catalogue.sequences.map {
      SequenceEntry(id: $0.id, title: $0.title, prompts: $0.steps.map(\.prompt))
    }
    operatorLanguages = catalogue.languages.filter(\.isForResponder).map(\.tag)
  }
}

/// A project in the list of projects.
struct ProjectHead: Encodable {
  var id: String
  var directory: String
  var name: String?
  var version: String?
  var languages: [String]?
  var items: Int?
  var operatorLanguage: String?
  var approvals: ApprovalPolicy?
  var counts: Counts?
  var next: NextStep?
  var due: [WorkDue]?
  var problems: [Diagnostic] = []

  /// The number of cells in each state.
  struct Counts: Encodable {
    var cells = 0
    var missing = 0
    var draft = 0
    var trial = 0
    var recorded = 0
    var findings = 0
    var sentBack = 0
    var approved = 0

    init(_ cells: ProjectCells) {
      for (_, _, cell) in cells.cells {
        self.cells += 1
        switch cell.state {
        case .missing: missing += 1
        case .draft: draft += 1
        case .trial: trial += 1
        case .recorded: recorded += 1
        case .findings: findings += 1
        case .sentBack: sentBack += 1
        case .approved: approved += 1
        }
      }
    }
  }

  /// Creates the head of a project.
  init(_ store: ProjectStore, _ snapshot: ProjectSnapshot) {
    let (project, catalogue) = (snapshot.workspace.project, snapshot.workspace.catalogue)
    let counts = Counts(snapshot.cells)
    id = store.id
    directory = store.directory
    name = project.name
    version = project.version
    languages = snapshot.workspace.languages
    items = snapshot.workspace.items.count
    operatorLanguage = project.operatorLanguage
    approvals = project.approvals
    next = NextStep(
      snapshot.due, findings: counts.findings, isChecked: snapshot.check != nil,
      lines: DeviceLinesView(snapshot.workspace)?.missing ?? 0, name: { catalogue.language($0)?.english ?? $0 })
    self.counts = counts
    due = snapshot.due
  }

  /// Creates the head of a project that cannot be read.
  init(_ store: ProjectStore, problems: [Diagnostic]) {
    id = store.id
    directory = store.directory
    self.problems = problems
  }
}

/// Languages by items, a letter for each.
struct MatrixView: Encodable {
  var version: String
  var languages: [LanguageView]
  var items: [Column]
  var cells: [String]
  var wordings: [String]
  var recordings: [String]
  var findings: [Remark]
  var checked: WallTime?
  var due: [WorkDue]

  struct Column: Encodable {
    var id: String
    var number: Int
    var title: String
    var module: String
    var kind: Clip.Kind
    var form: String?
    var audience: String

    init(_ item: Prompt) {
      id = item.id
      number = item.number
      title = item.title
      module = item.module.rawValue
      kind = item.kind
      form = item.form.isBase ? nil : item.form.rawValue
      audience = item.audience.rawValue
    }
  }

  /// A finding of the last check about one cell.
  struct Remark: Encodable {
    var language: Int
    var item: Int
    var voice: String?
    var severity: Diagnostic.Severity
    var code: String
    var message: String
    var remedy: String
  }

  init(_ snapshot: ProjectSnapshot) {
    let cells = snapshot.cells
    func letters(_ state: (ProjectCells.Cell) -> CellState) -> [String] {
      cells.rows.map { $0.map { $0.map { state($0).rawValue } ?? CellState.unneeded }.joined() }
    }
    version = snapshot.version
    let voices = Dictionary(grouping: snapshot.workspace.tree.takes, by: \.language).mapValues {
      Set($0.map(\.voice)).sorted()
    }
    languages = cells.languages.map { language in
      var view = LanguageView(language)
      view.voices = voices[language.tag] ?? []
      return view
    }
    items = cells.items.map(Column.init)
    self.cells = letters(\.state)
    wordings = letters(\.wording)
    recordings = letters(\.recording)
    findings = cells.languages.enumerated().flatMap { row, language in
      cells.items.enumerated().flatMap { column, item in
        snapshot.remarks["\(language.tag)/\(item.id)", default: []].map { finding in
          Remark(
            language: row, item: column, voice: finding.voice, severity: finding.severity, code: finding.code.rawValue,
            message: finding.message, remedy: finding.remedy)
        }
      }
    }
    checked = snapshot.check?.at
    due = snapshot.due
  }
}

/// The report of the last check; empty before the first.
struct CheckView: Encodable {
  var at: WallTime?
  var recordings: Int
  var seconds: Double
  var findings: [CheckFinding]

  init(_ check: LastCheck?) {
    at = check?.at
    recordings = check?.report.recordings ?? 0
    seconds = check?.report.duration ?? 0
    findings = check?.report.findings ?? []
  }
}
