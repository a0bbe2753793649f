import CSodium
import Encoding
import Glibc
import Posix

/// The half of a key pair that signs: Ed25519, in minisign's format. Its memory is locked, kept out of core dumps
/// and wiped when the key ends. sodium_malloc(3)
///
/// A class and not a `~Copyable` struct: Swift 6.0 cannot end such a struct in another module if it holds another.
public final class SecretKey {
  /// minisign's `keynum_sk`: id (8), seed and point (64), checksum (32).
  private let memory: SecretMemory

  private init(memory: consuming SecretMemory) { self.memory = memory }

  /// A new random pair. crypto_sign_keypair(3)
  public static func generate() throws(KeyError) -> SecretKey {
    let memory = try SecretMemory(count: Layout.body)
    var point = [UInt8](repeating: 0, count: 32)
    randombytes_buf(memory.start, 8)
    guard crypto_sign_keypair(&point, memory.bytes + 8) == 0 else { throw .unavailable }
    sodium_memzero(memory.start + Layout.checksum, 32)
    return SecretKey(memory: memory)
  }

  /// Makes `NAME.key` and `NAME.pub`; where either is there already, both stay as they are and it is an error.
  ///
  /// Without a passphrase the key file is as `minisign -G -W` makes it: whoever reads the file can sign.
  public static func generate(name: String, passphrase: consuming [UInt8]?) throws(KeyError) -> PublicKey {
    let (secret, open) = (name + ".key", name + ".pub")
    for path in [secret, open] where Files.exists(path) {
      throw .system(SystemError("create", path: path, code: EEXIST))
    }
    let key = try generate()
    try key.write(to: secret, passphrase: passphrase)
    do throws(KeyError) { try key.publicKey.write(to: open) } catch {
      _ = unlink(secret)
      throw error
    }
    return key.publicKey
  }

  /// Reads a `NAME.key` as minisign writes it. `passphrase` gets a prompt, and is called only if the key is
  /// encrypted; it answers the passphrase's UTF-8 (the array is wiped here) or `nil` to give up.
  ///
  /// Unlocking takes some seconds and up to 1 GiB of memory, as it is meant to.
  public init(reading path: String, passphrase: (String) -> [UInt8]?) throws(KeyError) {
    let whole = try Self.load(path)
    // Nothing in it is secret.
    let header = Array(UnsafeRawBufferPointer(start: whole.start, count: Layout.header))
    guard header[0..<2].elementsEqual("Ed".utf8) else {
      throw .malformed(path: path, why: "it is no Ed25519 key")
    }
    guard header[4..<6].elementsEqual("B2".utf8) else {
      throw .malformed(path: path, why: "its checksum is of an unknown kind")
    }
    let body = try SecretMemory(count: Layout.body)
    body.start.copyMemory(from: whole.start + Layout.header, byteCount: Layout.body)

    if header[2..<4].elementsEqual("Sc".utf8) {
      let cost = Cost(operations: header.number(at: 38), memory: header.number(at: 46))
      // A hostile file could ask for hours or for all memory; minisign never writes more than this.
      guard cost.isAtMost(.sensitive) else {
        throw .malformed(path: path, why: "its key derivation asks for more time or memory than minisign ever does")
      }
      guard var phrase = passphrase("Passphrase for \(path): ") else { throw .noPassphrase(path: path) }
      defer { Sodium.wipe(&phrase) }
      guard try body.encrypt(phrase, salt: Array(header[6..<38]), cost: cost) else { throw .noMemory(path: path) }
      guard try Self.checksum(of: body).elementsEqual(UnsafeRawBufferPointer(start: body.start + 72, count: 32)) else {
        throw .wrongPassphrase(path: path)
      }
    } else if !header[2..<4].elementsEqual([0, 0]) {
      throw .malformed(path: path, why: "its key derivation is of an unknown kind")
    }
    // An open key has no checksum, and a signature made with a point that is not the seed's own gives the seed away.
    guard try Self.pointMatchesSeed(body) else {
      throw .malformed(path: path, why: "its two halves do not belong together")
    }
    memory = body
  }

  /// Makes the file `path`, readable by its owner only; one that is there stays and is an error.
  ///
  /// With a passphrase (UTF-8, 1 to 1023 bytes, wiped here) the key is encrypted as minisign does.
  public func write(to path: String, passphrase: consuming [UInt8]?) throws(KeyError) {
    try write(to: path, passphrase: passphrase, cost: .sensitive)
  }

