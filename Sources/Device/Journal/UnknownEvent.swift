/// An event that a later version of this program wrote: its word is new, or one of its values is.
///
/// It is kept and shown as it is, and takes no part in anything that is computed.
public struct UnknownEvent: Equatable, Sendable {
  /// The word of the line's `event` key.
  public let name: String
  /// All other keys of the event.
  public let fields: [String: JSONValue]

  /// Creates an event.
  public init(name: String, fields: [String: JSONValue] = [:]) {
    self.name = name
    self.fields = fields
  }
}

extension UnknownEvent: CustomStringConvertible {
  /// The word and the fields in the order of their keys: `tilt (detail left, degrees 30)`.
  public var description: String {
    if fields.isEmpty { return name }
    let texts = fields.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return "\(name) (\(texts.joined(separator: ", ")))"
  }
}

extension UnknownEvent: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private static let event = Key(stringValue: "event")
  /// Keys that place the line in the chain.
  private static let place: Set = ["number", "previous", "time", "monotonic", "boot", "whole", "format"]

  /// Decodes all keys of a line but those of its place.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    name = try values.decode(String.self, forKey: Self.event)
    var fields: [String: JSONValue] = [:]
    for key in values.allKeys where key.stringValue != Self.event.stringValue && !Self.place.contains(key.stringValue) {
      fields[key.stringValue] = try values.decode(JSONValue.self, forKey: key)
    }
    self.fields = fields
  }

  /// Encodes the same keys again.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(name, forKey: Self.event)
    for (key, value) in fields { try values.encode(value, forKey: Key(stringValue: key)) }
  }
}
