import FoundationEssentials

/// What is wrong in a JSON document, and at which key.
public struct DocumentError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `bundles[3].sha256`; empty for the document itself.
  public var key: String
  public var why: String

  public init(_ key: String, _ why: String) {
    self.key = key
    self.why = why
  }

  public var description: String { key.isEmpty ? why : "\(key): \(why)" }

  /// A document that says that it is of another form than the one this program reads.
  package static func form(_ found: String, expected: String) -> DocumentError {
    let shown = Text.isPlain(found) ? String(found.prefix(40)) : "unknown"
    return DocumentError("format", "its form is \(shown), this program reads \(expected)")
  }
}

/// The JSON that programs write for programs: manifests, boards. The same value gives the same bytes.
public enum Documents {
  /// Sorted keys, two spaces, no escaped slashes, a final newline. Throws for a number that JSON has no form for.
  public static func encode(_ value: some Encodable) throws(DocumentError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    do { return Array(try encoder.encode(value)) + [10] } catch { throw DocumentError(error) }
  }

  /// Reads any JSON, also of strangers: whatever the bytes are, it is an error at the most.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8]
  ) throws(DocumentError) -> Value {
    guard JSONText.hasSoundStrings(bytes) else {
      throw DocumentError("", "has a text with a broken escape or character")
    }
    do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch { throw DocumentError(error) }
  }

  /// A document that says of what form it is, which is looked at only if it cannot be read.
  package static func format(of bytes: [UInt8]) -> String? {
    struct Head: Decodable { var format: String }
    return (try? decode(Head.self, from: bytes))?.format
  }
}

extension DocumentError {
  fileprivate init(_ error: any Error) {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      self.init(Self.path(context.codingPath + [key]), "missing")
    case DecodingError.valueNotFound(_, let context):
      self.init(Self.path(context.codingPath), "is null")
    case DecodingError.typeMismatch(let type, let context):
      self.init(Self.path(context.codingPath), "is not \(Self.name(of: type))")
    case DecodingError.dataCorrupted(let context):
      // Below the top it is a word that an enumeration lacks. FoundationEssentials says the same for broken JSON and
      // for a number that does not fit, and names no place for either.
      let why =
        context.codingPath.isEmpty
        ? "is no whole JSON, or has a fraction where a whole number belongs" : Self.line(context.debugDescription)
      self.init(Self.path(context.codingPath), why)
    case EncodingError.invalidValue(let value, let context):
      self.init(Self.path(context.codingPath), "\(value) cannot be written")
    default:
      self.init("", Self.line("\(error)"))
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.reduce("") { path, key in
      if let number = key.intValue { return path + "[\(number)]" }
      return path.isEmpty ? key.stringValue : path + "." + key.stringValue
    }
  }

  private static func name(of type: Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Bool.Type: "true or false"
    case is Int.Type: "a whole number"
    case is Double.Type: "a number"
    case is [Any].Type: "a list"
    default: "of the kind that it should be"
    }
  }

  private static func line(_ text: String) -> String {
    String(text.prefix(200).map { $0.isNewline ? " " : $0 })
  }
}
