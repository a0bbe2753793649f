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
  private let failure = Mutex<SystemError?>(nil)
  /// Readable when orders could not be carried out.
  let failed: Wake

  /// Creates the orders for files of one directory. `run()` is the thread's body.
  init(directory: String) throws(SystemError) {
    self.directory = directory
    wake = try Wake()
    failed = try Wake()
  }

  /// Adds to the orders and wakes the thread; never blocks. Any thread may call it.
  func order(_ change: (inout Orders) -> Void) {
    orders.withLock { change(&$0) }
    wake.signal()
  }

  /// Why the last orders could not be carried out; nil if they were. Any thread may read it.
  var fault: SystemError? { failure.withLock { $0 } }

  /// Carries out orders until one says `quit`. Those that fail are retried with the next.
  func run() {
    var left = Orders()
    while true {
      var poll = Poll()
      _ = poll.add(wake.descriptor, events: POLLIN)
      try? poll.wait(until: nil)
      wake.clear()
      let taken = orders.withLock { orders in
        defer { orders = Orders(quit: orders.quit) }
        return orders
      }
      for file in taken.files where !left.files.contains(where: { $0 === file }) { left.files.append(file) }
      left.directory = left.directory || taken.directory
      left.removals += taken.removals
      do throws(SystemError) {
        try Self.carryOut(&left, in: directory)
        failure.withLock { $0 = nil }
      } catch {
        failure.withLock { $0 = error }
        failed.signal()
      }
      if taken.quit { return }
    }
  }

  /// Carries out orders, and takes those away that are done. fdatasync(2), unlink(2)
  private static func carryOut(_ orders: inout Orders, in directory: String) throws(SystemError) {
    while let file = orders.files.first {
      let raw = file.descriptor.raw
      try posix("sync") { fdatasync(raw) }
      orders.files.removeFirst()
    }
    if orders.directory {
      do throws(SystemError) { try Files.sync(directory: directory) } catch {
        // A directory that was removed meanwhile is reported with the next line.
        if error.code != ENOENT { throw error }
      }
      orders.directory = false
    }
    while let path = orders.removals.first {
      if unlink(path) != 0 && errno != ENOENT { throw SystemError("remove", path: path, code: errno) }
      orders.removals.removeFirst()
      orders.directory = true
    }
    if orders.directory { try carryOut(&orders, in: directory) }
  }
}
