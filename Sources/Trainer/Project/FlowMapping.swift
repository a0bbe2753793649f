/// A mapping in YAML's flow style, `{ key: value }`, by its place in a file.
struct FlowMapping: Equatable {
  /// The line of the opening brace, from 1.
  let line: Int
  /// The offset after the last value, where another pair can be inserted.
  let end: Int
  /// Whether a comma must precede another pair.
  let needsComma: Bool

  /// Returns the mappings that hold no other mapping, in the order of the file. Braces in quotes and comments do not
  /// count. YAML 1.2, 7.3 and 7.4
  static func innermost(in file: [UInt8]) -> [FlowMapping] {
    var found: [FlowMapping] = []
    var line = 1
    // The mapping that is open and holds no other.
    var open: Int?
    // The last byte that is neither space nor comment, and the offset after it.
    var (last, end) = (UInt8(0), 0)
    var (quote, isComment, isEscaped) = (UInt8(0), false, false)
    var before = UInt8(ascii: "\n")
    for (offset, byte) in file.enumerated() {
      defer {
        if byte == UInt8(ascii: "\n") { (line, isComment) = (line + 1, false) }
        if !isComment, ![0x20, 0x09, 0x0A, 0x0D].contains(byte) { (last, end) = (byte, offset + 1) }
        before = byte
      }
      if isComment { continue }
      if quote != 0 {
        if isEscaped {
          isEscaped = false
        } else if quote == UInt8(ascii: "\""), byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == quote {
          // '' within single quotes closes and opens again.
          quote = 0
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        // Within a plain scalar, such as Iris's, a quote is a letter.
        if [0x20, 0x09, 0x0A].contains(before) || "{[,:'".utf8.contains(before) { quote = byte }
      case UInt8(ascii: "#"): isComment = [0x20, 0x09, 0x0A].contains(before)
      case UInt8(ascii: "{"): open = line
      case UInt8(ascii: "}"):
        if let begin = open { found.append(FlowMapping(line: begin, end: end, needsComma: last != UInt8(ascii: ","))) }
        open = nil
      default: break
      }
    }
    return found
  }
}
