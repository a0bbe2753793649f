import Catalogue
import Diagnostics
import Import
import Kit
import KitBuilder
import Posix
import Project
import Translation

/// A draft in the list of drafts.
struct ImportHead: Encodable {
  var id: String
  var kind: ImportDraft.Kind
  var created: WallTime
  /// When it is removed.
  var until: WallTime
  var files: Int
  var size: Int
  /// The name of the first file.
  var name: String?

  init(_ draft: ImportDraft) {
    id = draft.id
    kind = draft.kind
    created = draft.created
    until = WallTime(milliseconds: draft.created.milliseconds + ImportDrafts.lifetime)
    files = draft.files.count
    size = draft.size
    name = draft.files.first?.name
  }
}

/// A draft of recordings with its plan.
struct ImportView: Encodable {
  var head: ImportHead
  /// The draft's version, for corrections.
  var version: String
  /// The plan's number, for the import; nil if there is no plan yet, or if the project has changed since.
  var plan: Int?
  var choices: ImportDraft.Choices
  var rows: [Row]
  var takes: [TakeView]
  var leftOut: [Aside]
  var remarks: [String]
  var languages: [LanguageEntry]
  var items: [MatrixView.Column]
  var speakers: [SpeakerEntry]

  /// One file, or one piece of a file.
  struct Row: Encodable {
    /// The index of the file in the source.
    var file: Int
    var name: String
    var start: Double?
    var end: Double?
    var seconds: Double
    var fate: String
    /// The path of the recording that is replaced.
    var replaces: String?
    var uncertain: Bool
    /// The probability that a piece is its line, by its place and its length alone.
    var chance: Double?
    var language: String?
    var prompt: String?
    var voice: String?
    /// The path in the project.
    var path: String?
    /// The wording that the recording should say.
    var text: String?
    var reasons: [String]
    var doubts: [String]
    var remarks: [String]
    /// The doubt as a map has it.
    var doubt: String?
    var isConverted: Bool
    /// What a person has corrected; nil if its name and the choices for all files speak alone.
    var given: Given?
  }

  /// A person's correction of a row.
  struct Given: Encodable {
    var language: String?
    var prompt: String?
    var voice: String?

    init(_ row: ImportMap.Row) { (language, prompt, voice) = (row.language, row.prompt, row.voice) }
  }

  /// A file that is cut into pieces.
  struct TakeView: Encodable {
    var file: Int
    var name: String
    var seconds: Double
  }

  /// A file that is no recording.
  struct Aside: Encodable {
    var name: String
    var why: String
  }

  /// A language of the project with the items that are spoken in it.
  struct LanguageEntry: Encodable {
    var language: LanguageView
    var items: [String]
  }

  /// A voice of a speaker.
  struct SpeakerEntry: Encodable {
    var pseudonym: String
    var language: String
    var voice: String
    var withdrawn: String?
  }

  /// Creates the view of a draft.
  ///
  /// - Parameters:
  ///   - planned: its plan; nil if there is none that holds.
  ///   - memory: what was measured of its files.
  init(_ draft: ImportDraft, _ planned: ImportDesk.Planned?, _ workspace: Workspace, _ memory: ImportMemory) {
    head = ImportHead(draft)
    version = draft.version
    plan = planned?.number
    choices = draft.choices
    let corrected = Dictionary(grouping: draft.rows, by: \.file)
    var rows: [Row] = []
    if let plan = planned?.plan {
      rows = plan.rows.map { Row($0, plan, workspace, corrected[$0.name, default: []]) }
    }
    // A piece that a person left out is no row of the plan, and must be there to be taken in again.
    var indices: [String: Int] = [:]
    for row in rows { indices[row.name] = row.file }
    for row in draft.rows where row.isLeftOut && row.start != nil {
      guard let index = indices[row.file] else { continue }
      rows.append(Row(leftOut: row, index))
    }
    rows.sort { ($0.file, $0.start ?? .infinity) < ($1.file, $1.start ?? .infinity) }
    var takes: [TakeView] = []
    for row in rows where row.start != nil && takes.last?.file != row.file {
      guard let seconds = memory.duration(of: row.name) else { continue }
      takes.append(TakeView(file: row.file, name: row.name, seconds: seconds))
    }
    self.rows = rows
    self.takes = takes
    leftOut = planned?.plan.leftOut.map { Aside(name: $0.name, why: $0.reason) } ?? []
    remarks = planned?.plan.remarks ?? []
    languages = workspace.languages.compactMap(workspace.catalogue.language).map {
      LanguageEntry(language: LanguageView($0), items: workspace.prompts(of: $0).map(\.id))
    }
    items = workspace.items.map(MatrixView.Column.init)
    speakers = workspace.speakers.all.map {
      SpeakerEntry(pseudonym: $0.pseudonym, language: $0.language, voice: $0.voice, withdrawn: $0.withdrawn)
    }
  }
}

