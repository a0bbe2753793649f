import CSodium
import Encoding
import Glibc
import Posix

/// The name of a key pair: 8 random bytes, shown as minisign shows them.
public struct KeyID: Hashable, Sendable, CustomStringConvertible {
  let bytes: [UInt8]

  init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// 16 upper-case hexadecimal digits.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 16, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }),
      let number = UInt64(text, radix: 16)
    else { return nil }
    bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
  }

  /// 16 upper-case hexadecimal digits of the little-endian number.
  public var description: String { Digest.hexadecimal(bytes.reversed()).uppercased() }

  /// As minisign prints it: without leading zeros.
  var short: String {
    let digits = description.drop { $0 == "0" }
    return digits.isEmpty ? "0" : String(digits)
  }
}

/// The half of a key pair that everybody may have: an Ed25519 point and its id, in minisign's format.
public struct PublicKey: Hashable, Sendable {
  public let id: KeyID
  /// The point, 32 bytes.
  let point: [UInt8]

  init(id: KeyID, point: [UInt8]) {
    self.id = id
    self.point = point
  }

  /// The line that `minisign -P` takes.
  public init?(base64: some StringProtocol) {
    guard let bytes = Sodium.decode(base64.utf8, count: 42), bytes.starts(with: Array("Ed".utf8)) else { return nil }
    self.init(id: KeyID(bytes[2..<10]), point: Array(bytes[10...]))
  }

  /// Reads a `NAME.pub` as minisign writes it: a comment line and a line of base64.
  public init(reading path: String) throws(KeyError) {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: KeyText.limit) } catch {
      if error.code == EFBIG { throw .malformed(path: path, why: "it is too long") }
      throw .system(error)
    }
    let line = try KeyText.payload(of: bytes, path: path)
    guard let key = PublicKey(base64: String(decoding: line, as: UTF8.self)) else {
      // A secret key's line is 158 bytes: the likeliest mistake deserves its own words.
      let secret = line.count == 212
      throw .malformed(path: path, why: secret ? "it is a secret key, not a public one" : "its second line is damaged")
    }
    self = key
  }

  /// The line that `minisign -P` takes.
  public var base64: String {
    let bytes = Array("Ed".utf8) + id.bytes + point
    return String(decoding: bytes.withUnsafeBytes { Sodium.base64($0) }, as: UTF8.self)
  }

  /// The content of a `.pub` file, byte for byte as minisign writes it.
  public var file: [UInt8] { Array("untrusted comment: minisign public key \(id.short)\n\(base64)\n".utf8) }

  /// Makes the file `path`; one that is there stays and is an error.
  public func write(to path: String) throws(KeyError) {
    do throws(SystemError) { try Files.create(path, with: file) } catch { throw .system(error) }
  }
}

/// What the two kinds of key file have in common: a line of comment, a line of base64.
enum KeyText {
  static let limit = 4096

  /// The second line, without its line end. A comment that merely looks odd is no error: minisign does not read it.
  static func payload(of file: [UInt8], path: String) throws(KeyError) -> ArraySlice<UInt8> {
    let lines = file.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
    guard lines.count >= 2, lines[0].starts(with: Array("untrusted comment: ".utf8)) else {
      throw .malformed(path: path, why: "its first line is no minisign comment")
    }
    if lines.count == 3, lines[2].contains(where: { $0 != 10 && $0 != 13 }) {
      throw .malformed(path: path, why: "it has more than two lines")
    }
    return lines[1].last == 13 ? lines[1].dropLast() : lines[1]
  }
}
