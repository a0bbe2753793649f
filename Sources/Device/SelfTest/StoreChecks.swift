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

  /// Runs all checks. Every clip of the kit is verified.
  ///
  /// - Parameter progress: called with the number of clips verified and the total.
  func run(progress: (_ done: Int, _ all: Int) -> Void) -> [Check] {
    let choice: Store.Choice
    do throws(StoreError) { choice = try store.choose() } catch { return [Check("store", .error, "\(error)")] }
    var checks = choice.passedOver.map {
      Check("store", .error, "not played: \($0)", remedy: "'firstword install' the newest kit again")
    }
    if checks.isEmpty { checks = [Check("store", .ok, "\(store.path): the active kit is played")] }
    if !choice.recalledClips.isEmpty {
      checks.append(Check("recalls", .ok, "\(choice.recalledClips.count) clips are recalled and not played"))
    }
    let kit = KitChecks(choice.kit.path, subject)
    return checks + kit.content(choice.kit, progress: progress)
      + [Check("trust", .ok, "signed by \(choice.signer.key) (\(choice.signer.comment))")]
  }
}
