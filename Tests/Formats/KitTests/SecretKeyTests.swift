import Encoding
import Glibc
import Posix
import Testing

@testable import Kit

@Suite("A secret key")
struct SecretKeyTests {
  /// As minisign's limits, but quick: it reads the limits from the file.
  private let cheap = SecretKey.Cost(operations: 32_768, memory: 16 << 20)

  private func refuse(_ prompt: String) -> [UInt8]? {
    Issue.record("a passphrase was asked for: \(prompt)")
    return nil
  }

  @Test("that minisign made without a passphrase is read without asking, and yields its public key")
  func readsOpen() throws {
    let directory = try Directory()
    let key = try SecretKey(reading: try directory.write("a.key", Golden.openKey), passphrase: refuse)
    let open = key.publicKey
    #expect(open.id.description == "80F075E4DF3E122B")
    #expect(String(decoding: open.file, as: UTF8.self) == Golden.openPublic)
  }

  @Test("without a passphrase is refused while other users may read it", arguments: [0o644, 0o640, 0o604] as [mode_t])
  func exposed(_ mode: mode_t) throws {
    let directory = try Directory()
    let path = try directory.write("a.key", Golden.openKey)
    try posix("chmod") { chmod(path, mode) }
    #expect(throws: KeyError.exposed(path: path)) { _ = try SecretKey(reading: path, passphrase: refuse) }
    try posix("chmod") { chmod(path, 0o600) }
    #expect(throws: Never.self) { _ = try SecretKey(reading: path, passphrase: refuse) }
  }

  @Test("a passphrase's memory has room for the longest one, and is zero after it was wiped")
  func wiped() {
    var text = SecretText.make()
    #expect(text.isEmpty && text.capacity >= SecretText.capacity)
    text += Array("correct horse".utf8)
    let place = text.withUnsafeBytes { $0.baseAddress }
    SecretText.wipe(&text)
    #expect(text.isEmpty)
    #expect(text.withUnsafeBytes { $0.baseAddress } == place)
    text.append(1)
    text.withUnsafeBytes { bytes in
      let all = UnsafeRawBufferPointer(start: bytes.baseAddress, count: 13)
      #expect(all.dropFirst().allSatisfy { $0 == 0 })
    }
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    #expect(limit.rlim_cur == 0)
  }

