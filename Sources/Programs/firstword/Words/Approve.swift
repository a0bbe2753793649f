import ArgumentParser
import Catalogue
import Diagnostics
import Encoding
import Kit
import KitBuilder
import Project

struct Approve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Approve a wording, a recording, or all of a language.",
    discussion: """
        firstword approve ro/safe-here --wording --by "Ana P."
        firstword approve ro --recording --by "Ana P." --key ana.key    # shows all, then asks
        firstword approve ro/3 --wording --by "Ana P." --revoke

      A wording or recording is approved after two different people have approved the same content: an edit or a new \
      recording ends the approval. A name alone is a claim; a key proves it, and 'check', 'build' and 'info' report \
      which it is. Approvals are appended to approvals.jsonl in the project and never edited; to merge two people's \
      lines in git, keep both.

      'firstword review' shows and plays the messages one by one, and asks for each.
      """)

  @Argument(help: ArgumentHelp("A language, or one prompt of it by id or number.", valueName: "LANG[/PROMPT]"))
  var choice: String

  @Flag(help: "Approve the text.")
  var wording = false

  @Flag(help: "Approve the recordings by speakers.")
  var recording = false

  @OptionGroup var reviewer: ReviewerOption

  @Option(
    help:
      "The reviewer's role: listener (has read or heard it), or back-translator (has translated it without the source)."
  )
  var role = Approval.Role.listener

  @Option(help: ArgumentHelp("Approve only recordings of this voice, such as f1.", valueName: "VOICE"))
  var voice: String?

  @Flag(help: "Revoke this person's approvals.")
  var revoke = false

  @Flag(help: "Approve without asking.")
  var yes = false

  @Flag(help: "Print the approvals and the resulting status as JSON.")
  var json = false

  @OptionGroup var project: ProjectOption

  func validate() throws {
    if !wording && !recording { throw ValidationError("use --wording, --recording, or both") }
    if voice != nil && !recording { throw ValidationError("--voice needs --recording") }
    if revoke && reviewer.expires != nil { throw ValidationError("--revoke cannot be combined with --expires") }
  }

  private struct Row: Encodable {
    var kind: Approval.Kind
    var language: String
    var prompt: String
    var voice: String?
    var sha256: String
    var status: Status
    var people: Int
    var proved: Int
  }

  func run() throws {
    let workspace = try project.load()
    var reviewer = try Reviewer(self.reviewer, project, workspace, revokes: revoke)
    let all = try subjects(try workspace.items(choice), workspace)
    let due = all.filter { revoke ? reviewer.canRevoke($0) : !reviewer.hasApproved($0) }
    let what = Self.count(due)
    if due.isEmpty {
      if json { return try printJSON([Row]()) }
      if all.isEmpty { throw Failure.wrong("there is nothing to approve: no recording by a speaker matches") }
      print(revoke ? "\(reviewer.name) has approved none of it" : "\(reviewer.name) has approved all of it already")
      return
    }
    if !choice.contains("/") && !yes {
      for subject in due { show(subject, reviewer) }
      guard Terminal.canAsk else {
        throw Failure.impossible("cannot ask about \(what) without a terminal; check them, then use --yes")
      }
      let question: Printable =
        revoke ? "Revoke \(what) as \(reviewer.name)?" : "Approve \(what) as \(reviewer.name)?"
      guard Terminal.confirm(question) else { throw Failure.wrong("nothing was changed") }
    }
    reviewer.remark(
      onNew: try revoke ? reviewer.revoke(due, role: role) : reviewer.approve(due, role: role))
    if json {
      return try printJSON(
        due.map { subject in
          let standing = reviewer.standing(subject)
          return Row(
            kind: subject.kind, language: subject.item.language.tag, prompt: subject.item.prompt.id,
            voice: subject.take?.voice, sha256: subject.hash, status: standing.status, people: standing.people,
            proved: standing.proved)
        })
    }
    let states = Status.allCases.reversed().compactMap { status -> String? in
      let count = due.filter { reviewer.status($0) == status }.count
      return count == 0 ? nil : "\(count) \(status.rawValue)"
    }
    let proof = reviewer.isProved ? " (proved by a key)" : " (a claim; --key proves it)"
    print(
      """
      \(what) \(revoke ? "revoked" : "approved") by \(reviewer.name)\(revoke ? "" : proof); \
      now \(states.joined(separator: ", "))
      """)
  }

  /// Returns the wordings and recordings of the items, without synthetic recordings, which cannot be approved.
  private func subjects(_ items: [ReviewItem], _ workspace: Workspace) throws -> [Reviewer.Subject] {
    let pipeline = ClipPipeline(workspace)
    var subjects: [Reviewer.Subject] = []
    for item in items {
      if wording { subjects.append(Reviewer.Subject(item: item, kind: .wording, hash: item.hash)) }
      guard recording else { continue }
      for take in item.takes where voice == nil || take.voice == voice {
        do throws(CheckFinding) {
          let (sha256, duration, isSynthetic) = try pipeline.identify(take)
          if isSynthetic { continue }
          subjects.append(
            Reviewer.Subject(item: item, kind: .recording, hash: sha256, take: take, duration: duration))
        } catch { throw Failure.impossible("\(error)") }
      }
    }
    return subjects
  }

  private func show(_ subject: Reviewer.Subject, _ reviewer: Reviewer) {
    let item = subject.item
    let number = padded(item.prompt.number, 2)
    if let take = subject.take {
      let seconds = (subject.duration ?? 0).tenths
      print("\(number) \(item.prompt.id) (\(reviewer.status(subject).rawValue))  \(take.path), \(seconds) s")
    } else {
      print("\(number) \(item.prompt.id) (\(reviewer.status(subject).rawValue))")
      print("   \(item.wording.text)")
      if let back = item.wording.shownBack { print("   = \(back)") }
    }
    for note in reviewer.openNotes(subject) {
      print(Terminal.paint("   ! \(note.name) sent it back on \(note.date): \(note.note ?? "")", .yellow))
    }
  }

  /// `3 wordings`, `1 recording`, `2 wordings and 4 recordings`.
  static func count(_ subjects: [Reviewer.Subject]) -> String {
    let parts = Approval.Kind.allCases.compactMap { kind -> String? in
      let count = subjects.filter { $0.kind == kind }.count
      return count == 0 ? nil : counted(count, kind.rawValue)
    }
    return parts.isEmpty ? "nothing" : parts.joined(separator: " and ")
  }
}

extension Approval.Role: ExpressibleByArgument {}
