import Foundation
import Glibc

/// Questions to a person at a terminal.
extension Terminal {
  /// Whether a person answers: both ends are a terminal.
  static var canAsk: Bool { isatty(0) == 1 && isatty(2) == 1 }

  /// One line, in NFC and without control characters, spaces at its ends, or two together; nil at the end of input.
  static func line(_ question: String) -> String? {
    write(2, question)
    return line()
  }

  /// A line that somebody types, without a question.
  static func line() -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let count = read(0, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return bytes.isEmpty ? nil : cleaned(bytes) }
      if byte == 0x0A { return cleaned(bytes) }
      bytes.append(byte)
    }
  }

  /// `y` or `yes`; everything else is no.
  static func confirm(_ question: String) -> Bool {
    ["y", "yes"].contains(line("\(question) [y/N] ")?.lowercased() ?? "")
  }

  /// What keys such as arrows leave in a line are whole escape sequences. ECMA-48
  static func cleaned(_ bytes: [UInt8]) -> String {
    var kept: [UInt8] = []
    var rest = bytes[...]
    while let byte = rest.popFirst() {
      if byte == 0x1B {
        if rest.first == UInt8(ascii: "[") || rest.first == UInt8(ascii: "O") {
          rest = rest.dropFirst().drop { !(0x40...0x7E).contains($0) }.dropFirst()
        }
      } else {
        kept.append(byte)
      }
    }
    let text = String(decoding: kept, as: UTF8.self).precomposedStringWithCanonicalMapping
    let plain = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
    return String(plain).split(separator: " ").joined(separator: " ")
  }
}
