import Catalogue
import Diagnostics
import Glibc
import KitBuilder
import Posix
import Project

/// Carries out the plan for a file that came back from a speaker or reviewer.
///
/// The line of the post ledger is written last. If the import is interrupted before, importing the file again completes
/// it: what is there already is known.
public struct ReturnTransaction {
  /// The directory in a project that keeps what was signed, with the signatures.
  public static let kept = "returns"

  private let project: String

  /// Creates a transaction.
  ///
  /// - Parameter project: the project's directory; the caller holds its ``ProjectLock``, and has recovered an
  ///   interrupted import.
  public init(_ project: String) { self.project = project }

  /// Imports what a plan names.
  ///
  /// - Parameters:
  ///   - plan: the plan.
  ///   - file: the file from which the plan was made.
  ///   - source: the same file as the source of recordings.
  ///   - tags: the tags of all languages of the catalogue.
  ///   - proceed: called before each recording with the number of recordings done; if it throws, no recording is
  ///   imported.
  /// - Returns: the new lines of the import ledger.
  public func carryOut(
    _ plan: ReturnPlan, _ file: PostReturn, _ source: Source, tags: [String], proceed: (_ done: Int) throws -> Void
  ) throws -> [ImportRecord] {
    if plan.imported != nil { return [] }
    try ProjectDirectory(project).refuseLinks(
      in: [Self.kept, PostLedger.name, Approvals.name, ReviewNotes.name, Speakers.name])
    // Without the speaker, recordings could be used that nobody has agreed to.
    if plan.isNewSpeaker, let speaker = plan.speaker { try Speakers.add(speaker, to: path(Speakers.name), tags: tags) }
    if plan.entersKey, let speaker = plan.speaker {
      try Speakers.enterKey(of: speaker, in: path(Speakers.name), tags: tags)
    }
    // Its approvals and the speaker's consent came with the recordings, and stay.
    let lines = try ImportTransaction(project).carryOut(
      plan.takes, source, day: plan.record.date, isUndoable: false, proceed: proceed)
    try Approvals.append(plan.approvals, to: path(Approvals.name))
    try ReviewNotes.append(plan.notes, to: path(ReviewNotes.name))
    try Files.makeDirectory(path(Self.kept))
    let stem = path("\(Self.kept)/\(file.content.page.prefix(8))-\(file.key.id)-\(file.content.serial)")
    try Files.replace("\(stem).json", with: file.signed.content)
    try Files.replace("\(stem).json.minisig", with: file.signed.signature)
    try PostLedger.append([plan.record], to: path(PostLedger.name))
    return lines
  }

  private func path(_ name: String) -> String { Path(project).appending(name).string }
}

extension Workspace {
  /// Returns whether the plan of a returned file that was made of another state of the project holds for this one.
  public func keepsReturn(madeOf other: Workspace) -> Bool {
    keepsPlan(madeOf: other) && catalogue.languages == other.catalogue.languages && approvals == other.approvals
  }
}
