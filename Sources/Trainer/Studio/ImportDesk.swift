import Import
import KitBuilder
import Posix
import Project
import Synchronization
import Web

/// The plans of imports that the page shows, with what was measured of their files. Drafts lie on the disk; a plan is
/// made again when the program was started again.
final class ImportDesk: Sendable {
  /// A plan, and what it was made of.
  struct Planned: Sendable {
    /// Changes with each plan.
    var number: Int
    /// The draft's version of which it was made.
    var draft: String
    /// The version of the project's files.
    var project: String
    var workspace: Workspace
    var plan: ImportPlan
    /// The whole plan of a file that came back by post; `plan` has its recordings. Nil for other files.
    var returned: ReturnPlan?
  }

  /// What is known of one draft.
  private struct Entry {
    var key: String
    let memory = ImportMemory()
    var planned: Planned?
  }

  private struct State {
    /// The one that was used last at the end.
    var entries: [Entry] = []
    var number = 0
    var swept: Monotonic?
  }

  private let state = Mutex(State())
  /// Held while a draft is read and written.
  private let turn = Mutex(())
  /// How many drafts are held in memory.
  private static let held = 4
  /// The time between two removals of old drafts, in milliseconds.
  private static let pause = 3_600_000

  /// Returns what was measured of a draft's files.
  func memory(_ draft: ImportDraft, of store: ProjectStore) -> ImportMemory {
    state.withLock { state in state.entries[Self.entry(draft.id, store, &state)].memory }
  }

  /// Returns the last plan of a draft.
  func planned(_ draft: ImportDraft, of store: ProjectStore) -> Planned? {
    state.withLock { state in state.entries[Self.entry(draft.id, store, &state)].planned }
  }

  /// Keeps a plan. One that was made of the same files, choices and project as the last one keeps its number, so that a
  /// person can import what they see while it is planned once more.
  ///
  /// - Returns: the plan with its number.
  func keep(
    _ plan: ImportPlan, returned: ReturnPlan? = nil, of draft: ImportDraft, in store: ProjectStore,
    _ snapshot: ProjectSnapshot
  ) -> Planned {
    state.withLock { state in
      let index = Self.entry(draft.id, store, &state)
      let same = state.entries[index].planned.flatMap { old in
        old.draft == draft.version && old.project == snapshot.version
          && snapshot.workspace.keepsPlan(madeOf: old.workspace) ? old.number : nil
      }
      if same == nil { state.number += 1 }
      let planned = Planned(
        number: same ?? state.number, draft: draft.version, project: snapshot.version, workspace: snapshot.workspace,
        plan: plan, returned: returned)
      state.entries[index].planned = planned
      return planned
    }
  }

  /// Forgets a draft.
  func forget(_ id: String, of store: ProjectStore) {
    state.withLock { $0.entries.removeAll { $0.key == "\(store.directory)/\(id)" } }
  }

  private static func entry(_ id: String, _ store: ProjectStore, _ state: inout State) -> Int {
    let key = "\(store.directory)/\(id)"
    if let index = state.entries.firstIndex(where: { $0.key == key }) {
      state.entries.append(state.entries.remove(at: index))
    } else {
      state.entries.append(Entry(key: key))
      if state.entries.count > held { state.entries.removeFirst() }
    }
    return state.entries.count - 1
  }

  /// Reads and writes drafts; one request at a time.
  func changing<Result: Sendable>(_ change: () throws(Refusal) -> Result) throws(Refusal) -> Result {
    try turn.withLock { (_) throws(Refusal) -> Result in try change() }
  }

  /// Returns whether it is time to remove old drafts.
  var isSweepDue: Bool {
    state.withLock { state in
      if let swept = state.swept, Monotonic.now < swept.adding(milliseconds: Self.pause) { return false }
      state.swept = .now
      return true
    }
  }
}
