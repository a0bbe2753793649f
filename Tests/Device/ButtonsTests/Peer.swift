import CLinux
import Glibc
import Posix

/// The kernel's end of a descriptor of records: a test writes, and a source reads.
final class Peer {
  private var end: FileDescriptor?

  /// - Returns: this end, and the source's end, which does not block.
  static func pair() throws -> (peer: Peer, source: CInt) {
    var ends: [CInt] = [0, 0]
    try posix("pipe") { pipe(&ends) }
    try posix("fcntl") { fcntl(ends[0], F_SETFL, O_NONBLOCK) }
    return (Peer(owning: ends[1]), ends[0])
  }

  init(owning raw: CInt) { end = FileDescriptor(owning: raw) }

  func write<Record: BitwiseCopyable>(_ record: Record) throws {
    try write(bytes: withUnsafeBytes(of: record) { Array($0) })
  }

  func write(bytes: [UInt8]) throws { try end?.write(bytes) }

  /// Removes the device.
  func hangUp() { end = nil }
}
