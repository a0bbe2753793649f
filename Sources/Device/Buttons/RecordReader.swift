import Glibc
import Posix

/// Records of one size from a descriptor that does not block: what a device of the kernel gives, or a pipe that speaks
/// the same bytes.
struct RecordReader<Record: BitwiseCopyable> {
  /// So that a device that never falls silent holds nobody up.
  private static var most: Int { 256 }

  /// The beginning of a record whose end has not come.
  private var rest: [UInt8] = []

  /// All that is there now; ENODEV where the other end is gone and everything has been read.
  mutating func read(_ descriptor: borrowing FileDescriptor) throws(SystemError) -> [Record] {
    let size = MemoryLayout<Record>.size
    var records: [Record] = []
    while records.count < Self.most {
      do throws(SystemError) {
        let bytes = try descriptor.read(atMost: 64 * size)
        if bytes.isEmpty { throw SystemError("read", code: ENODEV) }
        rest += bytes
      } catch {
        // What came before an end counts; the end is still there the next time.
        if error.code == EAGAIN || !records.isEmpty { break }
        throw error
      }
      let whole = rest.count / size
      rest.withUnsafeBytes { buffer in
        for index in 0..<whole { records.append(buffer.loadUnaligned(fromByteOffset: index * size, as: Record.self)) }
      }
      rest.removeFirst(whole * size)
    }
    return records
  }
}
