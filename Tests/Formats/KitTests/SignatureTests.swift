import Posix
import Testing

@testable import Kit

@Suite("A signature")
struct SignatureTests {
  private let message = Array("hello\n".utf8)
  private let key = PublicKey(base64: Golden.openPublic.split(separator: "\n")[1])

  @Test("of minisign is read, verified and written again byte for byte")
  func golden() throws {
    let signature = try Signature(Array(Golden.signature.utf8))
    #expect(signature.key.description == "80F075E4DF3E122B")
    #expect(signature.trustedComment == "trusted here")
    try signature.verify(message, by: try #require(key))
    #expect(signature.file == Array(Golden.signature.utf8))
  }

  @Test("is deterministic for a key, content and comment")
  func deterministic() throws {
    let directory = try Directory()
    let secret = try SecretKey(reading: try directory.write("a.key", Golden.openKey)) { _ in nil }
    let signature = try secret.sign(message, trustedComment: "trusted here")
    #expect(signature.file == Array(Golden.signature.utf8))
  }

  @Test("in the legacy form is refused as such")
  func legacy() {
    let error = failure { () throws(SignatureError) in _ = try Signature(Array(Golden.legacySignature.utf8)) }
    #expect(error == .legacy)
    #expect(error?.description.contains("legacy") == true)
  }

  @Test("does not verify other content, another comment or another key")
  func wrong() throws {
    let key = try #require(key)
    let signature = try Signature(Array(Golden.signature.utf8))
    #expect(throws: SignatureError.wrongContent) { try signature.verify(message + [10], by: key) }
    let commented = try Signature(Array(Golden.signature.replacing("trusted here", with: "trusted hers").utf8))
    #expect(throws: SignatureError.wrongComment) { try commented.verify(message, by: key) }
    let other = try SecretKey.generate().publicKey
    #expect(throws: SignatureError.otherKey(key.id)) { try signature.verify(message, by: other) }
    // A stranger may choose the same id; that alone proves nothing.
    let impostor = PublicKey(id: key.id, point: other.point)
    #expect(throws: SignatureError.wrongContent) { try signature.verify(message, by: impostor) }
  }

  @Test("with any bit changed is refused, except in its untrusted comment and line ends")
  func flipped() throws {
    let key = try #require(key)
    let bytes = Array(Golden.signature.utf8)
    let start = try #require(bytes.firstIndex(of: 10)) + 1
    for offset in start..<bytes.count - 1 {
      for bit in 0..<8 {
        var broken = bytes
        broken[offset] ^= 1 << UInt8(bit)
        #expect(throws: SignatureError.self, "byte \(offset), bit \(bit)") {
          try Signature(broken).verify(message, by: key)
        }
      }
    }
  }

  @Test("that is truncated or no signature is refused")
  func malformed() {
    let bytes = Array(Golden.signature.utf8)
    for length in 0..<bytes.count - 1 {
      #expect(throws: SignatureError.self) { try Signature(Array(bytes.prefix(length))) }
    }
    for text in ["\n\n\n\n", Golden.signature + "more\n", Golden.openPublic, "\u{1b}[2J"] {
      #expect(throws: SignatureError.self) { try Signature(Array(text.utf8)) }
    }
    #expect(throws: SignatureError.self) { try Signature([0xff, 0xfe, 10, 10, 10, 10]) }
  }

  @Test("refuses a comment that is not one printable line")
  func comments() throws {
    let secret = try SecretKey.generate()
    for comment in ["two\nlines", "a\r", "\u{1b}[31mred", "\u{85}", "\u{2028}", String(repeating: "x", count: 8200)] {
      let error = failure { () throws(KeyError) in _ = try secret.sign(message, trustedComment: comment) }
      #expect(error != nil)
    }
    let signature = try secret.sign(message, trustedComment: "größer\t中文 ة")
    #expect(try Signature(signature.file) == signature)
  }
}
