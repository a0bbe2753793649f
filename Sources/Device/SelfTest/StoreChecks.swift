import Diagnostics
import Store

/// The checks of a device's store: whether its active kit can be played.
struct StoreChecks {
  private let store: Store
  private let subject: SelfTest.Subject

  /// Prepares the checks of the store at `path`.
  init(_ path: String, _ subject: SelfTest.Subject) {
    store = Store(path)
    self.subject = subject
  }

  /// As the daemon decides it: a board for field use ignores --allow-draft.
  private var acceptsDrafts: Bool { subject.allowDraft && subject.board?.use != .field }

  /// Runs all checks. Every clip of the kit is verified.
  ///
  /// - Parameter progress: called with the number of clips verified and the total.
  func run(progress: (_ done: Int, _ all: Int) -> Void) -> [Diagnostic] {
    let (snapshot, choice): (Store.Snapshot, Store.Snapshot.Choice)
    do throws(StoreError) {
      snapshot = try store.snapshot()
      choice = try snapshot.choose(acceptsDrafts: acceptsDrafts)
    } catch {
      return [Diagnostic("store", .error, "\(error)")]
    }
    var checks = choice.passedOver.map {
      Diagnostic(
        "store", .error, "not played: \($0)",
        remedy: $0.isAboutDrafts ? "install a released kit" : "'firstword install' the newest kit again")
    }
    if subject.board?.use == .field, let owner = store.owner, owner != 0 {
      checks.append(
        Diagnostic(
          "store", .warning, "\(store.path): account \(owner) owns it and can change what is played",
          remedy: "'sudo firstword store migrate' makes it root's"))
    }
    if let fault = snapshot.fault { checks.append(Diagnostic("store", .error, "\(fault)")) }
    if checks.isEmpty { checks = [Diagnostic("store", .note, "\(store.path): the active kit is played")] }
    if !choice.recalledClips.isEmpty {
      let count = counted(choice.recalledClips.count, "clip is", "clips are")
      checks.append(Diagnostic("recalls", .note, "\(count) recalled and not played"))
    }
    let kit = KitChecks(choice.kit.path, subject)
    return checks + kit.content(choice.kit, progress: progress)
      + [Diagnostic("trust", .note, "signed by \(choice.signer.key) (\(choice.signer.comment))")]
  }
}
