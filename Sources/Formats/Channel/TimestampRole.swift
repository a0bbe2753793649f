import Encoding
import Posix

/// The version of the current snapshot, signed again at short intervals. TUF 1.0, section 4.6
public struct TimestampRole: RoleMetadata {
  /// `timestamp`.
  public static let type = "timestamp"

  /// The version.
  public var version: Int
  /// The end of its validity.
  public var expires: WallTime
  /// The current snapshot.
  public var snapshot: MetaFile
  /// Fields that this program does not know.
  public var others: [String: JSONValue] = [:]
  private var specification = CommonFields.specification

  /// Creates a timestamp.
  public init(version: Int, expires: WallTime, snapshot: MetaFile) {
    (self.version, self.expires, self.snapshot) = (version, expires, snapshot)
  }

  /// Decodes a timestamp.
  public init(_ json: JSONValue) throws(DocumentError) {
    var fields = try JSONFields(json, "signed")
    let common = try CommonFields(taking: &fields, type: Self.type)
    (version, expires, specification) = (common.version, common.expires, common.specification)
    let place = fields.place("meta")
    let meta = try fields.object("meta", limit: 1)
    guard let entry = meta["snapshot.json"] else { throw DocumentError("\(place).snapshot.json", "missing") }
    snapshot = try MetaFile(entry, "\(place).snapshot.json")
    others = fields.rest
  }

  /// The document.
  public var json: JSONValue {
    CommonFields.json(self, ["meta": .object(["snapshot.json": snapshot.json])], specification: specification)
  }
}
