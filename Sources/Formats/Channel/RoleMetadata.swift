import Encoding
import Posix

/// The signed part of a metadata file. TUF 1.0, section 4
public protocol RoleMetadata: Equatable, Sendable {
  /// The `_type` of the document: `root`, `timestamp`, `snapshot`, `targets`.
  static var type: String { get }
  /// Rises with each change, from 1.
  var version: Int { get set }
  /// The time after which a reader no longer relies on it, in whole seconds.
  var expires: WallTime { get set }
  /// Fields that this program does not know.
  var others: [String: JSONValue] { get set }
  /// Decodes and validates a document of this type.
  init(_ json: JSONValue) throws(DocumentError)
  /// The document.
  var json: JSONValue { get }
}

/// The fields that all types of metadata have.
struct CommonFields {
  /// The version of the specification that documents of this program name.
  static let specification = "1.0.31"

  let version: Int
  let expires: WallTime
  let specification: String

  /// Takes the fields, and checks the type and the version of the specification.
  init(taking fields: inout JSONFields, type: String) throws(DocumentError) {
    let found = try fields.text("_type", limit: 32)
    if found != type { throw DocumentError(fields.place("_type"), "is not \(type)") }
    specification = try fields.text("spec_version", limit: 32)
    let parts = specification.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[0] == "1", parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isDigit) })
    else { throw DocumentError(fields.place("spec_version"), "is no version 1 of the specification") }
    version = try fields.integer("version", 1...ChannelLimit.version)
    expires = try fields.time("expires")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// Returns a document with the common fields, its own, and those that are not known.
  static func json(_ role: some RoleMetadata, _ own: [String: JSONValue], specification: String) -> JSONValue {
    let common: [String: JSONValue] = [
      "_type": .string(type(of: role).type), "spec_version": .string(specification),
      "version": .integer(role.version), "expires": .string(role.expires.inSeconds),
    ]
    return .object(role.others.merging(common) { _, common in common }.merging(own) { _, own in own })
  }
}
