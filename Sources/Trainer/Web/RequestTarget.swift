/// The path and the query of a request, decoded once.
///
/// A path that a file system or another server would read in two ways is no target: `..`, an empty part, an encoded
/// slash, a backslash, a control character, bytes that are not UTF-8, and the absolute form with another host.
public struct RequestTarget: Equatable, Sendable {
  /// The parts of the path: `/api/1/projects` has three, `/` none.
  public var path: [String]
  /// The query's values by their names.
  public var query: [String: String]

  /// Decodes a target; nil if it is not valid.
  public init?(_ target: String) {
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = halves.first, first.first == "/" else { return nil }
    var path: [String] = []
    if first != "/" {
      for part in first.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
        guard let name = Self.decoded(part), Self.isName(name) else { return nil }
        path.append(name)
      }
    }
    var query: [String: String] = [:]
    if halves.count == 2 {
      for pair in halves[1].split(separator: "&") {
        let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = Self.decoded(sides[0]), let value = sides.count == 2 ? Self.decoded(sides[1]) : "",
          query.updateValue(value, forKey: name) == nil
        else { return nil }
      }
    }
    self.path = path
    self.query = query
  }

  /// Returns whether a part of a path is one name in every file system.
  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".."
      && name.unicodeScalars.allSatisfy { $0 != "/" && $0 != "\\" && $0.value >= 0x20 && $0.value != 0x7F }
  }

  /// Decodes percent-encoding, once; nil for broken encoding and for bytes that are not UTF-8.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte != UInt8(ascii: "%") {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
