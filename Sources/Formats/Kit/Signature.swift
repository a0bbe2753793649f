import CSodium
import Encoding

/// A prehashed minisign signature (`ED`): the signer's key id, two comments, and the signed bytes.
public struct Signature: Equatable, Sendable {
  /// The id of the pair that signed.
  public let key: KeyID
  /// The untrusted comment, which is not signed.
  public let comment: String
  /// The trusted comment, signed with the content.
  public let trustedComment: String
  private let signature: [UInt8]
  private let global: [UInt8]

  /// The maximum size of a trusted comment in bytes: minisign's buffer of 8,192 less prefix, line end and zero.
  static let commentLimit = 8192 - 19

  /// Creates a signature from its parts.
  init(key: KeyID, comment: String, trustedComment: String, signature: [UInt8], global: [UInt8]) {
    self.key = key
    self.comment = comment
    self.trustedComment = trustedComment
    self.signature = signature
    self.global = global
  }

  /// Parses the four lines of a `.minisig` file.
  ///
  /// - Throws: `.legacy` for a signature that is not prehashed; `.malformed` for anything else.
  public init(_ file: [UInt8]) throws(SignatureError) {
    guard let text = String(validating: file, as: UTF8.self) else { throw .malformed("it is not text") }
    var lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false).map {
      $0.last == 13 ? $0.dropLast() : $0
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.count == 4 else { throw .malformed("it does not have four lines") }
    guard let comment = Self.text(of: lines[0], after: "untrusted comment: ") else {
      throw .malformed("its first line is not an untrusted comment")
    }
    guard let bytes = Sodium.decode(lines[1], count: 74) else { throw .malformed("its second line is damaged") }
    guard let trusted = Self.text(of: lines[2], after: "trusted comment: "), Self.isPrintable(trusted),
      trusted.utf8.count <= Self.commentLimit
    else { throw .malformed("its third line is not a trusted comment") }
    guard let global = Sodium.decode(lines[3], count: 64) else { throw .malformed("its fourth line is damaged") }
    if bytes.starts(with: Array("Ed".utf8)) { throw .legacy }
    guard bytes.starts(with: Array("ED".utf8)) else { throw .malformed("its algorithm is unknown") }
    self.init(
      key: KeyID(bytes[2..<10]), comment: comment, trustedComment: trusted, signature: Array(bytes[10...]),
      global: global)
  }

  /// The content of a `.minisig` file, as minisign writes it.
  public var file: [UInt8] {
    let bytes = Array("ED".utf8) + key.bytes + signature
    return Array("untrusted comment: \(comment)\n".utf8) + bytes.withUnsafeBytes { Sodium.base64($0) }
      + Array("\ntrusted comment: \(trustedComment)\n".utf8) + global.withUnsafeBytes { Sodium.base64($0) } + [10]
  }

  /// Verifies that `publicKey` signed this message and this trusted comment. crypto_sign_verify_detached(3)
  public func verify(_ message: [UInt8], by publicKey: PublicKey) throws(SignatureError) {
    try verify(blake2b512: Digest.blake2b512(message), by: publicKey)
  }

  /// Verifies the signature of a message with this BLAKE2b-512 hash.
  func verify(blake2b512 hash: [UInt8], by publicKey: PublicKey) throws(SignatureError) {
    guard publicKey.id == key else { throw .otherKey(key) }
    guard Self.verify(signature, hash, publicKey) else { throw .wrongContent }
    guard Self.verify(global, signature + Array(trustedComment.utf8), publicKey) else { throw .wrongComment }
  }

  /// Returns whether the key signed the message. crypto_sign_verify_detached(3)
  private static func verify(_ signature: [UInt8], _ message: [UInt8], _ key: PublicKey) -> Bool {
    crypto_sign_verify_detached(signature, message, UInt64(message.count), key.point) == 0
  }

  /// Returns the rest of a line that begins with `prefix`.
  private static func text(of line: Substring.UTF8View, after prefix: String) -> String? {
    guard line.starts(with: prefix.utf8) else { return nil }
    return String(decoding: line.dropFirst(prefix.utf8.count), as: UTF8.self)
  }

  /// Returns whether minisign may print a comment to a terminal: no control character except tabs.
  static func isPrintable(_ text: String) -> Bool { Text.isPlain(text, tabs: true) }
}
