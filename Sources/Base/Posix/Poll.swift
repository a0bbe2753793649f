import CLinux
import Glibc

/// A table of descriptors to wait for. poll(2)
///
/// The owner creates and fills a table for each wait.
public struct Poll: Sendable {
  private var table: [pollfd] = []

  /// Creates an empty table.
  public init() {}

  /// Adds a descriptor.
  ///
  /// - Parameters:
  ///   - descriptor: stays open until the wait has ended; the table does not own it.
  ///   - events: `POLLIN` and others of poll(2).
  /// - Returns: the index for `answer(_:)`.
  public mutating func add(_ descriptor: CInt, events: Int32) -> Int {
    table.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
    return table.count - 1
  }

  /// Sleeps until a descriptor has an event or `deadline` has passed; without a deadline, until an event. ppoll(2)
  ///
  /// A signal ends the wait early, without an error.
  ///
  /// - Parameter mask: the signal mask of the thread during the wait only; nil for its present one. A signal that is
  ///   blocked before, and not in this mask, is delivered in the wait and nowhere else: it cannot be missed between a
  ///   test of what its handler has set and the wait.
  public mutating func wait(until deadline: Monotonic?, mask: sigset_t? = nil) throws(SystemError) {
    var timeout = timespec()
    if let deadline {
      let left = max(0, deadline.since(.now))
      timeout = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
    }
    let code: CInt = table.withUnsafeMutableBufferPointer { buffer in
      withUnsafePointer(to: timeout) { timeout in
        let limit = deadline == nil ? nil : timeout
        let result =
          if var mask {
            fw_ppoll(buffer.baseAddress, nfds_t(buffer.count), limit, &mask)
          } else {
            fw_ppoll(buffer.baseAddress, nfds_t(buffer.count), limit, nil)
          }
        return result < 0 ? errno : 0
      }
    }
    if code != 0 && code != EINTR { throw SystemError("poll", code: code) }
  }

  /// Returns the events (`revents`) of the descriptor with this index; 0 if there are none.
  public func answer(_ index: Int) -> Int32 { Int32(table[index].revents) }
}
