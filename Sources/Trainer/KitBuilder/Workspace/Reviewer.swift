import Catalogue
import Encoding
import Kit
import Posix
import Project

/// A reviewer of a project. Approvals and notes are appended to the project's ledgers immediately.
public struct Reviewer: Sendable {
  /// The reviewer's name.
  public let name: String
  private let key: SecretKey?
  private let expires: String?
  private let day: String
  /// The project.
  public let workspace: Workspace
  /// Makes the clips that the reviewer hears.
  public let pipeline: ClipPipeline
  /// The approvals of the file and of this reviewer.
  public private(set) var approvals: Approvals
  /// The notes of the file and of this reviewer.
  public private(set) var notes: ReviewNotes

  /// Creates a reviewer.
  ///
  /// - Parameters:
  ///   - name: a name with letters.
  ///   - key: proves the name; nil for none.
  ///   - expires: the last day on which the approvals count; nil for no limit.
  ///   - workspace: the project, read for the day of the review.
  ///   - cache: what was made before; `nil` makes every clip anew.
  ///   - revokes: whether the reviewer only revokes approvals, which needs no key under any policy.
  /// - Throws: an error if the project's policy requires a key, or if the key has signed under another name.
  public init(
    name: String, key: SecretKey?, expires: String? = nil, workspace: Workspace, cache: BuildCache? = nil,
    revokes: Bool = false
  ) throws(ReviewerError) {
    if let key, let other = workspace.approvals.otherName(of: key.publicKey.id, than: name) {
      throw .keyOfAnother(key.publicKey.id, name: other)
    }
    if key == nil, workspace.project.approvals == .proved, !revokes { throw .noKey }
    self.name = name
    self.key = key
    self.expires = expires
    self.workspace = workspace
    day = workspace.day ?? Day.today()
    pipeline = ClipPipeline(workspace, cache: cache)
    approvals = workspace.approvals
    notes = workspace.notes
  }

  /// Whether a key proves the name.
  public var isProved: Bool { key != nil }

  /// A wording, or a recording of it, to approve.
  public struct Subject: Sendable {
    /// The wording, with its prompt and language.
    public var item: ReviewItem
    /// Whether the wording or a recording is judged.
    public var kind: Approval.Kind
    /// The SHA-256 of the content.
    public var hash: String
    /// The recording; nil for a wording.
    public var take: Take?
    /// The recording's duration in seconds; nil for a wording.
    public var duration: Double?

    /// Creates a subject.
    public init(item: ReviewItem, kind: Approval.Kind, hash: String, take: Take? = nil, duration: Double? = nil) {
      self.item = item
      self.kind = kind
      self.hash = hash
      self.take = take
      self.duration = duration
    }
  }

  // MARK: - What was judged

  /// Returns whether this person's approval counts today, and is signed with the key if there is one.
  public func hasApproved(_ subject: Subject) -> Bool {
    own(subject).contains { entry in
      if let end = entry.expires, end < day { return false }
      guard let key else { return true }
      return approvals.proof(of: entry) == .key(key.publicKey.id)
    }
  }

  /// Returns whether this person has approvals to revoke.
  public func canRevoke(_ subject: Subject) -> Bool { !own(subject).isEmpty }

  /// Returns whether this person has returned it, and has not judged it again.
  public func hasReturned(_ subject: Subject) -> Bool {
    openNotes(subject).contains { PersonName($0.name) == PersonName(name) }
  }

  /// Returns whether this person has approved or returned it.
  public func hasJudged(_ subject: Subject) -> Bool { hasApproved(subject) || hasReturned(subject) }

  /// Returns whether this person speaks in a recording: nobody approves the own voice.
  public func isSpeaker(of subject: Subject) -> Bool {
    subject.take.flatMap(workspace.speaker).map { PersonName($0.pseudonym) == PersonName(name) } ?? false
  }

  /// Returns the open notes on a subject.
  public func openNotes(_ subject: Subject) -> [ReviewNote] {
    notes.open(
      subject.hash, kind: subject.kind, language: subject.item.language.tag, prompt: subject.item.prompt.id,
      approvals: approvals)
  }

  /// Returns the status of a subject.
  public func status(_ subject: Subject) -> Status { standing(subject).status }

  /// Returns the approvals of a subject, counted by person.
  public func standing(_ subject: Subject) -> Standing {
    approvals.standing(
      of: subject.hash, kind: subject.kind, language: subject.item.language.tag, prompt: subject.item.prompt.id,
      on: day)
  }

  private func own(_ subject: Subject) -> [Approval] {
    approvals.approvals(
      of: subject.hash, kind: subject.kind, language: subject.item.language.tag, prompt: subject.item.prompt.id
    ).filter { PersonName($0.name) == PersonName(name) }
  }

  // MARK: - Verdicts

