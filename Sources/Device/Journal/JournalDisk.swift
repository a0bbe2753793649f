import Glibc
import Posix
import Synchronization

/// What takes its time: files are brought to the disk, and old ones removed, by a thread that nobody waits for.
final class JournalDisk: Sendable {
  struct Orders: Sendable {
    /// To be synced, in this order.
    var files: [LockedFile] = []
    /// Names in the directory have changed.
    var directory = false
    /// To be removed behind that.
    var removals: [String] = []
    var quit = false
  }

  private let directory: String
  private let wake: Wake
  private let orders = Mutex(Orders())
  private let fault = Mutex<SystemError?>(nil)

  init(directory: String) throws(SystemError) {
    self.directory = directory
    wake = try Wake()
  }

  func order(_ change: (inout Orders) -> Void) {
    orders.withLock { change(&$0) }
    wake.signal()
  }

  /// What went wrong since the last time.
  func takeFault() -> SystemError? {
    fault.withLock { fault in
      defer { fault = nil }
      return fault
    }
  }

  /// The thread.
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
        // A directory that is gone meanwhile shows at the next line.
        if error.code != ENOENT { throw error }
      }
    }
    if orders.removals.isEmpty { return }
    for path in orders.removals { try posix("remove", path: path) { unlink(path) } }
    try Files.sync(directory: directory)
  }
}
