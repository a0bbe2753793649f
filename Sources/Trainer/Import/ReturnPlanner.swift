import Catalogue
import Diagnostics
import Encoding
import Kit
import KitBuilder
import Posix
import Project

/// Plans the import of a file that came back from a speaker or reviewer. Nothing is guessed: an item and the hash of
/// its wording say what a recording or an answer is of. Planning writes nothing.
public struct ReturnPlanner {
  private let workspace: Workspace
  private let post: PostLedger
  private let imports: ImportLedger
  private let voice: String?
  private let replaces: Bool
  private let terms: ImportTerms
  private let today: String

  /// Creates a planner.
  ///
  /// - Parameters:
  ///   - workspace: the project, read for today.
  ///   - post: the project's post ledger.
  ///   - imports: the project's import ledger.
  ///   - voice: the speaker's voice; nil for the known or the next free one.
  ///   - replaces: whether existing recordings are replaced.
  ///   - terms: the names of these options in messages.
  public init(
    _ workspace: Workspace, post: PostLedger, imports: ImportLedger, voice: String? = nil, replaces: Bool = false,
    terms: ImportTerms = .commandLine
  ) {
    (self.workspace, self.post, self.imports) = (workspace, post, imports)
    (self.voice, self.replaces, self.terms) = (voice, replaces, terms)
    today = workspace.day ?? Day.today()
  }

  /// Decides what to do with a file.
  ///
  /// - Parameters:
  ///   - file: the file, read and verified.
  ///   - source: the same file as the source of recordings.
  ///   - done: called after each recording with the number of recordings done; what it throws ends the planning.
  /// - Throws: ``DiagnosticsError`` if the file does not belong to this project, is older than one that was imported,
  ///   was changed, or if it is unclear whose it is.
  public func plan(_ file: PostReturn, _ source: Source, done: (Int) throws -> Void = { _ in }) throws -> ReturnPlan {
    let content = file.content
    guard let page = post.page(content.page), page.kind == content.kind, page.language == content.language else {
      throw refuse(file, "comes from a page that this project did not make", "import it into the project that made it")
    }
    guard workspace.languages.contains(content.language), let language = workspace.catalogue.language(content.language)
    else {
      throw refuse(
        file, "is in the language '\(content.language)', which the project does not have any more",
        "add it to the languages in kit.yaml")
    }
    let speaker = content.consent == nil ? nil : try speaker(of: file, page)
    var plan = ReturnPlan(
      record: PostRecord(
        returned: content.page, kind: content.kind, language: content.language, date: today,
        voice: speaker?.entry.voice, key: content.key, name: content.name, serial: content.serial, sha256: file.sha256))
    if let last = post.returned(page: content.page, key: content.key).max(by: { ($0.serial ?? 0) < ($1.serial ?? 0) }) {
      if last.sha256 == file.sha256 {
        plan.imported = last.date
        plan.speaker = speaker?.entry
        return plan
      }
      if content.serial <= last.serial ?? 0 {
        throw refuse(
          file, "is older than the file of the same page that was imported on \(last.date)",
          "ask for the latest file: it has everything")
      }
    }
    if let speaker {
      plan.speaker = speaker.entry
      plan.isNewSpeaker = speaker.isNew
      plan.entersKey = speaker.isKeyNew
      if let consent = content.consent, consent.day > today {
        plan.remarks.append("the consent is of \(consent.day), which is in the future: today is entered instead")
      }
      plan.takes = try takes(of: file, source, language, speaker.entry, done)
      addNotes(of: content, language, &plan)
    } else {
      try addAnswers(of: file, language, &plan)
    }
    return plan
  }

  private func refuse(_ file: PostReturn, _ message: String, _ remedy: String) -> DiagnosticsError {
    DiagnosticsError(path: file.path, message: message, remedy: remedy)
  }

  // MARK: - The speaker

