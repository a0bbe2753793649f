import Glibc
import Posix

/// Reads records of a fixed size from a non-blocking descriptor: a kernel device, or a pipe with the same records.
struct RecordReader<Record: BitwiseCopyable> {
  /// Maximum number of records for one call, so that a device that never stops sending cannot block the loop.
  private static var maximumRecords: Int { 256 }

  /// The start of an incomplete record.
  private var rest: [UInt8] = []

  /// Returns the records that are available now.
  ///
  /// - Throws: ENODEV where the other end is closed and all records have been read.
  mutating func read(_ descriptor: borrowing FileDescriptor) throws(SystemError) -> [Record] {
    let size = MemoryLayout<Record>.size
    var records: [Record] = []
    while records.count < Self.maximumRecords {
      do throws(SystemError) {
        let bytes = try descriptor.read(atMost: 64 * size)
        if bytes.isEmpty { throw SystemError("read", code: ENODEV) }
        rest += bytes
      } catch {
        // Records before the end of the stream are returned first; the next call reports the end.
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
