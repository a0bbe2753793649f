import ArgumentParser
import Catalogue
import Kit
import KitBuilder
import Posix
import Project

/// The reviewer's name, key and expiry date.
struct ReviewerOption: ParsableArguments {
  @Option(name: .customLong("by"), help: ArgumentHelp("The reviewer's name.", valueName: "NAME"))
  var name: String

  @Option(
    help: ArgumentHelp(
      "Prove the name with the reviewer's own secret key ('firstword keygen' creates one).", valueName: "NAME.key"))
  var key: String?

  // The earlier name of --key.
  @Option(name: .customLong("sign"), help: .hidden)
  var former: String?

  var sign: String? { key ?? former }

  @Option(
    name: .customLong("expires"),
    help: ArgumentHelp("The last day on which the approval counts. Default: no limit.", valueName: "YYYY-MM-DD"))
  var expires: String?

  func validate() throws {
    if key != nil && former != nil { throw ValidationError("--sign is the former name of --key; give --key alone") }
    if PersonName(name) == nil { throw ValidationError("--by takes a name with letters, on one line") }
    if let expires {
      if !Day.isDay(expires) { throw ValidationError("--expires takes a day such as 2027-05-01") }
      if expires < today() { throw ValidationError("--expires \(expires) is in the past") }
    }
  }
}

/// A reviewer of a project. Approvals and notes are written to disk immediately.
struct Reviewer {
  let name: String
  private let key: SecretKey?
  private let expires: String?
  private let project: ProjectOption
  let workspace: Workspace
  /// Makes the clips that the reviewer hears.
  let pipeline: ClipPipeline
  /// The approvals of the file and of this session.
  private(set) var approvals: Approvals
  private(set) var notes: ReviewNotes

  /// Creates a reviewer; asks for the key's passphrase if it has one.
  ///
  /// - Parameter revokes: whether the reviewer only revokes approvals, which needs no key under any policy.
  init(
    _ option: ReviewerOption, _ project: ProjectOption, _ workspace: Workspace, cache: BuildCache? = nil,
    revokes: Bool = false
  ) throws {
    name = option.name
    expires = option.expires
    self.project = project
    self.workspace = workspace
    pipeline = ClipPipeline(workspace, cache: cache)
    approvals = workspace.approvals
    notes = workspace.notes
    guard let path = option.sign else {
      if workspace.project.approvals == .proved && !revokes {
        throw Failure.impossible(
          """
          \(project.path(ProjectFile.name)) has 'approvals: proved', so an approval without a key does not count: add \
          --key NAME.key ('firstword keygen' creates one)
          """)
      }
      key = nil
      return
    }
    let key = try Terminal.secretKey(path)
    if let other = approvals.otherName(of: key.publicKey.id, than: option.name) {
      throw Failure.impossible(
        "the key \(key.publicKey.id) has signed as '\(other)' before; a key belongs to one person: use another key"
      )
    }
    self.key = key
  }

  var isProved: Bool { key != nil }

  /// A wording, or a recording of it, to approve.
  struct Subject {
    var item: ReviewItem
    var kind: Approval.Kind
    var hash: String
    var take: Take?
    /// The recording's duration in seconds; nil for a wording.
    var duration: Double?
  }

  /// Returns whether this person's approval counts today, and is signed with the key if there is one.
  func hasApproved(_ subject: Subject) -> Bool {
    own(subject).contains { entry in
      if let end = entry.expires, end < today() { return false }
      guard let key else { return true }
      return approvals.proof(of: entry) == .key(key.publicKey.id)
    }
  }

  /// Returns whether this person has approvals to revoke.
  func canRevoke(_ subject: Subject) -> Bool { !own(subject).isEmpty }

  /// Returns whether this person has approved or returned it.
  func hasJudged(_ subject: Subject) -> Bool {
    hasApproved(subject) || openNotes(subject).contains { PersonName($0.name) == PersonName(name) }
  }

  func openNotes(_ subject: Subject) -> [ReviewNote] {
    notes.open(
      subject.hash, kind: subject.kind, language: subject.item.language.tag, prompt: subject.item.prompt.id,
      approvals: approvals)
  }

  func status(_ subject: Subject) -> Status { standing(subject).status }

  func standing(_ subject: Subject) -> Standing {
    approvals.standing(
      of: subject.hash, kind: subject.kind, language: subject.item.language.tag, prompt: subject.item.prompt.id,
      on: today())
  }

  private func own(_ subject: Subject) -> [Approval] {
    approvals.approvals(
      of: subject.hash, kind: subject.kind, language: subject.item.language.tag, prompt: subject.item.prompt.id
    ).filter { PersonName($0.name) == PersonName(name) }
  }

  /// Approves or revokes all of the subjects or none.
  mutating func approve(_ subjects: [Subject], role: Approval.Role, revoking: Bool = false) throws {
    var entries: [Approval] = []
    for subject in subjects {
      let entry = Approval(
        hash: subject.hash, kind: subject.kind, language: subject.item.language.tag, prompt: subject.item.prompt.id,
        name: name, role: role, date: today(), expires: revoking ? nil : expires, revokes: revoking ? true : nil)
      entries.append(try key.map { try entry.signed(by: $0) } ?? entry)
    }
    try publishKey()
    try Approvals.append(entries, to: project.path(Approvals.name))
    approvals = approvals.adding(entries, key: key?.publicKey)
  }

  /// Appends a review note.
  mutating func note(_ subject: Subject, _ verdict: ReviewNote.Verdict, back: String? = nil, note: String? = nil) throws
  {
    let entry = ReviewNote(
      hash: subject.hash, kind: subject.kind, language: subject.item.language.tag, prompt: subject.item.prompt.id,
      name: name, date: today(), verdict: verdict, back: back, note: note)
    try ReviewNotes.append([entry], to: project.path(ReviewNotes.name))
    notes = notes.adding([entry])
  }

  /// Writes the public key into the project, where `check` looks for it.
  private func publishKey() throws {
    guard let key = key?.publicKey else { return }
    let directory = Path(project.path(Approvals.reviewers))
    let path = directory.appending("\(key.id).pub")
    if Files.exists(path) { return }
    try Files.makeDirectory(directory)
    try key.write(to: path.string)
    Terminal.remark(
      "\(path)  new; it states that this key belongs to \(name): keep it only if you know that this is true")
  }
}
