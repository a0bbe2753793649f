import Catalogue
import Diagnostics
import Glibc
import Import
import KitBuilder
import Posix
import Project
import Synchronization
import Web

/// A project as the studio has read it last. It is read again when one of its files changes.
final class ProjectStore: Sendable {
  /// The project's id: its directory's name.
  let id: String
  /// The project's directory.
  let directory: String
  private let catalogue: String
  private let memory: CatalogueMemory
  /// The time to wait for another process that writes, in milliseconds.
  private static let patience = 2000
  /// The hashes of the project's recordings.
  let hashes = ContentHashes()

  private struct State {
    var snapshot: ProjectSnapshot?
    /// Whether a file of the snapshot may have been written again without another stamp.
    var isFresh = false
    var isTidy = false
    var check: LastCheck?
    /// The version that the pages know.
    var announced: String?
  }

  private let state = Mutex(State())
  /// Held by the request that changes the project; other requests wait.
  private let turn = Mutex(())

  /// Creates a store; nothing is read.
  ///
  /// - Parameters:
  ///   - catalogue: the catalogue's directory.
  ///   - memory: what was read of the catalogue.
  init(id: String, directory: String, catalogue: String, memory: CatalogueMemory) {
    self.id = id
    self.directory = directory
    self.catalogue = catalogue
    self.memory = memory
  }

  /// Tidies the project, once.
  func tidy() {
    let isTidy = state.withLock { state in
      defer { state.isTidy = true }
      return state.isTidy
    }
    if isTidy { return }
    if !Self.tidy(directory) { state.withLock { $0.isTidy = false } }
  }

  /// Removes what a killed program left in a project, and finishes an import that it had begun, unless another process
  /// writes to the project.
  ///
  /// - Returns: false if one does; nothing is changed then.
  static func tidy(_ directory: String) -> Bool {
    guard let lock = try? ProjectLock(ifFree: directory, busy: { _ in }) else { return false }
    defer { lock.end() }
    LeftOvers.remove(from: directory)
    // The next import reports one that cannot be finished.
    _ = try? ImportTransaction(directory).recover()
    return true
  }

  /// Returns the project as its files are now.
  ///
  /// - Throws: every error in its files.
  func read() throws(Refusal) -> ProjectSnapshot {
    let (directory, catalogue, hashes, memory) = (directory, catalogue, hashes, memory)
    return try state.withLock { (state) throws(Refusal) -> ProjectSnapshot in
      let day = Day.today()
      let stamp = FileStamp.of(project: directory, catalogue: catalogue)
      if state.announced == nil { state.announced = stamp.version }
      if let snapshot = state.snapshot, !state.isFresh, snapshot.version == stamp.version,
        snapshot.workspace.day == day
      {
        return snapshot
      }
      state.snapshot = nil
      do throws(DiagnosticsError) {
        let workspace = try Workspace(directory: directory, catalogue: catalogue, day: day, memory: memory)
        let snapshot = ProjectSnapshot(
          version: stamp.version, workspace: workspace, check: state.check, hashes: hashes)
        state.snapshot = snapshot
        state.isFresh = stamp.isFresh
        // What parsing needed is several times what is kept.
        Memory.trim()
        return snapshot
      } catch { throw Refusal(422, error.diagnostics) }
    }
  }

  /// Changes files of the project, under its lock; one request at a time.
  ///
  /// - Throws: a refusal if another process holds the lock.
  func changing<Result: Sendable>(_ change: () throws(Refusal) -> Result) throws(Refusal) -> Result {
    try judging { () throws(Refusal) -> Result in
      let lock = try lock()
      defer { lock.end() }
      return try change()
    }
  }

  /// Takes the project's lock; waits a moment for another process.
  private func lock() throws(Refusal) -> ProjectLock {
    let deadline = Monotonic.now.adding(milliseconds: Self.patience)
    while true {
      var holder = "another process"
      do throws(SystemError) {
        if let lock = try ProjectLock(ifFree: directory, busy: { holder = $0 }) { return lock }
      } catch { throw Refusal(500, "failed", "the project cannot be locked: \(error)", "look at its directory") }
      if Monotonic.now > deadline {
        throw Refusal(423, "locked", "\(holder) is writing to the project", "try again when that has ended")
      }
      usleep(20_000)
    }
  }

  /// Adds lines to the ledgers; one request at a time.
  func judging<Result: Sendable>(_ change: () throws(Refusal) -> Result) throws(Refusal) -> Result {
    try turn.withLock { (_) throws(Refusal) -> Result in try change() }
  }

  /// Returns the version of the files as they are now, which the pages know from now on.
  func announce() -> String {
    let version = currentVersion
    state.withLock { $0.announced = version }
    return version
  }

  /// Whether files changed since the pages were informed. One page that has read the change does not inform the others.
  var hasNews: Bool {
    guard let announced = state.withLock({ $0.announced }) else { return false }
    return announced != currentVersion
  }

  private var currentVersion: String { FileStamp.of(project: directory, catalogue: catalogue).version }

  /// The last check since the program started.
  var lastCheck: LastCheck? { state.withLock { $0.check } }

  /// Keeps the report of a check.
  func keep(_ report: CheckReport) {
    let check = LastCheck(report, at: .now)
    state.withLock {
      $0.check = check
      $0.snapshot = nil
    }
  }

  /// Frees what was read.
  func forget() { state.withLock { $0.snapshot = nil } }
}

/// A project at one time: everything that views are made of.
struct ProjectSnapshot: Sendable {
  /// Changes with any of the files.
  let version: String
  let workspace: Workspace
  let cells: ProjectCells
  /// What the last check found, by language and item.
  let remarks: [String: [CheckFinding]]
  let check: LastCheck?
  let due: [WorkDue]

  init(version: String, workspace: Workspace, check: LastCheck?, hashes: ContentHashes) {
    self.version = version
    self.workspace = workspace
    self.check = check
    remarks = check?.remarks() ?? [:]
    cells = ProjectCells(workspace, hashes: hashes, remarks: remarks)
    due = WorkDue.all(
      cells, speakers: workspace.speakers, approvals: workspace.approvals, notes: workspace.notes)
  }
}
