import Encoding

/// A part of a channel's targets that other keys sign. TUF 1.0, section 4.5
public struct DelegatedRole: Equatable, Sendable {
  /// The targets that a role may offer.
  public enum Scope: Equatable, Sendable {
    /// Those whose path one of these patterns covers: `*` and `?` stand for characters other than a slash.
    case paths([String])
    /// Those the SHA-256 of whose path begins with one of these hexadecimal digits.
    case hashPrefixes([String])
  }

  /// The name, which its metadata file has.
  public var name: String
  /// The keys, and how many of them must sign.
  public var keys: RoleKeys
  /// Whether a search ends with this role and those that it delegates to.
  public var isTerminating: Bool
  /// The targets that the role may offer.
  public var scope: Scope
  /// Fields that this program does not know.
  public var others: [String: JSONValue] = [:]

  /// Creates a delegation of the paths that the patterns cover.
  public init(name: String, keys: RoleKeys, paths: [String], isTerminating: Bool = false) {
    (self.name, self.keys, self.isTerminating, scope) = (name, keys, isTerminating, .paths(paths))
  }

  init(_ json: JSONValue, _ place: String) throws(DocumentError) {
    var fields = try JSONFields(json, place)
    name = try fields.text("name", limit: 64)
    // A name in a file's place would replace another's metadata.
    if RootRole.roleNames.contains(name) { throw DocumentError(fields.place("name"), "is a top-level role's") }
    keys = try RoleKeys(taking: &fields)
    isTerminating = try fields.bool("terminating") ?? false
    switch (fields.rest["paths"] != nil, fields.rest["path_hash_prefixes"] != nil) {
    case (true, true): throw DocumentError(place, "has both paths and path_hash_prefixes")
    case (false, true):
      let prefixes = try fields.texts("path_hash_prefixes", limit: ChannelLimit.entries)
      if !prefixes.allSatisfy({ $0.utf8.count <= 64 && $0 == $0.lowercased() && $0.allSatisfy(\.isHexDigit) }) {
        throw DocumentError("\(place).path_hash_prefixes", "has an element that is not lower-case hexadecimal digits")
      }
      scope = .hashPrefixes(prefixes)
    case (true, false):
      let paths = try fields.texts("paths", limit: ChannelLimit.entries)
      // Readers differ in what brackets mean.
      if paths.contains(where: { $0.utf8.contains(UInt8(ascii: "[")) }) {
        throw DocumentError("\(place).paths", "has a pattern with a bracket")
      }
      scope = .paths(paths)
    case (false, false): scope = .paths([])
    }
    others = fields.rest
  }

  var json: JSONValue {
    var fields = others.merging(keys.fields) { _, own in own }
    fields["name"] = .string(name)
    fields["terminating"] = .bool(isTerminating)
    switch scope {
    case .paths(let paths): fields["paths"] = .array(paths.map { .string($0) })
    case .hashPrefixes(let prefixes): fields["path_hash_prefixes"] = .array(prefixes.map { .string($0) })
    }
    return .object(fields)
  }

  /// Returns whether the role may offer a target.
  public func covers(_ path: String) -> Bool {
    switch scope {
    case .paths(let patterns): return patterns.contains { Self.matches(path, $0) }
    case .hashPrefixes(let prefixes):
      let hash = Digest.sha256(path)
      return prefixes.contains { hash.utf8.starts(with: $0.utf8) }
    }
  }

  /// Returns whether a pattern covers a path, component by component; upper and lower case differ. glob(7)
  static func matches(_ path: String, _ pattern: String) -> Bool {
    let slash: Unicode.Scalar = "/"
    let components = Array(path.unicodeScalars).split(separator: slash, omittingEmptySubsequences: false)
    let patterns = Array(pattern.unicodeScalars).split(separator: slash, omittingEmptySubsequences: false)
    guard components.count == patterns.count else { return false }
    return zip(components, patterns).allSatisfy { matches($0, $1) }
  }

  /// Compares with one step back to the last asterisk, in a time of at most the product of both lengths.
  private static func matches(_ text: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>) -> Bool {
    var (at, place) = (text.startIndex, pattern.startIndex)
    var retry: (at: Int, place: Int)?
    while at < text.endIndex {
      if place < pattern.endIndex, pattern[place] == "*" {
        retry = (at, place + 1)
        place += 1
      } else if place < pattern.endIndex, pattern[place] == "?" || pattern[place] == text[at] {
        (at, place) = (at + 1, place + 1)
      } else if let last = retry {
        retry = (last.at + 1, last.place)
        (at, place) = (last.at + 1, last.place)
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == "*" }
  }
}