  /// Decides who speaks. The key of the browser says whether it is a known speaker; a pseudonym alone does not.
  private func speaker(
    of file: PostReturn, _ page: PostRecord
  ) throws(DiagnosticsError) -> (entry: Speaker, isNew: Bool, isKeyNew: Bool) {
    let (content, language) = (file.content, file.content.language)
    guard let consent = content.consent else { throw refuse(file, "has no consent", "ask for the file again") }
    let all = workspace.speakers.all
    if let gone = all.first(where: { $0.key == content.key && $0.withdrawn != nil }), let day = gone.withdrawn {
      throw refuse(file, "is by '\(gone.pseudonym)', who withdrew the consent on \(day)", "do not use it")
    }
    let local = all.filter { $0.language == language }
    if let known = local.first(where: { $0.key == content.key }) {
      if let voice, voice != known.voice {
        throw refuse(file, "is by '\(known.pseudonym)', whose voice is \(known.voice)", terms.leaveVoice)
      }
      return (known, false, false)
    }
    let wanted = voice ?? page.voice
    if let wanted, let owner = local.first(where: { $0.voice == wanted }) {
      guard owner.withdrawn == nil, owner.key == nil, PersonName(owner.pseudonym) == PersonName(consent.pseudonym)
      else {
        throw refuse(
          file, "is by '\(consent.pseudonym)', and \(language)/\(wanted) is the voice of '\(owner.pseudonym)'",
          terms.otherVoice)
      }
      // From now on the browser is known, and the speaker can withdraw with the code.
      var entry = owner
      (entry.key, entry.withdrawal) = (content.key, consent.withdrawal)
      return (entry, false, true)
    }
    let namesakes = all.filter { PersonName($0.pseudonym) == PersonName(consent.pseudonym) && $0.key != content.key }
    if let other = namesakes.first {
      let isSame = other.key == nil && other.language == language
      throw refuse(
        file,
        "is by '\(consent.pseudonym)', and \(Speakers.name) has a speaker of this name, "
          + (other.key == nil ? "who did not record by post" : "who recorded in another browser"),
        isSame
          ? "if it is the same person, \(terms.addVoice) \(other.voice); if not, ask the speaker for another pseudonym"
          : "ask the speaker for another pseudonym, and for the file again")
    }
    let entry = Speaker(
      pseudonym: consent.pseudonym, language: language, voice: wanted ?? freeVoice(consent.voice, language),
      isForChildren: false, consent: min(consent.day, today), licence: consent.words,
      contact: page.contact ?? "see the page", key: content.key, withdrawal: consent.withdrawal, file: "", line: 0)
    return (entry, true, false)
  }

  /// Returns the first voice that has neither a speaker nor recordings: `f1`, `f2`.
  private func freeVoice(_ sex: PostContent.Consent.Sex, _ language: String) -> String {
    let letter = sex == .woman ? "f" : "m"
    var number = 1
    func isTaken(_ voice: String) -> Bool {
      workspace.speakers.speaker(of: language, voice: voice) != nil
        || [Workspace.recordings, TakeDirectory.former].contains {
          Files.exists(Path(workspace.directory).appending("\($0)/\(language)/\(voice)"))
        }
    }
    while isTaken("\(letter)\(number)") { number += 1 }
    return "\(letter)\(number)"
  }

  // MARK: - Recordings

  private func takes(
    of file: PostReturn, _ source: Source, _ language: Language, _ speaker: Speaker, _ done: (Int) throws -> Void
  ) throws -> ImportPlan {
    var plan = ImportPlan(rows: [], leftOut: [])
    let items = Dictionary(workspace.items(of: language).map { ($0.prompt.id, $0) }, uniquingKeysWith: { $1 })
    for take in file.content.takes {
      guard let index = source.files.firstIndex(where: { $0.name == take.file }) else {
        throw refuse(file, "has no \(take.file)", "ask for the file again")
      }
      var row = ImportPlan.Row(file: index, name: take.file)
      (row.sha256, row.ending, row.language, row.voice) = (take.sha256, "flac", language.tag, speaker.voice)
      row.seconds = Double(take.samples) / Double(take.rate)
      row.reasons = ["the page of \(post.page(file.content.page)?.date ?? "")"]
      row.prompt = workspace.catalogue.item(take.item)
      try source.open(source.files[index]) { try listen(path: $0, take, file, items[take.item], &row) }
      if row.fate == .open { settle(&row, take, language) }
      plan.rows.append(row)
      try done(plan.rows.count)
    }
    return plan
  }

  /// Compares a recording with what was signed, and checks it as a recording of its item; nil if there is no such item.
  private func listen(
    path: String, _ take: PostContent.Take, _ file: PostReturn, _ item: ReviewItem?, _ row: inout ImportPlan.Row
  ) throws {
    guard try Recording.sha256(path: path) == take.sha256 else {
      throw refuse(file, "\(take.file) was changed after the page saved it", "ask for the file again")
    }
    do throws(RecordingError) {
      let recording = try Recording(path: path)
      if recording.samples.count != take.samples || recording.rate != take.rate {
        row.doubts = ["has not the length that the page says"]
        row.fate = .unusable
      } else if let item, item.hash == take.wording, let place = row.placement {
        let recorded = Take(
          language: place.language, voice: place.voice, number: place.number, prompt: place.prompt, path: take.file)
        row.findings = ClipPipeline(workspace).findings(of: recording, as: recorded, item)
      }
    } catch {
      row.doubts = ["\(error): \(error.remedy)"]
      row.fate = .unusable
    }
  }

  /// Decides whether a recording is new, known, of an earlier wording, or in the way of another.
  private func settle(_ row: inout ImportPlan.Row, _ take: PostContent.Take, _ language: Language) {
    guard let prompt = row.prompt, let wording = language.wordings[prompt.id],
      workspace.prompts(of: language).contains(where: { $0.id == prompt.id })
    else {
      row.doubts = ["the project does not have '\(take.item)' in \(language.english) any more"]
      return
    }
    guard let placement = row.placement else { return }
    let known = imports.entries(of: take.sha256).first {
      $0.language == placement.language && $0.voice == placement.voice
        && Files.exists(Path(workspace.directory).appending($0.path))
    }
    if let known {
      row.fate = .known("imported on \(known.date) as \(known.path)")
      return
    }
    if Digest.sha256(wording.text) != take.wording {
      row.isAside = true
      row.fate = .new
      row.remarks = ["the wording has changed since the page was made: the recording is kept in takes, and not used"]
      return
    }
    guard let there = workspace.tree.path(of: placement) else {
      row.fate = .new
      return
    }
    if (try? Recording.sha256(path: there)) == take.sha256 {
      row.fate = .known("exists as \(there)")
    } else if replaces {
      row.fate = .replaces(there)
    } else {
      row.doubts = ["\(there) exists: \(terms.replace)"]
    }
  }

