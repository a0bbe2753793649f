import Encoding

/// The id of a key pair: 8 random bytes, written as minisign writes them.
public struct KeyID: Hashable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  /// Creates an id from its 8 bytes.
  package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// Parses 16 upper-case hexadecimal digits; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 16, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }),
      let number = UInt64(text, radix: 16)
    else { return nil }
    bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
  }

  /// Parses an id as people type it or minisign prints it: lower case, without leading zeros, after `0x`, or between
  /// spaces. Documents hold the 16 digits of `description`, which `init(_:)` parses.
  public init?(typed text: String) {
    var digits = text.uppercased().filter { !$0.isWhitespace }[...]
    if digits.hasPrefix("0X") { digits = digits.dropFirst(2) }
    if digits.isEmpty { return nil }
    self.init(String(repeating: "0", count: max(0, 16 - digits.count)) + digits)
  }

  /// The bytes as a little-endian number in 16 upper-case hexadecimal digits.
  public var description: String { Digest.hexadecimal(bytes.reversed()).uppercased() }
}
