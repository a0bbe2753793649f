import CLinux
import Glibc

/// One wait on many descriptors: poll(2) over a table that its owner fills anew.
public struct Poll: Sendable {
  private var table: [pollfd] = []

  public init() {}

  /// Adds a descriptor; the number returned asks for its answer after `wait`.
  public mutating func add(_ descriptor: CInt, events: Int32) -> Int {
    table.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
    return table.count - 1
  }

  /// Sleeps until a descriptor has something or `deadline` has come; with no deadline, for as long as it takes.
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

  /// What poll(2) answered for the descriptor that `add` gave this number; 0 is nothing.
  public func answer(_ number: Int) -> Int32 { Int32(table[number].revents) }
}