  private func addNotes(of content: PostContent, _ language: Language, _ plan: inout ReturnPlan) {
    for note in content.notes {
      let line = ReviewNote(
        hash: note.wording, kind: .wording, language: language.tag, prompt: note.item, name: content.name,
        date: note.date, verdict: .returned, note: note.note)
      if workspace.notes.entries.contains(line) { continue }
      guard let wording = language.wordings[note.item] else {
        plan.remarks.append("a note on '\(note.item)', which the project does not have any more: \(note.note)")
        continue
      }
      if Digest.sha256(wording.text) != note.wording {
        plan.remarks.append("the wording of '\(note.item)' has changed since this note: \(note.note)")
      }
      plan.notes.append(line)
    }
  }

  // MARK: - Answers

  private func addAnswers(of file: PostReturn, _ language: Language, _ plan: inout ReturnPlan) throws {
    let content = file.content
    if let other = workspace.approvals.otherName(of: file.key.id, than: content.name)
      ?? post.entries.first(where: {
        $0.kind == .review && $0.key == content.key
          && $0.name.map { PersonName($0) != PersonName(content.name) } == true
      })?.name
    {
      throw refuse(
        file, "is signed as '\(content.name)' with a key that has signed as '\(other)' before",
        "ask the reviewer: one key belongs to one person")
    }
    plan.trust = trust(in: file)
    let pipeline = ClipPipeline(workspace)
    let items = Dictionary(workspace.items(of: language).map { ($0.prompt.id, $0) }, uniquingKeysWith: { $1 })
    for answer in content.answers {
      guard let item = items[answer.item], item.hash == answer.wording else {
        plan.remarks.append(
          "the wording of '\(answer.item)' has changed since the page was made: its answer is not used")
        continue
      }
      if answer.kind == .recording {
        let take = item.takes.first { (try? pipeline.identify($0))?.sha256 == answer.hash }
        guard let take else {
          plan.remarks.append(
            "the recording of '\(answer.item)' was replaced since the page was made: its answer is not used")
          continue
        }
        if let speaker = workspace.speakers.speaker(of: take.language, voice: take.voice),
          speaker.key == content.key || PersonName(speaker.pseudonym) == PersonName(content.name)
        {
          plan.remarks.append("\(take.path): nobody approves the own voice: its answer is not used")
          continue
        }
      }
      try add(answer, file, language, &plan)
    }
    if content.answers.contains(where: { $0.date > today }) {
      plan.remarks.append("some answers are of a day in the future: the clock of that device is wrong")
    }
  }

  private func add(
    _ answer: PostContent.Answer, _ file: PostReturn, _ language: Language, _ plan: inout ReturnPlan
  ) throws {
    let name = file.content.name
    let note = ReviewNote(
      hash: answer.hash, kind: answer.kind, language: language.tag, prompt: answer.item, name: name, date: answer.date,
      verdict: answer.verdict, back: answer.back, note: answer.verdict == .returned ? answer.note : nil)
    let own = workspace.approvals.approvals(
      of: answer.hash, kind: answer.kind, language: language.tag, prompt: answer.item
    ).filter { PersonName($0.name) == PersonName(name) }
    var approval = Approval(
      hash: answer.hash, kind: answer.kind, language: language.tag, prompt: answer.item, name: name,
      role: answer.kind == .wording ? .backTranslator : .listener, date: answer.date)
    if answer.verdict == .accepted {
      approval.key = file.key.id.description
      approval.signature = answer.signature
      do throws(SignatureError) {
        try Signature(Array((answer.signature ?? "").utf8)).verify(approval.statement, by: file.key)
      } catch {
        throw refuse(
          file, "the answer to '\(answer.item)' is not signed as it says: \(error)", "ask for the file again")
      }
      if !own.contains(approval) { plan.approvals.append(approval) }
    } else if !own.isEmpty {
      (approval.role, approval.date, approval.revokes) = (.listener, today, true)
      plan.approvals.append(approval)
    }
    if !workspace.notes.entries.contains(note) { plan.notes.append(note) }
  }

  private func trust(in file: PostReturn) -> ReturnPlan.Trust {
    let known = Path(workspace.directory).appending("\(Approvals.reviewers)/\(file.key.id).pub").string
    if let key = try? PublicKey(reading: known), key == file.key { return .vouched }
    return post.first(signedBy: file.content.key).map { .seen(since: $0.date) } ?? .new
  }
}
