import Encoding

/// Parses JSON strictly, in a time and a memory proportional to its size: signed metadata must mean the same to every
/// reader. RFC 8259
struct JSONParser {
  /// The maximum number of lists and objects in each other.
  static let depthLimit = 32
  /// The maximum number of values in a document.
  static let countLimit = 500_000

  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0
  private var count = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Parses the whole text as one value.
  mutating func document() throws(DocumentError) -> JSONValue {
    let result = try value()
    skipSpace()
    if position < bytes.count { throw fault("has more after its end") }
    return result
  }

  private func fault(_ why: String) -> DocumentError { DocumentError("", "byte \(position): \(why)") }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ byte: UInt8, _ name: String) throws(DocumentError) {
    if next != byte { throw fault("\(name) is missing") }
    position += 1
  }

  private mutating func value() throws(DocumentError) -> JSONValue {
    count += 1
    if count > Self.countLimit { throw fault("has more than \(Self.countLimit) values") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .integer(try integer())
    }
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws(DocumentError) -> JSONValue {
    if !bytes[position...].starts(with: text.utf8) { throw fault("is not valid JSON") }
    position += text.utf8.count
    return value
  }

  private mutating func integer() throws(DocumentError) -> Int {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let first = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    let digits = bytes[first..<position]
    guard let leading = digits.first else { throw fault("is not valid JSON") }
    if leading == UInt8(ascii: "0") && position - start > 1 { throw fault("has a number with a leading zero") }
    if let byte = next, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(byte) {
      throw fault("has a number that is not whole")
    }
    guard let value = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw fault("has a number out of range")
    }
    return value
  }

  private mutating func enter() throws(DocumentError) {
    depth += 1
    if depth > Self.depthLimit { throw fault("has more than \(Self.depthLimit) lists and objects in each other") }
    position += 1
    skipSpace()
  }

  private mutating func array() throws(DocumentError) -> JSONValue {
    try enter()
    var values: [JSONValue] = []
    if next != UInt8(ascii: "]") {
      while true {
        values.append(try value())
        skipSpace()
        if next != UInt8(ascii: ",") { break }
        position += 1
      }
    }
    try take(UInt8(ascii: "]"), "the end of a list")
    depth -= 1
    return .array(values)
  }

  private mutating func object() throws(DocumentError) -> JSONValue {
    try enter()
    var fields: [String: JSONValue] = [:]
    if next != UInt8(ascii: "}") {
      while true {
        skipSpace()
        if next != UInt8(ascii: "\"") { throw fault("a key is missing") }
        let key = try string()
        skipSpace()
        try take(UInt8(ascii: ":"), "a colon")
        let value = try value()
        // Keys that Unicode holds for equal are refused too: other readers may hold them for one.
        if fields.updateValue(value, forKey: key) != nil { throw fault("a key is there twice in its object") }
        skipSpace()
        if next != UInt8(ascii: ",") { break }
        position += 1
      }
    }
    try take(UInt8(ascii: "}"), "the end of an object")
    depth -= 1
    return .object(fields)
  }

  // MARK: - Strings

  private mutating func string() throws(DocumentError) -> String {
    position += 1
    var content: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else { throw fault("a text is not UTF-8") }
        return text
      case UInt8(ascii: "\\"): try escape(into: &content)
      case 0..<0x20: throw fault("a text has a control character")
      default: content.append(byte)
      }
    }
    throw fault("a text has no end")
  }

  private mutating func escape(into content: inout [UInt8]) throws(DocumentError) {
    guard let letter = next else { throw fault("a text has no end") }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      var code = try unit()
      if (0xD800..<0xDC00).contains(code) {
        guard next == UInt8(ascii: "\\"), position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u") else {
          throw fault("a text has half a character")
        }
        position += 2
        let low = try unit()
        guard (0xDC00..<0xE000).contains(low) else { throw fault("a text has half a character") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw fault("a text has half a character") }
      content += String(Character(scalar)).utf8
    default: throw fault("a text has a broken escape")
    }
  }

  /// Reads a UTF-16 code unit of four hexadecimal digits.
  private mutating func unit() throws(DocumentError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        throw fault("a text has a broken escape")
      }
      value = value << 4 + UInt32(digit)
      position += 1
    }
    return value
  }
}
