import Posix
import Synchronization

/// Looks for another kit on a thread of its own: reading and verifying one takes longer than a press may wait.
final class KitSearch: Sendable {
  private let source: KitSource
  private let wake: Wake
  /// The last result that was not taken.
  private let found = Mutex<KitSource.Report?>(nil)
  /// Whether a search is under way, and whether another follows it.
  private let state = Mutex((isUnderWay: false, isWantedAgain: false))

  /// Creates a search in this source.
  init(_ source: KitSource) throws(SystemError) {
    self.source = source
    wake = try Wake()
  }

  /// Readable when there is a result. poll(2)
  var descriptor: CInt { wake.descriptor }

  /// Begins a search; if one is under way, another follows it, because its result may be old.
  func begin() {
    let isIdle = state.withLock { state in
      let isIdle = !state.isUnderWay
      state = (true, !isIdle)
      return isIdle
    }
    if !isIdle { return }
    do throws(SystemError) { try Thread("kit") { self.run() }.detach() } catch { run() }
  }

  private func run() {
    while true {
      let report = source.search()
      found.withLock { $0 = report }
      wake.signal()
      let isDone = state.withLock { state in
        let isDone = !state.isWantedAgain
        state = (!isDone, false)
        return isDone
      }
      if isDone { return }
    }
  }

  /// Returns the result since the previous call.
  func take() -> KitSource.Report? {
    wake.clear()
    return found.withLock { found in
      defer { found = nil }
      return found
    }
  }
}
