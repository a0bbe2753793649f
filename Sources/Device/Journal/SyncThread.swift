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
    /// The ends of full files, and the last line that was written: what is signed once the files are synced.
    var ends: [JournalSigner.End] = []
    /// Number of the last line that the policy has removed.
    var removed = 0
    /// Whether the thread ends after that.
    var quit = false
  }

  private let directory: String
  private let wake: Wake
  private let orders = Mutex(Orders())
  private let failure = Mutex<SystemError?>(nil)
  private let signFailure = Mutex<SystemError?>(nil)
  private let signer: Mutex<JournalSigner?>
  /// Readable when orders could not be carried out.
  let failed: Wake

  /// The shortest time between two signatures of a journal that grows, in milliseconds. Each writes a file, and an SD card
  /// wears.
  static let signInterval: Int64 = 60_000

  /// Creates the orders for files of one directory. `run()` is the thread's body.
  ///
  /// - Parameter signer: signs the ends; nil if nothing is signed.
  init(directory: String, signer: JournalSigner? = nil) throws(SystemError) {
    self.directory = directory
    self.signer = Mutex(signer)
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

  /// Why the last end could not be signed; nil if it was. Any thread may read it.
  var signFault: SystemError? { signFailure.withLock { $0 } }

  /// Says that the head which was signed last fits the journal. To be called before the first order.
  func proveHead() { signer.withLock { $0?.prove() } }

  /// Carries out orders until one says `quit`. Those that fail are retried with the next.
  func run() {
    var left = Orders()
    // The first line of a run is signed at once.
    var next = Monotonic(nanoseconds: 0)
    while true {
      var poll = Poll()
      _ = poll.add(wake.descriptor, events: POLLIN)
      try? poll.wait(until: left.ends.isEmpty ? nil : next)
      wake.clear()
      let taken = orders.withLock { orders in
        defer { orders = Orders(removed: orders.removed, quit: orders.quit) }
        return orders
      }
      for file in taken.files where !left.files.contains(where: { $0 === file }) { left.files.append(file) }
      left.directory = left.directory || taken.directory
      left.removals += taken.removals
      // Only the last of those that close no file counts.
      for end in taken.ends {
        left.ends.removeAll { !$0.closes }
        left.ends.append(end)
      }
      left.removed = taken.removed
      do throws(SystemError) {
        try Self.carryOut(&left, in: directory)
        failure.withLock { $0 = nil }
        // An order without a line, such as that of a new file, must not put off the first signature.
        let isDue = taken.quit || Monotonic.now >= next || left.ends.contains(where: \.closes)
        if isDue && !left.ends.isEmpty {
          next = .now.adding(milliseconds: Int(Self.signInterval))
          sign(&left)
        }
      } catch {
        failure.withLock { $0 = error }
        failed.signal()
        next = .now.adding(milliseconds: Int(Self.signInterval))
      }
      if taken.quit { return }
    }
  }

  /// Signs ends whose lines are on the disk: one that a power cut has lost would look removed. What fails is retried.
  private func sign(_ orders: inout Orders) {
    var own = signer.withLock { $0 }
    defer {
      let changed = own
      signer.withLock { $0 = changed }
    }
    do throws(SystemError) {
      while let end = orders.ends.first {
        try own?.sign(end, at: .now, removed: orders.removed)
        orders.ends.removeFirst()
      }
      signFailure.withLock { $0 = nil }
    } catch {
      let isNew = signFailure.withLock { failure in
        defer { failure = error }
        return failure == nil
      }
      if isNew { failed.signal() }
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