  func write(to path: String, passphrase: consuming [UInt8]?, cost: Cost) throws(KeyError) {
    let whole = try SecretMemory(count: Layout.whole)
    sodium_memzero(whole.start, whole.count)
    let body = try SecretMemory(count: Layout.body)
    body.start.copyMemory(from: memory.start, byteCount: Layout.body)
    sodium_memzero(body.start + Layout.checksum, 32)
    var comment = "minisign secret key, not encrypted"
    whole.store("Ed".utf8, at: 0)
    whole.store("B2".utf8, at: 4)
    if var phrase = passphrase {
      defer { Sodium.wipe(&phrase) }
      try Self.check(phrase)
      var salt = [UInt8](repeating: 0, count: 32)
      randombytes_buf(&salt, salt.count)
      body.store(try Self.checksum(of: body), at: Layout.checksum)
      var cost = cost
      while try !body.encrypt(phrase, salt: salt, cost: cost) {
        // As minisign does where memory is short; the file says which cost it was.
        guard let less = cost.halved else { throw .noMemory(path: path) }
        cost = less
      }
      comment = "minisign encrypted secret key"
      whole.store("Sc".utf8, at: 2)
      whole.store(salt, at: 6)
      whole.store(cost.operations.littleEndianBytes, at: 38)
      whole.store(cost.memory.littleEndianBytes, at: 46)
    }
    (whole.start + Layout.header).copyMemory(from: body.start, byteCount: Layout.body)
    var text = Array("untrusted comment: \(comment)\n".utf8)
    text.reserveCapacity(512)  // so that no copy is left behind by growing
    defer { Sodium.wipe(&text) }
    var line = Sodium.base64(UnsafeRawBufferPointer(start: whole.start, count: whole.count))
    defer { Sodium.wipe(&line) }
    text += line
    text.append(10)
    do throws(SystemError) { try Files.create(path, with: text, mode: 0o600) } catch { throw .system(error) }
  }

  public var publicKey: PublicKey {
    let bytes = UnsafeRawBufferPointer(start: memory.start, count: Layout.body)
    return PublicKey(id: KeyID(bytes[0..<8]), point: Array(bytes[40..<72]))
  }

  /// Signs as `minisign -S -t trustedComment` does: Ed25519 over BLAKE2b-512 of the message, and once more over that
  /// signature with the comment. The same key, message and comment give the same bytes. crypto_sign_detached(3)
  public func sign(_ message: [UInt8], trustedComment: String) throws(KeyError) -> Signature {
    guard Signature.isPrintable(trustedComment) else { throw .comment("it has a control character") }
    guard trustedComment.utf8.count <= Signature.commentLimit else { throw .comment("it is too long") }
    let signature = detached(Digest.blake2b512(message))
    return Signature(
      key: publicKey.id, comment: "signature from minisign secret key", trustedComment: trustedComment,
      signature: signature, global: detached(signature + Array(trustedComment.utf8)))
  }

