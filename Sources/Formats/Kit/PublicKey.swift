import CSodium
import Encoding
import Glibc
import Posix

/// The public half of a key pair: an Ed25519 point and its id, in minisign's format.
public struct PublicKey: Hashable, Sendable {
  /// The id of the pair.
  public let id: KeyID
  /// The point, 32 bytes.
  package let point: [UInt8]

  /// Creates a key from its parts.
  package init(id: KeyID, point: [UInt8]) {
    self.id = id
    self.point = point
  }

  /// Parses the line that `minisign -P` takes; `nil` for anything else.
  public init?(base64: some StringProtocol) {
    guard let bytes = Sodium.decode(base64.utf8, count: 42), bytes.starts(with: Array("Ed".utf8)) else { return nil }
    self.init(id: KeyID(bytes[2..<10]), point: Array(bytes[10...]))
  }

  /// Reads a `NAME.pub` file: a comment line and a line of base64.
  ///
  /// - Throws: `.malformed` for a file that is no public key; `.system` for one that cannot be read.
  public init(reading path: String) throws(KeyError) {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: KeyFile.limit) } catch {
      if error.code == EFBIG { throw .malformed(path: path, why: "it is too long") }
      throw .system(error)
    }
    try self.init(content: bytes, named: path)
  }

  /// Reads a key from the content of a `NAME.pub` file.
  ///
  /// - Parameter path: the file's name, for errors.
  public init(content bytes: [UInt8], named path: String) throws(KeyError) {
    if bytes.count > KeyFile.limit { throw .malformed(path: path, why: "it is too long") }
    let line = try KeyFile.payload(of: bytes, path: path)
    guard let key = PublicKey(base64: String(decoding: line, as: UTF8.self)) else {
      // A secret key's line decodes to 158 bytes: the likeliest mistake gets its own message.
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

  /// The content of a `.pub` file. The comment has the id in 16 digits, as everywhere; minisign itself omits leading
  /// zeros there, and reads both.
  public var file: [UInt8] { Array("untrusted comment: minisign public key \(id)\n\(base64)\n".utf8) }

  /// Creates the file `path`.
  ///
  /// - Throws: `.system` with EEXIST if it exists.
  public func write(to path: String) throws(KeyError) {
    try mapError(KeyError.system, Files.create(path, with: file))
  }

  /// Returns whether a signature is this key's, of these bytes as they are: Ed25519 (RFC 8032).
  /// crypto_sign_verify_detached(3)
  ///
  /// - Parameter signature: 64 bytes in 128 lower-case hexadecimal digits.
  package func verifies(hexadecimal signature: String, of message: [UInt8]) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 64)
    var length = 0
    let text = Array(signature.utf8)
    guard Sodium.ready, text.count == 128 else { return false }
    let code = text.withUnsafeBytes {
      sodium_hex2bin(&bytes, bytes.count, $0.bindMemory(to: CChar.self).baseAddress, text.count, nil, &length, nil)
    }
    guard code == 0, length == 64 else { return false }
    return crypto_sign_verify_detached(bytes, message, UInt64(message.count), point) == 0
  }
}
