/// Text in columns of a terminal. Its direction is the terminal's affair: nothing is turned round here.
extension Terminal {
  /// At most so many columns; what is in colour is cut behind its colour only.
  static func fit(_ text: String, _ columns: Int) -> String {
    var (width, fitted, inEscape) = (0, "", false)
    for scalar in text.unicodeScalars {
      if inEscape || scalar == "\u{1B}" {
        inEscape = scalar != "m"
        fitted.unicodeScalars.append(scalar)
        continue
      }
      width += scalar.columns
      if width <= columns { fitted.unicodeScalars.append(scalar) }
    }
    return fitted
  }

  /// Lines of at most so many columns, broken between words; within one only where it has no room by itself, as in
  /// scripts without spaces.
  static func wrap(_ text: String, _ columns: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if line.isEmpty || line.columns + 1 + word.columns <= columns {
        line += line.isEmpty ? word : " \(word)"
      } else {
        lines.append(line)
        line = String(word)
      }
      while line.columns > columns {
        let part = line.prefix(ofColumns: columns)
        lines.append(String(part))
        line.removeFirst(part.count)
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }
}

extension StringProtocol {
  /// Columns that it takes, without colours.
  var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

  /// As many whole characters as have room; at least one.
  fileprivate func prefix(ofColumns columns: Int) -> SubSequence {
    var (end, width) = (startIndex, 0)
    while end < endIndex {
      width += String(self[end]).columns
      if width > columns && end > startIndex { break }
      end = index(after: end)
    }
    return self[..<end]
  }
}

extension Unicode.Scalar {
  /// Columns that it takes on a terminal: none for marks that combine, two for East Asian letters.
  var columns: Int {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: 0
    default:
      (0x1100...0x115F).contains(value) || (0x2E80...0xA4CF).contains(value)
        || (0xAC00...0xD7A3).contains(value) || (0xF900...0xFAFF).contains(value)
        || (0xFE30...0xFE6F).contains(value) || (0xFF00...0xFF60).contains(value) ? 2 : 1
    }
  }
}
