import Catalogue
import Diagnostics
import Project

/// What a person is to do in a language before a release.
struct WorkDue: Encodable, Equatable, Sendable {
  /// The person's name or pseudonym; nil where nobody is known yet.
  var person: String?
  var work: Work
  /// The tag of the language.
  var language: String
  /// How many wordings or recordings.
  var count: Int

  /// Kinds of work.
  enum Work: String, Encodable, Sendable { case words, record, review }
}

extension WorkDue {
  /// Returns all that is to be done, in the order of the languages. The device's own lines are left out: they may be
  /// synthetic.
  static func all(_ cells: ProjectCells, speakers: Speakers, approvals: Approvals, notes: ReviewNotes) -> [WorkDue] {
    var due: [WorkDue] = []
    for (language, row) in zip(cells.languages, cells.rows) {
      let needed = zip(cells.items, row).compactMap { item, cell in item.module == .operator ? nil : cell }
      let unwritten = needed.filter { $0.wording == .missing || $0.wording == .sentBack }
      if !unwritten.isEmpty {
        due.append(WorkDue(work: .words, language: language.tag, count: unwritten.count))
      }
      // A text that was returned will be changed, and recorded then.
      let unspoken = needed.filter {
        $0.wording != .missing && $0.wording != .sentBack && [.missing, .trial, .sentBack].contains($0.recording)
      }
      if !unspoken.isEmpty {
        due.append(
          WorkDue(
            person: speaker(of: language.tag, cells: needed, speakers), work: .record, language: language.tag,
            count: unspoken.count))
      }
      due += reviews(needed.flatMap(\.open), language.tag, approvals, notes)
    }
    return due
  }

  /// Returns the pseudonym of the consenting speaker with the most recordings in a language.
  private static func speaker(of tag: String, cells: [ProjectCells.Cell], _ speakers: Speakers) -> String? {
    let voices = Dictionary(grouping: cells.flatMap(\.takes), by: \.voice).mapValues(\.count)
    let known = speakers.all.filter { $0.language == tag && $0.withdrawn == nil }
    return known.max { (voices[$0.voice] ?? 0) < (voices[$1.voice] ?? 0) }?.pseudonym
  }

  /// Returns the reviews that each known reviewer of a language can still do, and those for which there are too few
  /// people.
  private static func reviews(
    _ open: [ProjectCells.Subject], _ tag: String, _ approvals: Approvals, _ notes: ReviewNotes
  ) -> [WorkDue] {
    if open.isEmpty { return [] }
    let names =
      approvals.entries.filter { $0.language == tag }.map(\.name)
      + notes.entries.filter { $0.language == tag }.map(\.name)
    var people: [(name: String, person: PersonName)] = []
    for name in names {
      guard let person = PersonName(name), !people.contains(where: { $0.person == person }) else { continue }
      people.append((name, person))
    }
    var due = people.compactMap { name, person -> WorkDue? in
      let count = open.filter { !$0.judges.contains(person) }.count
      return count == 0 ? nil : WorkDue(person: name, work: .review, language: tag, count: count)
    }
    let lonely = open.filter { subject in
      subject.judges.count + people.filter { !subject.judges.contains($0.person) }.count < Standing.required
    }
    if !lonely.isEmpty { due.append(WorkDue(work: .review, language: tag, count: lonely.count)) }
    return due
  }
}

/// What to do next in a project, in one line.
struct NextStep: Encodable, Equatable, Sendable {
  /// A sentence for the trainer.
  var text: String
  /// The view where it is done.
  var view: View
  /// The tag of the language; nil for all.
  var language: String?

  /// Views of the page.
  enum View: String, Encodable, Sendable { case matrix, booth, review, words, check, kits }

  /// Returns the first thing that stands before a release.
  ///
  /// - Parameters:
  ///   - due: what is to be done.
  ///   - findings: how many cells have a finding of the last check.
  ///   - isChecked: whether the recordings were checked since the program started.
  ///   - lines: how many of the device's own lines have no sound.
  ///   - name: returns a language's English name.
  init(_ due: [WorkDue], findings: Int, isChecked: Bool, lines: Int = 0, name: (String) -> String) {
    func step(_ work: WorkDue.Work, _ view: View, _ text: (Int, String) -> String) -> NextStep? {
      guard let first = due.first(where: { $0.work == work }) else { return nil }
      let count = due.filter { $0.work == work && $0.language == first.language }.map(\.count).max() ?? first.count
      return NextStep(text: text(count, name(first.language)), view: view, language: first.language)
    }
    let findings: NextStep? =
      findings == 0
      ? nil
      : NextStep(
        text: "Look at \(counted(findings, "message")) with findings of the last check", view: .matrix, language: nil)
    let unspoken =
      lines == 0
      ? nil
      : NextStep(
        text: "Record or synthesize \(counted(lines, "line")) that the device says to the responder", view: .kits,
        language: nil)
    self =
      step(.words, .words) { "Write \(counted($0, "message")) in \($1)" }
      ?? step(.record, .booth) { "Record \(counted($0, "message")) in \($1)" } ?? findings
      ?? step(.review, .review) {
        "Have \(counted($0, "text or recording", "texts and recordings")) in \($1) reviewed"
      }
      ?? unspoken
      ?? NextStep(
        text: isChecked ? "Build the release" : "Check all recordings, and build the release", view: .check,
        language: nil)
  }

  private init(text: String, view: View, language: String?) {
    self.text = text
    self.view = view
    self.language = language
  }
}
