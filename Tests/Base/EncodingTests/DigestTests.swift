import Encoding
import Testing

@Suite("A digest")
struct DigestTests {
  @Test("of SHA-256 matches the standard's examples")
  func sha256() {
    #expect(
      Digest.sha256([UInt8]()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(Digest.sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(Digest.sha256(million) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("of bytes that arrive in parts is the digest of all of them")
  func running() {
    var digest = RunningDigest()
    #expect(digest.hexadecimal == Digest.sha256([UInt8]()))
    for part in ["a", "", "bc"] { Array(part.utf8).withUnsafeBytes { digest.add($0) } }
    #expect(digest.hexadecimal == Digest.sha256("abc"))
    Array("d".utf8).withUnsafeBytes { digest.add($0) }
    #expect(digest.hexadecimal == Digest.sha256("abcd"))
  }

  @Test("of BLAKE2b-512 matches the example of RFC 7693")
  func blake2b() {
    #expect(
      Digest.hexadecimal(Digest.blake2b512(Array("abc".utf8)))
        == "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923")
  }

  @Test("of BLAKE2b-256 is that of all bytes that arrived in parts")
  func blake2b256() {
    var digest = RunningBLAKE2b()
    for part in ["a", "", "bc"] { Array(part.utf8).withUnsafeBytes { digest.add($0) } }
    #expect(digest.hexadecimal() == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")
  }
}