  @Test("and its public half are read from the content of their files as from the files")
  func contents() throws {
    let key = try SecretKey.generate()
    var content = try key.content(named: "a.key", passphrase: nil)
    #expect(try SecretKey(content: content, named: "a.key", passphrase: refuse).publicKey == key.publicKey)
    SecretText.wipe(&content)
    #expect(try PublicKey(content: key.publicKey.file, named: "a.pub") == key.publicKey)
    #expect(throws: KeyError.malformed(path: "a.pub", why: "it is too long")) {
      try PublicKey(content: [UInt8](repeating: 65, count: 5000), named: "a.pub")
    }
  }

  @Test("that minisign made with a passphrase is read with it")
  func readsLocked() throws {
    let directory = try Directory()
    let path = try directory.write("a.key", Golden.lockedKey)
    let read = Result { () throws(KeyError) in
      try SecretKey(reading: path) { prompt in
        #expect(prompt == "Passphrase for \(path): ")
        return Array("abc".utf8)
      }
    }
    if case .failure(.noMemory) = read {
      print("SKIPPED: less than 1 GiB of memory is free, so minisign's own encrypted key was not tried")
      return
    }
    let open = try read.get().publicKey
    #expect(String(decoding: open.file, as: UTF8.self) == Golden.lockedPublic)
  }

  @Test("creates two files, the secret one readable only by its owner, and reads them again")
  func generates() throws {
    let directory = try Directory()
    let open = try SecretKey.generate(name: directory.file("ngo"), passphrase: nil)
    #expect(try Files.list(directory.path) == ["ngo.key", "ngo.pub"])
    var status = stat()
    #expect(stat(directory.file("ngo.key"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    let again = try SecretKey(reading: directory.file("ngo.key"), passphrase: refuse).publicKey
    #expect(again == open)
    #expect(try PublicKey(reading: directory.file("ngo.pub")) == open)
    #expect(try SecretKey.generate(name: directory.file("other"), passphrase: nil) != open)
  }

  @Test("never replaces an existing file")
  func overwrites() throws {
    let directory = try Directory()
    for name in ["a.key", "a.pub"] {
      _ = try directory.write(name, "precious")
      let error = failure { () throws(KeyError) in
        _ = try SecretKey.generate(name: directory.file("a"), passphrase: nil)
      }
      #expect(error?.description == "\(directory.file(name)): cannot create: File exists")
      #expect(try Files.list(directory.path) == [name])
      #expect(try Files.read(directory.file(name)) == Array("precious".utf8))
      #expect(unlink(directory.file(name)) == 0)
    }
  }

  @Test("with a passphrase is read with that one only")
  func passphrase() throws {
    let directory = try Directory()
    let key = try SecretKey.generate()
    try key.write(to: directory.file("a.key"), passphrase: Array("größer".utf8), cost: cheap)
    let id = key.publicKey
    let again = try SecretKey(reading: directory.file("a.key")) { _ in Array("größer".utf8) }.publicKey
    #expect(again == id)
    for (phrase, expected) in [
      (Array("grosser".utf8), KeyError.wrongPassphrase(path: directory.file("a.key"))),
      ([], .wrongPassphrase(path: directory.file("a.key"))), (nil, .noPassphrase(path: directory.file("a.key"))),
    ] as [([UInt8]?, KeyError)] {
      let error = failure { () throws(KeyError) in
        _ = try SecretKey(reading: directory.file("a.key")) { _ in phrase }
      }
      #expect(error == expected)
    }
  }

  @Test("refuses a passphrase that minisign could not read")
  func badPassphrase() throws {
    let directory = try Directory()
    for phrase in [[], [65, 0], Array("two\nlines".utf8), [UInt8](repeating: 65, count: 1024)] as [[UInt8]] {
      #expect(throws: KeyError.self) {
        try SecretKey.generate(name: directory.file("a"), passphrase: phrase)
      }
    }
    #expect(try Files.list(directory.path) == [])
  }

  @Test("halves the memory cost until it is available, as minisign does")
  func fallsBack() throws {
    var (cost, steps) = (SecretKey.Cost.sensitive, 0)
    while let less = cost.halved { (cost, steps) = (less, steps + 1) }
    // 2^30 bytes down to 2^24, the least that libsodium takes.
    #expect(steps == 6)
    #expect(SecretKey.Cost.minimum.isAtMost(cost))
  }

  @Test(
    "that is damaged, truncated, of another kind or public is reported in one line",
    arguments: ["", "x", "\n\n", Golden.openPublic, Golden.signature, String(repeating: "x", count: 5000)])
  func damaged(_ text: String) throws {
    let directory = try Directory()
    let path = try directory.write("a.key", text)
    let error = failure { () throws(KeyError) in _ = try SecretKey(reading: path, passphrase: refuse) }
    let line = try #require(error?.description)
    #expect(line.hasPrefix("\(path): not a usable key: "))
    #expect(!line.contains("\n"))
    #expect(line.contains("public") == (text == Golden.openPublic))
  }

  @Test("with any bit of its secret changed is refused, even without a checksum")
  func flipped() throws {
    let directory = try Directory()
    let line = Golden.openKey.split(separator: "\n")[1]
    let bytes = try #require(Sodium.decode(line.utf8, count: 158))
    // Seed and point; the id before them is only a name.
    for offset in stride(from: 62, to: 126, by: 3) {
      var broken = bytes
      broken[offset] ^= 1
      let text = String(decoding: broken.withUnsafeBytes { Sodium.base64($0) }, as: UTF8.self)
      let path = try directory.write("a.key", "untrusted comment: x\n\(text)\n")
      #expect(throws: KeyError.self) { _ = try SecretKey(reading: path, passphrase: refuse) }
    }
  }

  @Test("with a higher cost than minisign's is refused before it is derived")
  func hostileCost() throws {
    let directory = try Directory()
    let line = Golden.lockedKey.split(separator: "\n")[1]
    var bytes = try #require(Sodium.decode(line.utf8, count: 158))
    bytes[52] = 1
    let text = String(decoding: bytes.withUnsafeBytes { Sodium.base64($0) }, as: UTF8.self)
    let path = try directory.write("a.key", "untrusted comment: x\n\(text)\n")
    let error = failure { () throws(KeyError) in _ = try SecretKey(reading: path, passphrase: refuse) }
    #expect(error?.description.contains("more time or memory") == true)
  }

  @Test("is read by minisign, and minisign's by firstword", .enabled(if: Stranger.isHere(Stranger.minisign)))
  func minisign() throws {
    let directory = try Directory()
    let text = try directory.write("text", "hello\n")
    // Ours, open and locked: minisign signs with it, and our reader takes the signature.
    let open = try SecretKey.generate(name: directory.file("open"), passphrase: nil)
    let key = try SecretKey.generate()
    try key.write(to: directory.file("locked.key"), passphrase: Array("abc".utf8), cost: cheap)
    let locked = key.publicKey
    try locked.write(to: directory.file("locked.pub"))
    for (name, publicKey, input) in [("open", open, ""), ("locked", locked, "abc\n")] {
      let signed = try run(
        Stranger.minisign, ["-S", "-s", directory.file("\(name).key"), "-m", text, "-t", "by minisign"], input: input)
      #expect(signed.code == 0, "\(signed.output)")
      let signature = try Signature(try Files.read(text + ".minisig"))
      try signature.verify(Array("hello\n".utf8), by: publicKey)
      #expect(signature.trustedComment == "by minisign")
      // And the same content, comment and key give the same file, to the byte.
      let again = try SecretKey(reading: directory.file("\(name).key")) { _ in Array("abc".utf8) }
      let ours = try again.sign(Array("hello\n".utf8), trustedComment: "by minisign")
      #expect(try Files.read(text + ".minisig") == ours.file)
      let verified = try run(Stranger.minisign, ["-V", "-p", directory.file("\(name).pub"), "-m", text])
      #expect(verified.code == 0, "\(verified.output)")
    }
    // Theirs: we sign, minisign verifies.
    let made = try run(
      Stranger.minisign, ["-G", "-W", "-p", directory.file("m.pub"), "-s", directory.file("m.key")])
    #expect(made.code == 0, "\(made.output)")
    let theirs = try SecretKey(reading: directory.file("m.key"), passphrase: refuse)
    let publicKey = theirs.publicKey
    // The second line is the key. minisign's comment omits the leading zeros of the key's id.
    let written = try Files.read(directory.file("m.pub"))
    #expect(written.split(separator: 0x0A).last == publicKey.file.split(separator: 0x0A).last)
    try Files.replace(
      text + ".minisig", with: try theirs.sign(Array("hello\n".utf8), trustedComment: "by us, größer").file)
    let verified = try run(Stranger.minisign, ["-V", "-p", directory.file("m.pub"), "-m", text])
    #expect(verified.code == 0, "\(verified.output)")
    #expect(verified.output.contains("by us, größer"))
  }
}
