import Posix
import Testing

@testable import Kit

@Suite("A public key")
struct PublicKeyTests {
  @Test("is read and written as by minisign, with the same id of 16 digits")
  func golden() throws {
    let directory = try Directory()
    let key = try PublicKey(reading: try directory.write("a.pub", Golden.lockedPublic))
    #expect(key.id.description == "F8E5F611D9CA9610")
    #expect(key.base64 == "RWQQlsrZEfbl+NRLdXjebWlORDE8i5iTjOp28MJLi0Lr6wHHrsOh7pAM")
    #expect(PublicKey(base64: key.base64) == key)
    #expect(KeyID("F8E5F611D9CA9610") == key.id)
    try key.write(to: directory.file("b.pub"))
    #expect(try Files.read(directory.file("b.pub")) == Array(Golden.lockedPublic.utf8))
  }

  @Test("with the line ends of another system is the same key")
  func carriageReturns() throws {
    let directory = try Directory()
    let text = String(Golden.openPublic.flatMap { $0 == "\n" ? "\r\n" : String($0) })
    #expect(try PublicKey(reading: try directory.write("a.pub", text)).id.description == "80F075E4DF3E122B")
  }

  @Test("has an id of 16 upper-case hexadecimal digits only")
  func ids() {
    for text in [
      "", "F8E5F611D9CA961", "f8e5f611d9ca9610", "F8E5F611D9CA96100", "+8E5F611D9CA9610", "G8E5F611D9CA9610",
    ] {
      #expect(KeyID(text) == nil)
    }
  }
}

@Suite("Trusted keys")
struct TrustedKeysTests {
  @Test("are one file, or all .pub files of a directory and no others")
  func directories() throws {
    let directory = try Directory()
    #expect(try TrustedKeys(reading: directory.path).keys.isEmpty)
    let file = try directory.write("a.pub", Golden.openPublic)
    _ = try directory.write("b.pub", Golden.lockedPublic)
    _ = try directory.write("notes.txt", "not a key")
    _ = try directory.write(".hidden.pub", "not a key")
    #expect(
      try TrustedKeys(reading: directory.path).keys.map(\.id.description) == ["80F075E4DF3E122B", "F8E5F611D9CA9610"])
    #expect(try TrustedKeys(reading: file).keys.count == 1)
  }

  @Test("fail to load with a malformed one: the error names the file")
  func broken() throws {
    let directory = try Directory()
    _ = try directory.write("a.pub", Golden.openPublic)
    let path = try directory.write("b.pub", String(Golden.lockedPublic.dropLast(3)))
    let error = failure { () throws(KeyError) in _ = try TrustedKeys(reading: directory.path) }
    #expect(
      error?.description
        == "\(path): not a usable key: its second line is damaged; "
        + "give a file that `firstword keygen` or minisign made")
    let secret = try directory.write("c.pub", Golden.openKey)
    #expect(
      failure { () throws(KeyError) in _ = try TrustedKeys(reading: secret) }?.description.contains("secret key")
        == true)
    #expect(throws: KeyError.self) { try TrustedKeys(reading: directory.file("none")) }
  }

  @Test("that two files of a directory hold is trusted once")
  func sameKeyTwice() throws {
    let directory = try Directory()
    for name in ["a.pub", "b.pub"] { _ = try directory.write(name, Golden.openPublic) }
    #expect(try TrustedKeys(reading: directory.path).keys.count == 1)
  }

  @Test("has an id that is read as people type it, and always written with 16 digits")
  func typedID() {
    for text in ["0010032693DC13A7", "10032693DC13A7", "10032693dc13a7", " 0x0010032693dc13A7 "] {
      #expect(KeyID(typed: text)?.description == "0010032693DC13A7", "\(text)")
    }
    for text in ["", "0x", "ABCDEFG", "10010032693DC13A7", "publisher.pub", "-1"] {
      #expect(KeyID(typed: text) == nil, "\(text)")
    }
  }

  @Test("whose id begins with zeros is written with them, as everywhere")
  func leadingZeros() throws {
    // Made by minisign 0.11.
    let base64 = "RWSnE9yTJgMQAL2s89MSAiCb4gA+WXJrxapgSr02Gabq0ziO9X58Wgeo"
    let key = try #require(PublicKey(base64: base64))
    #expect(key.id.description == "0010032693DC13A7")
    #expect(
      String(decoding: key.file, as: UTF8.self)
        == "untrusted comment: minisign public key 0010032693DC13A7\n\(base64)\n")
  }
}
