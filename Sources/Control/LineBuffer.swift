/// Bytes of a client, cut into lines.
struct LineBuffer {
  /// Longest line in bytes.
  let limit: Int
  private var bytes: [UInt8] = []
  /// A line longer than allowed is thrown away up to its end, and told once.
  private var skipping = false

  init(limit: Int) { self.limit = limit }

  enum Line: Equatable {
    case whole([UInt8])
    case tooLong
  }

  mutating func append(_ more: some Sequence<UInt8>) -> [Line] {
    var lines: [Line] = []
    for byte in more {
      if byte == 0x0A {
        if !skipping { lines.append(.whole(bytes)) }
        skipping = false
        bytes.removeAll(keepingCapacity: true)
      } else if !skipping {
        bytes.append(byte)
        if bytes.count > limit {
          skipping = true
          bytes.removeAll(keepingCapacity: true)
          lines.append(.tooLong)
        }
      }
    }
    return lines
  }
}
