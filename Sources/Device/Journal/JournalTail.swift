import Encoding
import Glibc
import Posix

/// How a file of the journal ends: what the next line goes on from.
struct JournalTail {
  /// Of the last line; 0 where there is none.
  var number = 0
  var hash = JournalEntry.firstPrevious
  /// Those that can be read, the latest last.
  var entries: [JournalEntry] = []
  /// The last line lacks its newline.
  var isOpen = false
  /// Bytes of the last line, where a power cut tore it.
  var torn: Int?

  /// Bytes that are looked at.
  private static let length = 65_536

  init() {}

  init(path: String) throws(SystemError) {
    let file = try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK)
    try self.init(of: file, size: try file.regularFileSize(path: path))
  }

  init(of file: borrowing FileDescriptor, size: Int) throws(SystemError) {
    let count = min(size, Self.length)
    let bytes = try file.read(count, at: size - count) ?? []
    isOpen = !bytes.isEmpty && bytes.last != 0x0A
    let lines = bytes.split(separator: 0x0A).map(Array.init)
    guard let last = lines.last else { return }
    hash = Digest.sha256(last)
    if isOpen, !JournalEntry.isWhole(last) { torn = last.count }
    let known = lines.map { try? Documents.decode(JournalEntry.self, from: $0) }
    entries = known.compactMap { $0 }
    // Lines behind the last one that can be read are counted too.
    number = lines.count
    if let index = known.lastIndex(where: { $0 != nil }), let entry = known[index] {
      number = entry.number + lines.count - 1 - index
    }
  }

  static func firstEntry(of file: borrowing FileDescriptor, size: Int) throws(SystemError) -> JournalEntry? {
    let bytes = try file.read(min(size, length), at: 0) ?? []
    return bytes.split(separator: 0x0A, maxSplits: 1).first.flatMap {
      try? Documents.decode(JournalEntry.self, from: Array($0))
    }
  }
}
