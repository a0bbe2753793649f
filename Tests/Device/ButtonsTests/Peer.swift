import CLinux
import Glibc
import Posix

/// The kernel's end of a descriptor that gives records: what a test writes here, a source reads.
final class Peer {
  private var end: FileDescriptor?

  /// - Returns: this end, and the one for the source, which does not block.
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

  /// The device is gone.
  func hangUp() { end = nil }
}
