import Encoding
import Posix

/// The keys of a channel: which keys sign each top-level role. TUF 1.0, section 4.3
public struct RootRole: RoleMetadata {
  /// `root`.
  public static let type = "root"
  /// The names of the roles that every root has.
  public static let roleNames = ["root", "timestamp", "snapshot", "targets"]

  /// The version; each root is followed by the next number.
  public var version: Int
  /// The end of its validity.
  public var expires: WallTime
  /// All keys, by id.
  public var keys: [String: ChannelKey]
  /// The keys of each role, by the role's name.
  public var roles: [String: RoleKeys]
  /// Whether metadata files have their version in their name, and targets their hash.
  public var consistentSnapshot: Bool
  /// Fields that this program does not know.
  public var others: [String: JSONValue] = [:]
  private var specification = CommonFields.specification

  /// Creates a root with consistent snapshots.
  public init(version: Int, expires: WallTime, keys: [String: ChannelKey], roles: [String: RoleKeys]) {
    (self.version, self.expires, self.keys, self.roles) = (version, expires, keys, roles)
    consistentSnapshot = true
  }

  /// Decodes a root.
  ///
  /// - Throws: an error for a missing role, a key with another key's id, a key id that is there twice, and values out
  ///   of bounds.
  public init(_ json: JSONValue) throws(DocumentError) {
    var fields = try JSONFields(json, "signed")
    let common = try CommonFields(taking: &fields, type: Self.type)
    (version, expires, specification) = (common.version, common.expires, common.specification)
    consistentSnapshot = try fields.bool("consistent_snapshot") ?? false
    keys = try ChannelKey.keys(try fields.object("keys", limit: ChannelLimit.keys), fields.place("keys"))
    var roles: [String: RoleKeys] = [:]
    let place = fields.place("roles")
    for (name, value) in try fields.object("roles", limit: 16) {
      var role = try JSONFields(value, "\(place).\(Text.isPlain(name) ? String(name.prefix(64)) : "?")")
      var keys = try RoleKeys(taking: &role)
      keys.others = role.rest
      roles[name] = keys
    }
    for name in Self.roleNames where roles[name] == nil { throw DocumentError("\(place).\(name)", "missing") }
    self.roles = roles
    others = fields.rest
  }

  /// The document.
  public var json: JSONValue {
    CommonFields.json(
      self,
      [
        "consistent_snapshot": .bool(consistentSnapshot), "keys": ChannelKey.json(keys),
        "roles": .object(roles.mapValues { .object($0.fields) }),
      ], specification: specification)
  }

  /// Returns the keys of a role that every root has.
  func role(_ name: String) -> RoleKeys { roles[name] ?? RoleKeys(keyIDs: [], threshold: 1) }
}