  private func detached(_ message: [UInt8]) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: Int(crypto_sign_BYTES))
    // It always answers 0.
    _ = crypto_sign_detached(&signature, nil, message, UInt64(message.count), memory.bytes + 8)
    return signature
  }

  private static func pointMatchesSeed(_ body: borrowing SecretMemory) throws(KeyError) -> Bool {
    let pair = try SecretMemory(count: 64)
    var point = [UInt8](repeating: 0, count: 32)
    guard crypto_sign_seed_keypair(&point, pair.bytes, body.bytes + 8) == 0 else { return false }
    return point.elementsEqual(UnsafeRawBufferPointer(start: body.start + 40, count: 32))
  }

  /// minisign's `B2` checksum: BLAKE2b-256 over the algorithm, the id and the key. crypto_generichash(3)
  private static func checksum(of body: borrowing SecretMemory) throws(KeyError) -> [UInt8] {
    let message = try SecretMemory(count: 2 + Layout.checksum)
    message.store("Ed".utf8, at: 0)
    (message.start + 2).copyMemory(from: body.start, byteCount: Layout.checksum)
    var sum = [UInt8](repeating: 0, count: 32)
    _ = crypto_generichash(&sum, sum.count, message.bytes, UInt64(message.count), nil, 0)
    return sum
  }

  /// The 158 bytes of a key file.
  private static func load(_ path: String) throws(KeyError) -> SecretMemory {
    var text: [UInt8]
    do throws(SystemError) {
      // Not Files.read: it grows its array, and the copies would stay in memory.
      let file = try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK)
      let size = try file.regularFileSize(path: path)
      text = try file.read(min(size, KeyText.limit + 1), at: 0) ?? []
    } catch {
      throw .system(SystemError(error.operation, path: path, code: error.code))
    }
    if text.count > KeyText.limit { throw .malformed(path: path, why: "it is too long") }
    defer { Sodium.wipe(&text) }
    let line = try KeyText.payload(of: text, path: path)
    let whole = try SecretMemory(count: Layout.whole)
    guard Sodium.decode(line, into: whole.start, count: whole.count) else {
      let open = line.count == 56
      throw .malformed(path: path, why: open ? "it is a public key, not a secret one" : "its second line is damaged")
    }
    return whole
  }

  private static func check(_ passphrase: [UInt8]) throws(KeyError) {
    if passphrase.isEmpty { throw .unusablePassphrase(why: "it is empty") }
    if passphrase.count > 1023 { throw .unusablePassphrase(why: "it is longer than 1023 bytes") }
    if passphrase.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 }) {
      throw .unusablePassphrase(why: "it has a line end or a zero byte")
    }
  }

  /// Where things lie in minisign's `SeckeyStruct`.
  private enum Layout {
    static let header = 54
    static let body = 104
    static let whole = 158
    /// Inside the body.
    static let checksum = 72
  }

  /// What scrypt may use: crypto_pwhash_scryptsalsa208sha256(3)'s limits.
  struct Cost: Equatable {
    var operations: UInt64
    var memory: UInt64

    /// What minisign begins with.
    static let sensitive = Cost(
      operations: UInt64(crypto_pwhash_scryptsalsa208sha256_opslimit_sensitive()),
      memory: UInt64(crypto_pwhash_scryptsalsa208sha256_memlimit_sensitive()))
    static let least = Cost(
      operations: UInt64(crypto_pwhash_scryptsalsa208sha256_opslimit_min()),
      memory: UInt64(crypto_pwhash_scryptsalsa208sha256_memlimit_min()))

    func isAtMost(_ other: Cost) -> Bool { operations <= other.operations && memory <= other.memory }

    var halved: Cost? {
      let half = Cost(operations: operations / 2, memory: memory / 2)
      return Cost.least.isAtMost(half) ? half : nil
    }
  }
}

/// Locked memory that is wiped when it ends. sodium_malloc(3), sodium_free(3)
///
/// Not private: an optimized build destroys a SecretKey where it is used, in another module, and needs this type there.
struct SecretMemory: ~Copyable {
  let start: UnsafeMutableRawPointer
  let count: Int

  init(count: Int) throws(KeyError) {
    guard Sodium.ready, let start = sodium_malloc(count) else { throw .unavailable }
    self.start = start
    self.count = count
  }

  deinit { sodium_free(start) }

  var bytes: UnsafeMutablePointer<UInt8> { start.assumingMemoryBound(to: UInt8.self) }

  borrowing func store(_ values: some Collection<UInt8>, at offset: Int) {
    UnsafeMutableRawBufferPointer(start: start + offset, count: count - offset).copyBytes(from: values)
  }

  /// XORs the key stream of the passphrase over it: encrypts and decrypts; false where memory is short.
  /// crypto_pwhash_scryptsalsa208sha256(3)
  borrowing func encrypt(_ passphrase: [UInt8], salt: [UInt8], cost: SecretKey.Cost) throws(KeyError) -> Bool {
    let stream = try SecretMemory(count: count)
    let nothing = UnsafePointer(stream.start.assumingMemoryBound(to: CChar.self))
    let code = passphrase.withUnsafeBytes { phrase in
      crypto_pwhash_scryptsalsa208sha256(
        stream.bytes, UInt64(count), phrase.bindMemory(to: CChar.self).baseAddress ?? nothing, UInt64(phrase.count),
        salt, cost.operations, Int(cost.memory))
    }
    guard code == 0 else { return false }
    for position in 0..<count { bytes[position] ^= stream.bytes[position] }
    return true
  }
}

extension [UInt8] {
  /// Eight bytes, least first.
  fileprivate func number(at offset: Int) -> UInt64 {
    self[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension UInt64 {
  fileprivate var littleEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> (8 * UInt64($0))) } }
}
