import Diagnostics
import Foundation
import Glibc

extension Terminal {
  /// Whether a person can answer: standard input and standard error are terminals.
  static var canAsk: Bool { isatty(0) == 1 && isatty(2) == 1 }

  /// Asks a question and reads the answer, cleaned (see `cleaned`); `nil` at the end of input.
  static func line(_ question: Printable) -> String? {
    write(2, question)
    return line()
  }

  /// Reads a line, cleaned; `nil` at the end of input.
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

  /// Asks a yes-no question; only `y` and `yes` mean yes.
  static func confirm(_ question: Printable) -> Bool {
    ["y", "yes"].contains(line("\(question) [y/N] ")?.lowercased() ?? "")
  }

  /// Returns the text in NFC, without escape sequences (arrow keys leave them), control characters, or spaces at the ends
  /// or in a row. ECMA-48
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
