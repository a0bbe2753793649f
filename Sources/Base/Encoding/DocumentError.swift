import FoundationEssentials

/// A fault in a JSON document, and the key where it is.
public struct DocumentError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The place: `bundles[3].sha256`; empty for the document itself.
  public var key: String
  /// The fault, to be read after the key: `is empty`.
  public var why: String

  /// Creates an error for the value at `key`.
  public init(_ key: String, _ why: String) {
    self.key = key
    self.why = why
  }

  /// `KEY: why`; without a key, `why`.
  public var description: String { key.isEmpty ? why : "\(key): \(why)" }

  /// Returns the error for a document of another format than this program reads.
  ///
  /// - Parameters:
  ///   - found: the document's `format`, from a file that nobody has verified.
  ///   - expected: the format that this program reads.
  package static func format(_ found: String, expected: String) -> DocumentError {
    let shown = Text.isPlain(found) ? String(found.prefix(40)) : "unknown"
    return DocumentError("format", "its format is \(shown), this program reads \(expected)")
  }
}

extension DocumentError {
  /// Creates an error from what JSONDecoder or JSONEncoder threw.
  init(_ error: any Error) {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      self.init(Self.path(context.codingPath + [key]), "missing")
    case DecodingError.valueNotFound(_, let context):
      self.init(Self.path(context.codingPath), "is null")
    case DecodingError.typeMismatch(let type, let context):
      self.init(Self.path(context.codingPath), "is not \(Self.name(of: type))")
    case DecodingError.dataCorrupted(let context):
      // With a coding path, the value is no case of an enumeration. Without one, FoundationEssentials reports broken JSON
      // and a fractional number in place of an integer alike.
      let why =
        context.codingPath.isEmpty
        ? "is not valid JSON, or has a fraction where a whole number belongs" : Self.line(context.debugDescription)
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
    default: "of the expected type"
    }
  }

  private static func line(_ text: String) -> String {
    String(text.prefix(200).map { $0.isNewline ? " " : $0 })
  }
}
