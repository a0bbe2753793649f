/// Bytes of a peer, cut into lines. It holds at most the longest line and what was appended last.
struct LineBuffer {
  /// Longest line in bytes.
  let limit: Int
  private var bytes: [UInt8] = []
  /// No newline stands before it.
  private var scanned = 0
  /// A line longer than allowed is thrown away up to its end, and told once.
  private var skipping = false

  init(limit: Int) { self.limit = limit }

  enum Line: Equatable {
    case whole([UInt8])
    case tooLong
  }

  mutating func append(_ more: [UInt8]) { bytes += more }

  /// Whether `next` has something.
  var hasLine: Bool { bytes[scanned...].contains(0x0A) || bytes.count > limit && !skipping }

  /// Takes the next line out.
  mutating func next() -> Line? {
    while let end = bytes[scanned...].firstIndex(of: 0x0A) {
      let line = Array(bytes[..<end])
      bytes.removeFirst(end + 1)
      scanned = 0
      if !skipping { return line.count > limit ? .tooLong : .whole(line) }
      skipping = false
    }
    scanned = bytes.count
    if bytes.count <= limit { return nil }
    bytes = []
    scanned = 0
    defer { skipping = true }
    return skipping ? nil : .tooLong
  }
}
