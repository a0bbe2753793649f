import Encoding
import Posix

/// The files that a channel offers, and the roles that offer more of them. TUF 1.0, section 4.5
public struct TargetsRole: RoleMetadata {
  /// `targets`, also for delegated roles.
  public static let type = "targets"

  /// The delegations of a role: all their keys, and the roles in the order in which they are searched.
  public struct Delegations: Equatable, Sendable {
    /// The keys by id.
    public var keys: [String: ChannelKey]
    /// The roles; each name once.
    public var roles: [DelegatedRole]
    /// Fields that this program does not know.
    public var others: [String: JSONValue] = [:]

    /// Creates delegations.
    public init(keys: [String: ChannelKey] = [:], roles: [DelegatedRole] = []) {
      (self.keys, self.roles) = (keys, roles)
    }
  }

  /// The version.
  public var version: Int
  /// The end of its validity.
  public var expires: WallTime
  /// The files by path.
  public var targets: [String: TargetFile]
  /// The delegations; nil if there are none.
  public var delegations: Delegations?
  /// Fields that this program does not know.
  public var others: [String: JSONValue] = [:]
  private var specification = CommonFields.specification

  /// Creates targets metadata.
  public init(
    version: Int, expires: WallTime, targets: [String: TargetFile] = [:], delegations: Delegations? = nil
  ) {
    (self.version, self.expires, self.targets, self.delegations) = (version, expires, targets, delegations)
  }

  /// Decodes targets metadata.
  ///
  /// - Throws: an error for a path that is not relative and plain, a role that is delegated to twice, a key with
  ///   another key's id, and values out of bounds.
  public init(_ json: JSONValue) throws(DocumentError) {
    var fields = try JSONFields(json, "signed")
    let common = try CommonFields(taking: &fields, type: Self.type)
    (version, expires, specification) = (common.version, common.expires, common.specification)
    var targets: [String: TargetFile] = [:]
    let place = fields.place("targets")
    for (path, value) in try fields.object("targets", limit: ChannelLimit.entries) {
      if !TargetFile.isPath(path) { throw DocumentError(place, "has a path that is not relative and plain") }
      targets[path] = try TargetFile(value, "\(place).\(path.prefix(64))")
    }
    self.targets = targets
    if let json = fields.optional("delegations") {
      delegations = try Self.delegations(json, fields.place("delegations"))
    }
    others = fields.rest
  }

  private static func delegations(_ json: JSONValue, _ place: String) throws(DocumentError) -> Delegations {
    var fields = try JSONFields(json, place)
    var delegations = Delegations()
    delegations.keys = try ChannelKey.keys(try fields.object("keys", limit: ChannelLimit.keys), fields.place("keys"))
    if fields.rest["roles"] != nil {
      for (index, value) in try fields.array("roles", limit: ChannelLimit.delegations).enumerated() {
        let role = try DelegatedRole(value, "\(place).roles[\(index)]")
        if delegations.roles.contains(where: { $0.name == role.name }) {
          throw DocumentError("\(place).roles[\(index)].name", "is there twice")
        }
        delegations.roles.append(role)
      }
    }
    delegations.others = fields.rest
    return delegations
  }

  /// The document.
  public var json: JSONValue {
    var own: [String: JSONValue] = ["targets": .object(targets.mapValues(\.json))]
    if let delegations {
      own["delegations"] = .object(
        delegations.others.merging([
          "keys": ChannelKey.json(delegations.keys), "roles": .array(delegations.roles.map(\.json)),
        ]) { _, own in own })
    }
    return CommonFields.json(self, own, specification: specification)
  }
}
