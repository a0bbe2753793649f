/// Splits the bytes of a peer into lines. Holds at most the longest line and the bytes appended last.
struct LineBuffer {
  /// The maximum length of a line in bytes.
  let limit: Int
  private var bytes: [UInt8] = []
  /// No newline precedes this index.
  private var scanned = 0
  /// Whether the rest of a line that is too long is discarded; that line is reported once.
  private var skipping = false

  init(limit: Int) { self.limit = limit }

  enum Line: Equatable {
    /// Without its newline.
    case whole([UInt8])
    /// Longer than `limit`; its bytes are lost.
    case tooLong
  }

  mutating func append(_ more: [UInt8]) { bytes += more }

  /// Whether `next` returns a line.
  var hasLine: Bool { bytes[scanned...].contains(0x0A) || bytes.count > limit && !skipping }

  /// Removes and returns the next line; `nil` if none is complete.
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
