import Encoding

/// The keys of a role, and how many of them must sign. TUF 1.0, section 4.3
public struct RoleKeys: Equatable, Sendable {
  /// The ids of the keys, each once.
  public var keyIDs: [String]
  /// The minimum number of keys that must have signed. It may exceed the number of keys: then nothing is accepted.
  public var threshold: Int
  /// Fields that this program does not know.
  public var others: [String: JSONValue] = [:]

  /// Creates a role of these keys.
  public init(keyIDs: [String], threshold: Int) {
    self.keyIDs = keyIDs
    self.threshold = threshold
  }

  /// Takes the fields of a role from an object.
  init(taking fields: inout JSONFields) throws(DocumentError) {
    keyIDs = try fields.texts("keyids", limit: ChannelLimit.keys)
    if Set(keyIDs).count < keyIDs.count { throw DocumentError(fields.place("keyids"), "names a key twice") }
    threshold = try fields.integer("threshold", 1...1024)
  }

  /// The fields of a role, with those that are not known.
  var fields: [String: JSONValue] {
    others.merging(["keyids": .array(keyIDs.map { .string($0) }), "threshold": .integer(threshold)]) { _, own in own }
  }
}