extension ImportView.Row {
  fileprivate init(_ row: ImportPlan.Row, _ plan: ImportPlan, _ workspace: Workspace, _ corrected: [ImportMap.Row]) {
    file = row.file
    name = row.name
    start = row.piece?.lowerBound
    end = row.piece?.upperBound
    seconds = row.seconds
    fate = row.fate.name
    if case .replaces(let path) = row.fate { replaces = path }
    uncertain = row.isUncertain
    chance = row.chance.map { ($0 * 100).rounded() / 100 }
    language = row.language
    prompt = row.prompt?.id
    voice = row.voice
    path = row.placement?.path(ending: row.ending)
    if let tag = row.language, let prompt = row.prompt {
      text = workspace.catalogue.wording(prompt.id, in: tag)?.text
    }
    if case .known(let reason) = row.fate { reasons = [reason] } else { reasons = row.reasons }
    doubts = row.doubts
    remarks = row.remarks
    let own = corrected.first { $0.start == row.piece?.lowerBound && $0.end == row.piece?.upperBound }
    doubt = own == nil ? plan.mapRow(of: row, line: 0).doubt : own?.doubt
    isConverted = !row.isCopy && row.piece == nil && row.prompt != nil
    given = (own ?? corrected.first).map { ImportView.Given($0) }
  }

  fileprivate init(leftOut row: ImportMap.Row, _ file: Int) {
    self.file = file
    name = row.file
    start = row.start
    end = row.end
    seconds = (row.end ?? 0) - (row.start ?? 0)
    fate = ImportPlan.Fate.leftOut.name
    uncertain = false
    language = row.language
    voice = row.voice
    (reasons, doubts, remarks) = ([], [], [])
    doubt = row.doubt
    isConverted = false
    given = ImportView.Given(row)
  }
}

/// A translator's file with what it changes.
struct TranslationView: Encodable {
  var head: ImportHead
  var version: String
  var language: LanguageView
  var changes: [Change]
  var faults: [Diagnostic]

  /// One part of a wording.
  struct Change: Encodable {
    var item: String
    var number: Int
    var title: String
    var kind: Clip.Kind
    var part: String
    var old: String?
    var new: String?
    /// Whether the English has changed since the export.
    var stale: Bool
    /// Whether the back-translation on file belongs to the old text.
    var oldBack: Bool
    /// The names whose approval is lost.
    var approvals: [String]
    /// Why a person must confirm it.
    var question: String?
  }

  init(_ draft: ImportDraft, version: String, _ plan: TranslationPlan, _ language: Language, _ words: Words) {
    head = ImportHead(draft)
    self.version = version
    self.language = LanguageView(language)
    changes = plan.changes.map { change in
      Change(
        item: change.prompt.id, number: change.prompt.number, title: change.prompt.title, kind: change.prompt.kind,
        part: change.change.part.rawValue, old: change.old, new: change.change.value, stale: change.isStale,
        oldBack: change.leavesOldBack, approvals: words.approvals(lostBy: change, in: language),
        question: change.question)
    }
    faults = plan.faults
  }
}
