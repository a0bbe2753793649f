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
  public mutating func wait(until deadline: Monotonic?) throws(SystemError) {
    var timeout = timespec()
    if let deadline {
      let left = max(0, deadline.since(.now))
      timeout = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
    }
    let code: CInt = table.withUnsafeMutableBufferPointer { buffer in
      let result =
        deadline == nil
        ? fw_ppoll(buffer.baseAddress, nfds_t(buffer.count), nil)
        : fw_ppoll(buffer.baseAddress, nfds_t(buffer.count), &timeout)
      return result < 0 ? errno : 0
    }
    if code != 0 && code != EINTR { throw SystemError("poll", code: code) }
  }

  /// Returns the events (`revents`) of the descriptor with this index; 0 if there are none.
  public func answer(_ index: Int) -> Int32 { Int32(table[index].revents) }
}
