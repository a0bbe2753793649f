import Glibc
import Posix
import Synchronization

/// Syncs files and removes old ones on a thread of its own, so that no line waits for a slow SD card.
final class SyncThread: Sendable {
  /// Work that waits for the thread.
  struct Orders: Sendable {
    /// Files to sync, in this order.
    var files: [LockedFile] = []
    /// Whether names in the directory changed.
    var directory = false
    /// Paths to remove after that.
    var removals: [String] = []
    /// Whether the thread ends after that.
    var quit = false
  }

  private let directory: String
  private let wake: Wake
  private let orders = Mutex(Orders())
  private let fault = Mutex<SystemError?>(nil)

  /// Creates the orders for files of one directory. `run()` is the thread's body.
  init(directory: String) throws(SystemError) {
    self.directory = directory
    wake = try Wake()
  }

  /// Adds to the orders and wakes the thread; never blocks. Any thread may call it.
  func order(_ change: (inout Orders) -> Void) {
    orders.withLock { change(&$0) }
    wake.signal()
  }

  /// Returns the last error since the previous call. Any thread may call it.
  func takeFault() -> SystemError? {
    fault.withLock { fault in
      defer { fault = nil }
      return fault
    }
  }

  /// Carries out orders until one says `quit`.
  func run() {
    while true {
      var poll = Poll()
      _ = poll.add(wake.descriptor, events: POLLIN)
      try? poll.wait(until: nil)
      wake.clear()
      let taken = orders.withLock { orders in
        defer { orders = Orders(quit: orders.quit) }
        return orders
      }
      do throws(SystemError) { try carryOut(taken) } catch { fault.withLock { $0 = error } }
      if taken.quit { return }
    }
  }

  /// fdatasync(2), unlink(2)
  private func carryOut(_ orders: Orders) throws(SystemError) {
    for file in orders.files {
      let raw = file.descriptor.raw
      try posix("sync") { fdatasync(raw) }
    }
    if orders.directory {
      do throws(SystemError) { try Files.sync(directory: directory) } catch {
        // A directory that was removed meanwhile is reported with the next line.
        if error.code != ENOENT { throw error }
      }
    }
    if orders.removals.isEmpty { return }
    for path in orders.removals { try posix("remove", path: path) { unlink(path) } }
    try Files.sync(directory: directory)
  }
}
