import FoundationEssentials

/// JSON that programs write for programs: manifests, boards, the store. Equal values give equal bytes.
public enum Documents {
  /// Encodes a value with sorted keys, two spaces of indentation, plain slashes and a final newline.
  ///
  /// - Throws: an error for a number that JSON cannot express.
  public static func encode(_ value: some Encodable) throws(DocumentError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    do { return Array(try encoder.encode(value)) + [10] } catch { throw DocumentError(error) }
  }

  /// Decodes a value from any bytes, also untrusted ones: malformed input throws and never traps. All JSON that another
  /// program or person may have written is decoded here.
  ///
  /// - Throws: an error for what does not decode, for an object that has a key twice, and for broken text.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8]
  ) throws(DocumentError) -> Value {
    try JSONText.check(bytes)
    do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch { throw DocumentError(error) }
  }

  /// Returns the `format` of a document that could not be decoded, for the error message.
  package static func format(of bytes: [UInt8]) -> String? {
    struct Head: Decodable { var format: String }
    return (try? decode(Head.self, from: bytes))?.format
  }
}
