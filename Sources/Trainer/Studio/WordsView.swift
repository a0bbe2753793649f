import Catalogue
import Diagnostics
import Encoding
import Kit
import KitBuilder
import Project

/// The wordings of a language.
struct WordsView: Encodable {
  var version: String
  var language: LanguageView
  var items: [WordsItem]
  /// The ids of the items without a wording.
  var missing: [String]
  /// What is wrong with the language as a whole.
  var findings: [Diagnostic]

  /// Creates the view.
  ///
  /// - Parameter isWritable: whether wordings can be changed.
  init(_ snapshot: ProjectSnapshot, _ language: Language, isWritable: Bool) {
    let workspace = snapshot.workspace
    let items = Self.items(of: language, in: workspace)
    let diagnostics = Validator.diagnostics(
      in: workspace.catalogue, languages: [language.tag], items: items.map(\.id))
    let byLine = Dictionary(grouping: diagnostics) { "\($0.path):\($0.line ?? 0)" }
    let takes = Dictionary(grouping: workspace.tree.takes.filter { $0.language == language.tag }, by: \.prompt)
    version = snapshot.version
    self.language = LanguageView(language)
    (self.language.rate, self.language.limit) = (language.rate, language.spokenLimit)
    self.language.writable = isWritable
    self.items = items.map { item in
      let place = language.wordings[item.id].map { "\($0.file):\($0.line)" }
      return WordsItem(
        item, language, workspace, takes: takes[item.id, default: []],
        findings: place.flatMap { byLine[$0] } ?? [])
    }
    missing = items.map(\.id).filter { language.wordings[$0] == nil }
    findings = byLine["\(language.file):0"] ?? []
  }

  /// Returns the items that a project needs in a language, or whose titles responders read in it.
  static func items(of language: Language, in workspace: Workspace) -> [Prompt] {
    let spoken = workspace.prompts(of: language)
    return spoken.isEmpty ? workspace.titledPrompts(of: language) : spoken
  }
}

/// One wording, or the place of a missing one.
struct WordsItem: Encodable {
  var id: String
  var number: Int
  var title: String
  var module: String
  var kind: Clip.Kind
  var form: String?
  var audience: String
  var version: String
  var text: String
  var status: Status
  var people: Int
  var proved: Int
  var drafted: String?
  var own: Bool
  var inherited: String?
  var back: String?
  var backOutdated: Bool
  var gloss: String?
  var note: String?
  var variants: [String: String]
  var titleText: String?
  var cautionText: String?
  var source: String
  var caution: String
  var seconds: Double
  var limit: Int
  var open: [OpenNote]
  var takes: [TakeView]
  var findings: [Diagnostic]

  /// A recording of the item.
  struct TakeView: Encodable {
    var voice: String
    var speaker: String?
    var synthetic: Bool

    init(_ take: Take, _ workspace: Workspace) {
      voice = take.voice
      speaker = workspace.speakers.speaker(of: take.language, voice: take.voice)?.pseudonym
      synthetic = take.voice == Take.synthetic
    }
  }

  /// Creates the view of an item.
  ///
  /// - Parameters:
  ///   - takes: its recordings.
  ///   - findings: what the validation says about the wording.
  init(_ item: Prompt, _ language: Language, _ workspace: Workspace, takes: [Take], findings: [Diagnostic]) {
    let wording = language.wordings[item.id]
    let text = wording?.text ?? ""
    let hash = Digest.sha256(text)
    let standing = workspace.approvals.standing(
      of: hash, kind: .wording, language: language.tag, prompt: item.id, on: workspace.day)
    id = item.id
    number = item.number
    title = item.title
    module = item.module.rawValue
    kind = item.kind
    form = item.form.isBase ? nil : item.form.rawValue
    audience = item.audience.rawValue
    version = Self.version(of: wording)
    self.text = text
    status = standing.status
    people = standing.people
    proved = standing.proved
    drafted = wording?.drafted.rawValue
    own = wording?.file == Catalogue.languageFile(language.tag, in: workspace.directory)
    inherited = wording?.inherited
    back = wording?.back
    backOutdated = wording?.isBackOutdated ?? false
    gloss = wording?.gloss
    note = wording?.note
    variants = wording?.namedVariants ?? [:]
    titleText = wording?.title
    cautionText = wording?.caution
    source = item.translatorSource(in: workspace.catalogue.source)
    caution = item.caution
    seconds = Double(text.count) / language.rate
    limit = language.spokenLimit
    open = OpenNote.all(onWording: hash, of: item.id, in: language.tag, workspace)
    self.takes = takes.map { TakeView($0, workspace) }
    self.findings = findings
  }

  /// Returns the version of a wording: a hash of all its parts.
  static func version(of wording: Wording?) -> String {
    guard let wording else { return "none" }
    let parts = WordingChange.Part.allCases.map { "\($0.rawValue): \(wording[$0] ?? "")" }
    return String(Digest.sha256((parts + [wording.file]).joined(separator: "\n")).prefix(16))
  }
}

/// An open note of a reviewer.
struct OpenNote: Encodable {
  var name: String
  var date: String
  var note: String?
  var back: String?

  private init(_ note: ReviewNote) {
    name = note.name
    date = note.date
    self.note = note.note
    back = note.back
  }

  /// Returns the open notes on a recording.
  static func all(on take: Take, _ hashes: ContentHashes, _ workspace: Workspace) -> [OpenNote] {
    let isNoted = workspace.notes.entries.contains {
      $0.kind == .recording && $0.language == take.language && $0.prompt == take.prompt
    }
    guard isNoted, let hash = hashes.hash(of: take.path) else { return [] }
    return workspace.notes.open(
      hash, kind: .recording, language: take.language, prompt: take.prompt, approvals: workspace.approvals
    ).map { OpenNote($0) }
  }

  /// Returns the open notes on a wording, by its hash.
  static func all(onWording hash: String, of item: String, in tag: String, _ workspace: Workspace) -> [OpenNote] {
    workspace.notes.open(hash, kind: .wording, language: tag, prompt: item, approvals: workspace.approvals).map {
      OpenNote($0)
    }
  }
}

extension Wording {
  /// The variants by their keys in the language file: `to-woman`.
  var namedVariants: [String: String] {
    Dictionary(uniqueKeysWithValues: variants.map { ($0.key.rawValue, $0.value) })
  }
}
