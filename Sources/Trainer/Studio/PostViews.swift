import Catalogue
import Import
import Kit
import KitBuilder
import Post
import Project

/// The pages by post of a project: what can be asked for, what was sent, what came back, whose keys are known.
struct PostView: Encodable {
  /// The languages in which a page can be read.
  var tongues: [LanguageView]
  /// The languages that are spoken.
  var languages: [Spoken]
  /// The pages that were made, the latest first.
  var pages: [Page]
  var reviewers: [PostKeys.Row]
  var speakers: [Person]
  /// The page that this program made last.
  var made: Made?
  /// The page that is being made.
  var job: JobBoard.Job?

  /// A language with its voices.
  struct Spoken: Encodable {
    var language: LanguageView
    var items: Int
    var voices: [String]
  }

  /// A page that was made.
  struct Page: Encodable {
    var page: String
    var kind: PostRecord.Kind
    var language: String
    var date: String
    var voice: String?
    var returned: [Returned]
  }

  /// A file of a page that was imported.
  struct Returned: Encodable {
    var name: String
    var date: String
    var voice: String?
  }

  /// A speaker.
  struct Person: Encodable {
    var pseudonym: String
    var withdrawn: String?
    /// Whether the speaker has a code with which to withdraw.
    var hasCode: Bool
  }

  /// A page to be saved.
  struct Made: Encodable {
    var page: String
    var file: String
    var kind: PostRecord.Kind
    var language: String
    var texts: Int
    var bytes: Int
    var messages: [Message]
    var remarks: [String]
  }

  /// A message in one language.
  struct Message: Encodable {
    var tag: String
    var autonym: String
    var direction: String
    var text: String
  }

  init(
    _ workspace: Workspace, post: PostLedger, keys: PostKeys, made: PostDesk.Made?, job: JobBoard.Job?
  ) {
    let catalogue = workspace.catalogue
    tongues = catalogue.languages.filter(\.isForResponder).map(LanguageView.init)
    languages = workspace.languages.compactMap(catalogue.language).map { language in
      let spoken = workspace.tree.takes.filter { $0.language == language.tag && $0.voice != Take.synthetic }.map(\.voice)
      let known = workspace.speakers.all.filter { $0.language == language.tag && $0.withdrawn == nil }.map(\.voice)
      return Spoken(
        language: LanguageView(language), items: workspace.items(of: language).count,
        voices: Set(spoken + known).sorted())
    }
    pages = post.entries.filter { $0.act == .made }.reversed().map { page in
      Page(
        page: page.page, kind: page.kind, language: page.language, date: page.date, voice: page.voice,
        returned: post.entries.filter { $0.act == .returned && $0.page == page.page }.map {
          Returned(name: $0.name ?? "", date: $0.date, voice: $0.voice)
        })
    }
    reviewers = keys.rows
    var people: [Person] = []
    for speaker in workspace.speakers.all {
      let person = Person(
        pseudonym: speaker.pseudonym, withdrawn: speaker.withdrawn, hasCode: speaker.withdrawal != nil)
      if let index = people.firstIndex(where: { PersonName($0.pseudonym) == PersonName(speaker.pseudonym) }) {
        people[index].hasCode = people[index].hasCode || person.hasCode
        if speaker.withdrawn == nil { people[index].withdrawn = nil }
      } else {
        people.append(person)
      }
    }
    speakers = people
    self.made = made.map { Made($0, catalogue) }
    self.job = job
  }
}

extension PostView.Made {
  init(_ made: PostDesk.Made, _ catalogue: Catalogue) {
    page = made.page.id
    file = PostSite.name(of: made.page)
    (kind, language, texts) = (made.page.kind, made.page.language.tag, made.page.count)
    bytes = made.page.document.utf8.count
    messages = made.messages.map { message in
      let language = catalogue.language(message.tag)
      return PostView.Message(
        tag: message.tag, autonym: language?.autonym ?? message.tag, direction: language?.direction.rawValue ?? "ltr",
        text: message.text)
    }
    remarks = made.remarks
  }
}

/// What a take-down finds, or has removed.
struct TakeDownView: Encodable {
  var speaker: String
  var done: Bool
  var files: [String]
  var kits: [Kit]
  /// The list of clips to recall, if a kit has the voice.
  var list: String?

  /// A kit with the voice.
  struct Kit: Encodable {
    var file: String
    var name: String
    var clips: Int
  }
}

