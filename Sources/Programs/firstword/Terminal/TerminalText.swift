import Diagnostics

/// Text in columns. The terminal lays out right-to-left scripts itself.
extension Terminal {
  /// Returns the text cut to a number of columns; colour sequences are kept and take no columns.
  static func fit(_ text: Printable, _ columns: Int) -> Printable { text.fitting(columns) { $0.columns } }

  /// Returns the text, escaped and cut to a number of columns.
  static func fit(_ text: String, _ columns: Int) -> Printable { fit(Printable(text), columns) }

  /// Breaks a text, escaped, into lines of at most `columns`, between words; a word that is longer than a line, as in scripts
  /// without spaces, is broken too.
  static func wrap(_ text: String, _ columns: Int) -> [Printable] {
    let text = text.printable
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
    return (line.isEmpty ? lines : lines + [line]).map { Printable($0) }
  }
}

extension Printable {
  /// Its width in columns; colour sequences have none.
  var columns: Int {
    var width = 0
    _ = fitting(.max) { scalar in
      width += scalar.columns
      return 0
    }
    return width
  }
}

extension StringProtocol {
  /// Its width in columns.
  var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

  /// Returns as many whole characters as fit into `columns`, at least one.
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
  /// Its width in columns: 0 for combining marks, 2 for East Asian wide characters.
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
