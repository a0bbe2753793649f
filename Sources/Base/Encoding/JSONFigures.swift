/// Rounds the numbers of a JSON document for people and scripts: `0.30000000000000004` becomes `0.3`.
package enum JSONFigures {
  /// Returns the document with each number that has a fraction rounded to 0.01, or to two digits if it is below 0.1.
  /// Whole numbers, strings and everything else stay as they are.
  ///
  /// - Parameter document: valid JSON. RFC 8259
  package static func rounded(_ document: String) -> String {
    var (output, number): ([UInt8], [UInt8]) = ([], [])
    output.reserveCapacity(document.utf8.count)
    var (isString, isEscaped) = (false, false)
    for byte in document.utf8 {
      if isString {
        output.append(byte)
        (isString, isEscaped) = (isEscaped || byte != UInt8(ascii: "\""), !isEscaped && byte == UInt8(ascii: "\\"))
      } else if isPart(byte, of: number) {
        number.append(byte)
      } else {
        output += rounded(number)
        number = []
        output.append(byte)
        isString = byte == UInt8(ascii: "\"")
      }
    }
    output += rounded(number)
    return String(decoding: output, as: UTF8.self)
  }

  /// Returns whether a byte begins or continues a number; `e` alone would be the one of `true`.
  private static func isPart(_ byte: UInt8, of number: [UInt8]) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): !number.isEmpty
    default: false
    }
  }

  private static func rounded(_ number: [UInt8]) -> [UInt8] {
    let text = String(decoding: number, as: UTF8.self)
    guard text.contains(where: { ".eE".contains($0) }), let value = Double(text), value.isFinite else { return number }
    var scale = 100.0
    while value != 0, abs(value) * scale < 10, scale < 1e12 { scale *= 10 }
    let scaled = (value * scale).rounded()
    // Beyond 2^53 there is no fraction to round.
    guard abs(scaled) < 9e15 else { return number }
    let result = scaled / scale
    return Array((result == result.rounded() ? "\(Int(result))" : "\(result)").utf8)
  }
}