/// A file that came back by post, with what its import does.
struct ReturnedView: Encodable {
  var head: ImportHead
  /// The draft's version.
  var version: String
  /// The plan's number, for the import; nil if there is no plan yet, or if the project has changed since.
  var plan: Int?
  /// The chosen voice, and whether recordings are replaced.
  var voice: String?
  var replaces: Bool
  var kind: PostRecord.Kind
  /// Nil if the catalogue does not have it.
  var language: LanguageView?
  var name: String
  var serial: Int
  var made: String
  var agent: String
  /// The number of the key that signed the file.
  var key: String
  var consent: Consent?
  var room: Double?
  /// The day on which the same file was imported.
  var imported: String?
  var speaker: Speaker?
  var takes: [Take]
  /// `vouched`, `seen`, `new`; nil for a speaker.
  var trust: String?
  var firstSeen: String?
  var approvals: [Approved]
  var notes: [Note]
  var remarks: [String]
  var isEmpty: Bool
  var speakers: [ImportView.SpeakerEntry]

  /// A speaker's consent, as the page has it.
  struct Consent: Encodable {
    var words: String
    var day: String
    /// `woman` or `man`.
    var voice: String
  }

  /// The speaker, as `speakers.yaml` has or gets it.
  struct Speaker: Encodable {
    var pseudonym: String
    var voice: String
    var isNew: Bool
    var entersKey: Bool
    var consent: String
    var licence: String
    var contact: String
  }

  /// An item with its text.
  struct Item: Encodable {
    var id: String
    var number: Int
    var title: String
    var kind: Clip.Kind

    init?(_ id: String, _ workspace: Workspace) {
      guard let prompt = workspace.catalogue.item(id) else { return nil }
      (self.id, number, title, kind) = (prompt.id, prompt.number, prompt.title, prompt.kind)
    }
  }

  /// A recording.
  struct Take: Encodable {
    /// The index of the file in the source.
    var file: Int
    var name: String
    var item: Item?
    var text: String?
    var seconds: Double
    var fate: String
    /// Whether it is kept in `takes`, because its wording has changed.
    var isAside: Bool
    var replaces: String?
    var reasons: [String]
    var doubts: [String]
    var remarks: [String]
    var findings: [CheckFinding]
  }

  /// A new line of the approvals.
  struct Approved: Encodable {
    var item: Item?
    var kind: Approval.Kind
    var isRevoked: Bool
  }

  /// A new line of the review notes.
  struct Note: Encodable {
    var item: Item?
    var kind: Approval.Kind
    var verdict: ReviewNote.Verdict
    var note: String?
    var back: String?
  }

  init(_ draft: ImportDraft, _ file: PostReturn, _ planned: ImportDesk.Planned?, _ workspace: Workspace) {
    let content = file.content
    head = ImportHead(draft)
    version = draft.version
    plan = planned?.number
    (voice, replaces) = (draft.choices.voice, draft.choices.replaces)
    kind = content.kind
    language = workspace.catalogue.language(content.language).map { LanguageView($0) }
    (name, serial, made, agent) = (content.name, content.serial, content.made, content.agent)
    key = file.key.id.description
    consent = content.consent.map { Consent(words: $0.words, day: $0.day, voice: $0.voice.rawValue) }
    room = content.sound?.room
    let outcome = planned?.returned
    imported = outcome?.imported
    speaker = outcome?.speaker.map { entry in
      Speaker(
        pseudonym: entry.pseudonym, voice: entry.voice, isNew: outcome?.isNewSpeaker == true,
        entersKey: outcome?.entersKey == true, consent: entry.consent, licence: entry.licence, contact: entry.contact)
    }
    takes = outcome?.takes.rows.map { ReturnedView.Take($0, workspace) } ?? []
    switch outcome?.trust {
    case .vouched: trust = "vouched"
    case .seen(let day): (trust, firstSeen) = ("seen", day)
    case .new: trust = "new"
    case nil: trust = nil
    }
    approvals =
      outcome?.approvals.map {
        Approved(item: Item($0.prompt, workspace), kind: $0.kind, isRevoked: $0.revokes == true)
      } ?? []
    notes =
      outcome?.notes.map {
        Note(item: Item($0.prompt, workspace), kind: $0.kind, verdict: $0.verdict, note: $0.note, back: $0.back)
      } ?? []
    remarks = outcome?.remarks ?? []
    isEmpty = outcome?.isEmpty ?? false
    speakers = workspace.speakers.all.filter { $0.language == content.language }.map {
      ImportView.SpeakerEntry(
        pseudonym: $0.pseudonym, language: $0.language, voice: $0.voice, withdrawn: $0.withdrawn)
    }
  }
}

extension ReturnedView.Take {
  fileprivate init(_ row: ImportPlan.Row, _ workspace: Workspace) {
    (file, name, seconds, fate, isAside) = (row.file, row.name, row.seconds, row.fate.name, row.isAside)
    item = row.prompt.flatMap { ReturnedView.Item($0.id, workspace) }
    if let tag = row.language, let prompt = row.prompt {
      text = workspace.catalogue.wording(prompt.id, in: tag)?.text
    }
    if case .replaces(let path) = row.fate { replaces = path }
    if case .known(let reason) = row.fate { reasons = [reason] } else { reasons = row.reasons }
    (doubts, remarks, findings) = (row.doubts, row.remarks, row.findings)
  }
}