  /// Approves all of the subjects or none.
  ///
  /// - Returns: the path of the reviewer's public key, if it is new in the project.
  /// - Throws: an error if one is a recording of the reviewer's own voice, or if the ledger cannot be written.
  @discardableResult
  public mutating func approve(_ subjects: [Subject], role: Approval.Role) throws(ReviewerError) -> String? {
    if let own = subjects.first(where: isSpeaker), let take = own.take { throw .ownVoice(take.path) }
    return try append(subjects, role: role, isRevoking: false)
  }

  /// Revokes this person's approvals of all of the subjects.
  @discardableResult
  public mutating func revoke(_ subjects: [Subject], role: Approval.Role) throws(ReviewerError) -> String? {
    try append(subjects, role: role, isRevoking: true)
  }

  /// Accepts a subject: approves it, and notes the reviewer's own back-translation.
  ///
  /// - Returns: the path of the reviewer's public key, if it is new in the project.
  @discardableResult
  public mutating func accept(_ subject: Subject, back: String? = nil) throws(ReviewerError) -> String? {
    let path = try approve([subject], role: subject.kind == .wording ? .backTranslator : .listener)
    try note(subject, .accepted, back: back)
    return path
  }

  /// Returns a subject to the trainer: revokes this person's approvals of it, and notes what is wrong.
  public mutating func sendBack(_ subject: Subject, back: String? = nil, note text: String) throws(ReviewerError) {
    if canRevoke(subject) { try revoke([subject], role: .listener) }
    try note(subject, .returned, back: back, note: text)
  }

  /// Takes back this person's verdict on a subject: revokes approvals, and withdraws an open note.
  public mutating func undo(_ subject: Subject) throws(ReviewerError) {
    let isReturned = hasReturned(subject)
    if canRevoke(subject) { try revoke([subject], role: .listener) }
    if isReturned { try note(subject, .withdrawn) }
  }

  private mutating func append(
    _ subjects: [Subject], role: Approval.Role, isRevoking: Bool
  ) throws(ReviewerError) -> String? {
    var entries: [Approval] = []
    var published: String?
    do throws(KeyError) {
      for subject in subjects {
        let entry = Approval(
          hash: subject.hash, kind: subject.kind, language: subject.item.language.tag, prompt: subject.item.prompt.id,
          name: name, role: role, date: day, expires: isRevoking ? nil : expires, revokes: isRevoking ? true : nil)
        if let key { entries.append(try entry.signed(by: key)) } else { entries.append(entry) }
      }
      published = try publishKey()
    } catch { throw .key(error) }
    do throws(SystemError) { try Approvals.append(entries, to: path(Approvals.name)) } catch { throw .system(error) }
    approvals = approvals.adding(entries, key: key?.publicKey)
    return published
  }

  private mutating func note(
    _ subject: Subject, _ verdict: ReviewNote.Verdict, back: String? = nil, note: String? = nil
  ) throws(ReviewerError) {
    let entry = ReviewNote(
      hash: subject.hash, kind: subject.kind, language: subject.item.language.tag, prompt: subject.item.prompt.id,
      name: name, date: day, verdict: verdict, back: back, note: note)
    do throws(SystemError) { try ReviewNotes.append([entry], to: path(ReviewNotes.name)) } catch {
      throw .system(error)
    }
    notes = notes.adding([entry])
  }

  /// Writes the public key into the project, where `check` looks for it; returns its path if it is new.
  private func publishKey() throws(KeyError) -> String? {
    guard let key = key?.publicKey else { return nil }
    let directory = Path(path(Approvals.reviewers))
    let path = directory.appending("\(key.id).pub")
    if Files.exists(path) { return nil }
    do throws(SystemError) { try Files.makeDirectory(directory) } catch { throw .system(error) }
    try key.write(to: path.string)
    return path.string
  }

  /// The path of a file in the project, without `./` before it.
  private func path(_ name: String) -> String {
    Path(workspace.directory == "." ? "" : workspace.directory).appending(name).string
  }
}

/// Why a person cannot review, or why a verdict was not saved.
public enum ReviewerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The project has `approvals: proved`, and the reviewer has no key.
  case noKey
  /// The key has signed under another name.
  case keyOfAnother(KeyID, name: String)
  /// The reviewer speaks in this recording.
  case ownVoice(String)
  /// The approval cannot be signed, or the public key cannot be written.
  case key(KeyError)
  /// A ledger cannot be written.
  case system(SystemError)

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .noKey:
      "kit.yaml has 'approvals: proved', so an approval without a key does not count: give the reviewer's key"
    case .keyOfAnother(let key, let name):
      "the key \(key) has signed as '\(name)' before; a key belongs to one person: use another key"
    case .ownVoice(let path): "\(path): nobody approves the own voice: let another person listen to it"
    case .key(let error): "\(error)"
    case .system(let error): "\(error)"
    }
  }
}
