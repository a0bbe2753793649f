import CSodium
import Encoding

/// Why a signature does not count. Where it lay is known by who read it.
public enum SignatureError: Error, Equatable, Sendable, CustomStringConvertible {
  case malformed(String)
  /// `Ed`: the older form, over the message itself.
  case legacy
  /// Made with another key than the one it was held against.
  case otherKey(KeyID)
  /// The content is not what was signed.
  case wrongContent
  /// The trusted comment is not what was signed.
  case wrongComment

  public var description: String {
    switch self {
    case .malformed(let why): "not a minisign signature: \(why)"
    case .legacy: "a signature in minisign's legacy form (Ed), which is not accepted; sign again without -l"
    case .otherKey(let id): "made with the key \(id)"
    case .wrongContent: "the signature does not fit the content: one of the two was changed"
    case .wrongComment: "the signature does not fit its trusted comment: the comment was changed"
    }
  }
}

/// A minisign signature, prehashed (`ED`): who signed, what they said about it, and the proof.
public struct Signature: Equatable, Sendable {
  /// Of the pair that signed.
  public let key: KeyID
  /// Signed by nobody.
  public let comment: String
  /// Signed with the content.
  public let trustedComment: String
  private let signature: [UInt8]
  private let global: [UInt8]

  /// minisign's buffer of 8,192 bytes less prefix, line end and zero.
  static let commentLimit = 8192 - 19

  init(key: KeyID, comment: String, trustedComment: String, signature: [UInt8], global: [UInt8]) {
    self.key = key
    self.comment = comment
    self.trustedComment = trustedComment
    self.signature = signature
    self.global = global
  }

  /// Reads the four lines of a `.minisig` file.
  public init(_ file: [UInt8]) throws(SignatureError) {
    guard let text = String(validating: file, as: UTF8.self) else { throw .malformed("it is no text") }
    var lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false).map {
      $0.last == 13 ? $0.dropLast() : $0
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.count == 4 else { throw .malformed("it has not four lines") }
    guard let comment = Self.text(of: lines[0], after: "untrusted comment: ") else {
      throw .malformed("its first line is no untrusted comment")
    }
    guard let bytes = Sodium.decode(lines[1], count: 74) else { throw .malformed("its second line is damaged") }
    guard let trusted = Self.text(of: lines[2], after: "trusted comment: "), Self.isPrintable(trusted),
      trusted.utf8.count <= Self.commentLimit
    else { throw .malformed("its third line is no trusted comment") }
    guard let global = Sodium.decode(lines[3], count: 64) else { throw .malformed("its fourth line is damaged") }
    if bytes.starts(with: Array("Ed".utf8)) { throw .legacy }
    guard bytes.starts(with: Array("ED".utf8)) else { throw .malformed("its algorithm is unknown") }
    self.init(
      key: KeyID(bytes[2..<10]), comment: comment, trustedComment: trusted, signature: Array(bytes[10...]),
      global: global)
  }

  /// The content of a `.minisig` file, byte for byte as minisign writes it.
  public var file: [UInt8] {
    let bytes = Array("ED".utf8) + key.bytes + signature
    return Array("untrusted comment: \(comment)\n".utf8) + bytes.withUnsafeBytes { Sodium.base64($0) }
      + Array("\ntrusted comment: \(trustedComment)\n".utf8) + global.withUnsafeBytes { Sodium.base64($0) } + [10]
  }

  /// Throws unless `publicKey` signed exactly this message and this trusted comment. crypto_sign_verify_detached(3)
  public func verify(_ message: [UInt8], by publicKey: PublicKey) throws(SignatureError) {
    try verify(blake2b512: Digest.blake2b512(message), by: publicKey)
  }

  /// As above, for a message that is known by its hash.
  func verify(blake2b512 hash: [UInt8], by publicKey: PublicKey) throws(SignatureError) {
    guard publicKey.id == key else { throw .otherKey(key) }
    guard Self.verify(signature, hash, publicKey) else { throw .wrongContent }
    guard Self.verify(global, signature + Array(trustedComment.utf8), publicKey) else { throw .wrongComment }
  }

  private static func verify(_ signature: [UInt8], _ message: [UInt8], _ key: PublicKey) -> Bool {
    crypto_sign_verify_detached(signature, message, UInt64(message.count), key.point) == 0
  }

  private static func text(of line: Substring.UTF8View, after prefix: String) -> String? {
    guard line.starts(with: prefix.utf8) else { return nil }
    return String(decoding: line.dropFirst(prefix.utf8.count), as: UTF8.self)
  }

  /// minisign shows a comment on a terminal: no control character but a tab, or it is refused.
  static func isPrintable(_ text: String) -> Bool { Text.isPlain(text, tabs: true) }
}
