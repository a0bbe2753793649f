import Encoding
import Glibc
import Posix

/// The end of a file of the journal, after which the next line is written.
struct JournalTail {
  /// Number of the last line; 0 if there is none.
  var number = 0
  /// SHA-256 of the last line.
  var hash = JournalEntry.firstPrevious
  /// The entries that can be decoded, the latest last.
  var entries: [JournalEntry] = []
  /// Whether the last line lacks its newline.
  var isOpen = false
  /// Whether a later version of this program wrote the last line.
  var isOfLaterFormat = false
  /// Length of the last line in bytes, if a power cut tore it.
  var torn: Int?

  /// Bytes that are read at the end or the beginning of a file.
  private static let length = 65_536

  /// The highest number that is continued. A line with a higher one was not written by a device; continuing it would
  /// soon exhaust the numbers.
  private static let highest = JournalEntry.numbers.upperBound / 10

  /// Creates the end of an empty file.
  init() {}

  /// Reads the end of a file.
  init(path: String) throws(SystemError) {
    let file = try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK)
    try self.init(of: file, size: try file.regularFileSize(path: path))
  }

  /// Reads the end of an open file of `size` bytes.
  init(of file: borrowing FileDescriptor, size: Int) throws(SystemError) {
    let count = min(size, Self.length)
    let bytes = try file.read(count, at: size - count) ?? []
    isOpen = !bytes.isEmpty && bytes.last != 0x0A
    let lines = bytes.split(separator: 0x0A).map(Array.init)
    guard let last = lines.last else { return }
    let seal = JournalSeal(last)
    hash = seal.hash
    isOfLaterFormat = JournalEntry.laterFormat(of: last) != nil
    if isOpen, !seal.isWhole { torn = last.count }
    let known = lines.map(Self.entry(of:))
    entries = known.compactMap { $0 }
    // Lines after the last one that can be decoded are counted too.
    number = lines.count
    let numbered = known.lastIndex { $0.map { $0.number <= Self.highest } ?? false }
    if let index = numbered, let entry = known[index] { number = entry.number + lines.count - 1 - index }
  }

  /// Returns the SHA-256 of a line near the end of an open file; nil if it lies further back, or is missing.
  ///
  /// - Parameters:
  ///   - number: number of the line.
  ///   - last: number of the file's last line.
  static func hash(
    ofLine number: Int, in file: borrowing FileDescriptor, size: Int, last: Int
  ) throws(SystemError) -> String? {
    let count = min(size, length)
    let lines = (try file.read(count, at: size - count) ?? []).split(separator: 0x0A)
    let index = lines.count - 1 - (last - number)
    // The first one may be cut.
    guard lines.indices.contains(index), index > 0 || count == size else { return nil }
    return Digest.sha256(Array(lines[index]))
  }

  /// Returns the first entry of an open file; nil if it cannot be decoded.
  static func firstEntry(of file: borrowing FileDescriptor, size: Int) throws(SystemError) -> JournalEntry? {
    let bytes = try file.read(min(size, length), at: 0) ?? []
    return bytes.split(separator: 0x0A, maxSplits: 1).first.flatMap { entry(of: Array($0)) }
  }

  private static func entry(of line: [UInt8]) -> JournalEntry? {
    line.withUnsafeBufferPointer { try? JournalEntry(decoding: $0) }
  }
}
