import Encoding
import Posix

/// The versions of all targets metadata at one time. TUF 1.0, section 4.4
public struct SnapshotRole: RoleMetadata {
  /// `snapshot`.
  public static let type = "snapshot"

  /// The version.
  public var version: Int
  /// The end of its validity.
  public var expires: WallTime
  /// The metadata files by name: `targets.json`, and `NAME.json` for each delegated role.
  public var meta: [String: MetaFile]
  /// Fields that this program does not know.
  public var others: [String: JSONValue] = [:]
  private var specification = CommonFields.specification

  /// Creates a snapshot.
  public init(version: Int, expires: WallTime, meta: [String: MetaFile]) {
    (self.version, self.expires, self.meta) = (version, expires, meta)
  }

  /// Decodes a snapshot.
  public init(_ json: JSONValue) throws(DocumentError) {
    var fields = try JSONFields(json, "signed")
    let common = try CommonFields(taking: &fields, type: Self.type)
    (version, expires, specification) = (common.version, common.expires, common.specification)
    var meta: [String: MetaFile] = [:]
    let place = fields.place("meta")
    for (name, value) in try fields.object("meta", limit: ChannelLimit.files) {
      guard name.hasSuffix(".json"), name.utf8.count <= 512 else {
        throw DocumentError(place, "has a name that is not of a metadata file")
      }
      meta[name] = try MetaFile(value, "\(place).\(Text.isPlain(name) ? String(name.prefix(64)) : "?")")
    }
    if meta["targets.json"] == nil { throw DocumentError("\(place).targets.json", "missing") }
    self.meta = meta
    others = fields.rest
  }

  /// The document.
  public var json: JSONValue {
    CommonFields.json(self, ["meta": .object(meta.mapValues(\.json))], specification: specification)
  }
}
