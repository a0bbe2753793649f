import Encoding

/// A JSON value as signed metadata holds it: whole numbers only, and every object's keys once. RFC 8259
///
/// Metadata may have fields that this program does not know; they are part of what was signed, and are kept.
public indirect enum JSONValue: Equatable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number.
  case integer(Int)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// An object.
  case object([String: JSONValue])

  /// Parses a document from any bytes.
  ///
  /// - Throws: an error for bytes that are not valid JSON in UTF-8; for a fraction, an exponent or a number out of
  ///   range; for a key that its object has already; for more than 32 lists and objects in each other, or 500,000 values.
  public init(parsing bytes: [UInt8]) throws(DocumentError) {
    var parser = JSONParser(bytes)
    self = try parser.document()
  }

  // MARK: Bytes

  /// The canonical form, of which signatures and key ids are made: sorted keys, no spaces, and in texts nothing escaped
  /// but quotes and backslashes. Canonical JSON of One Laptop per Child, as TUF uses it
  public var canonical: [UInt8] {
    var bytes: [UInt8] = []
    write(canonically: true, indent: 0, to: &bytes)
    return bytes
  }

  /// The document as files hold it: sorted keys, indented by one space, with a final newline.
  public var file: [UInt8] {
    var bytes: [UInt8] = []
    write(canonically: false, indent: 0, to: &bytes)
    return bytes + [0x0A]
  }

  private func write(canonically isCanonical: Bool, indent: Int, to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .integer(let value): bytes += String(value).utf8
    case .string(let text): Self.write(text, canonically: isCanonical, to: &bytes)
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        if !isCanonical { Self.breakLine(indent + 1, &bytes) }
        value.write(canonically: isCanonical, indent: indent + 1, to: &bytes)
      }
      if !isCanonical && !values.isEmpty { Self.breakLine(indent, &bytes) }
      bytes.append(UInt8(ascii: "]"))
    case .object(let fields):
      bytes.append(UInt8(ascii: "{"))
      let sorted = fields.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, field) in sorted.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        if !isCanonical { Self.breakLine(indent + 1, &bytes) }
        Self.write(field.key, canonically: isCanonical, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        if !isCanonical { bytes.append(UInt8(ascii: " ")) }
        field.value.write(canonically: isCanonical, indent: indent + 1, to: &bytes)
      }
      if !isCanonical && !fields.isEmpty { Self.breakLine(indent, &bytes) }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func breakLine(_ indent: Int, _ bytes: inout [UInt8]) {
    bytes.append(0x0A)
    bytes += [UInt8](repeating: 0x20, count: indent)
  }

  private static func write(_ text: String, canonically isCanonical: Bool, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        bytes += [UInt8(ascii: "\\"), byte]
      } else if byte < 0x20 && !isCanonical {
        bytes += "\\u00".utf8
        bytes += Digest.hexadecimal([byte]).utf8
      } else {
        bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
