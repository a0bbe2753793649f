import CSodium
import Encoding
import Glibc
import Posix

/// The secret half of a key pair: Ed25519, in minisign's format.
///
/// Its memory is locked, excluded from core dumps and wiped when the key is destroyed. sodium_malloc(3)
///
/// A class instead of a `~Copyable` struct: Swift 6.0 cannot destroy such a struct in another module if it holds another.
/// Any thread may sign: the memory is written only while the key is made.
public final class SecretKey: @unchecked Sendable {
  /// minisign's `keynum_sk`: id (8 bytes), seed and point (64), checksum (32).
  private let memory: SecretMemory

  private init(memory: consuming SecretMemory) { self.memory = memory }

  /// Generates a random key pair. crypto_sign_keypair(3)
  public static func generate() throws(KeyError) -> SecretKey {
    let memory = try SecretMemory(count: Layout.body)
    var point = [UInt8](repeating: 0, count: 32)
    randombytes_buf(memory.start, 8)
    guard crypto_sign_keypair(&point, memory.bytes + 8) == 0 else { throw .unavailable }
    sodium_memzero(memory.start + Layout.checksum, 32)
    return SecretKey(memory: memory)
  }

  /// Generates a key pair and creates `NAME.key` and `NAME.pub`.
  ///
  /// - Parameter passphrase: encrypts the key file; without it the file is as `minisign -G -W` makes it, and anyone who
  ///   can read it can sign.
  /// - Throws: `.system` with EEXIST if either file exists; both then stay as they are.
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

  /// Reads a `NAME.key` file as minisign writes it.
  ///
  /// Decrypting takes some seconds and up to 1 GiB of memory, by design. crypto_pwhash_scryptsalsa208sha256(3)
  ///
  /// - Parameter passphrase: gets a prompt and returns the passphrase's UTF-8, which is wiped here, or `nil` to give up;
  ///   called only for an encrypted key.
  public convenience init(reading path: String, passphrase: (String) -> [UInt8]?) throws(KeyError) {
    var isExposed = false
    var text = try Self.load(path, isExposed: &isExposed)
    defer { Sodium.wipe(&text) }
    try self.init(text, path: path, isExposed: isExposed, passphrase: passphrase)
  }

  /// Reads a key from the content of a `NAME.key` file.
  ///
  /// - Parameters:
  ///   - text: the content, which the caller wipes.
  ///   - name: the file's name, for errors.
  ///   - passphrase: as in `init(reading:passphrase:)`.
  public convenience init(
    content text: [UInt8], named name: String, passphrase: (String) -> [UInt8]?
  ) throws(KeyError) {
    if text.count > KeyFile.limit { throw .malformed(path: name, why: "it is too long") }
    try self.init(text, path: name, isExposed: false, passphrase: passphrase)
  }

  private init(
    _ text: [UInt8], path: String, isExposed: Bool, passphrase: (String) -> [UInt8]?
  ) throws(KeyError) {
    let whole = try Self.whole(text, path: path)
    // The header is not secret.
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
      // A hostile file could ask for hours or all memory; minisign never writes a higher cost.
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
    } else if isExposed {
      throw .exposed(path: path)
    }
    // An unencrypted key has no checksum, and a signature made with a point that does not belong to the seed reveals
    // the seed.
    guard try Self.pointMatchesSeed(body) else {
      throw .malformed(path: path, why: "its two halves do not belong together")
    }
    memory = body
  }

  /// Creates the file `path`, readable only by its owner.
  ///
  /// - Parameter passphrase: UTF-8 of 1 to 1023 bytes, wiped here; encrypts the key as minisign does.
  /// - Throws: `.system` with EEXIST if the file exists.
  public func write(to path: String, passphrase: consuming [UInt8]?) throws(KeyError) {
    try write(to: path, passphrase: passphrase, cost: .sensitive)
  }

  func write(to path: String, passphrase: consuming [UInt8]?, cost: Cost) throws(KeyError) {
    var text = try content(named: path, passphrase: passphrase, cost: cost)
    defer { Sodium.wipe(&text) }
    try mapError(KeyError.system, Files.create(path, with: text, mode: 0o600))
  }

  /// Returns the content of a key file, which the caller wipes.
  ///
  /// - Parameters:
  ///   - name: the file's name, for errors.
  ///   - passphrase: as in `write(to:passphrase:)`.
  public func content(named name: String, passphrase: consuming [UInt8]?) throws(KeyError) -> [UInt8] {
    try content(named: name, passphrase: passphrase, cost: .sensitive)
  }

  private func content(named path: String, passphrase: consuming [UInt8]?, cost: Cost) throws(KeyError) -> [UInt8] {
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
        // Memory is short: halve the cost as minisign does; the file records it.
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
    text.reserveCapacity(512)  // growing would leave copies in memory
    var line = Sodium.base64(UnsafeRawBufferPointer(start: whole.start, count: whole.count))
    defer { Sodium.wipe(&line) }
    text += line
    text.append(10)
    return text
  }

  /// The public half.
  public var publicKey: PublicKey {
    let bytes = UnsafeRawBufferPointer(start: memory.start, count: Layout.body)
    return PublicKey(id: KeyID(bytes[0..<8]), point: Array(bytes[40..<72]))
  }

  /// Signs as `minisign -S -t trustedComment` does: Ed25519 over the BLAKE2b-512 of the message, then over that signature
  /// and the comment. Equal keys, messages and comments give equal bytes. crypto_sign_detached(3)
  ///
  /// - Throws: `.comment` for a comment with control characters, or of more than `Signature.commentLimit` bytes.
  public func sign(_ message: [UInt8], trustedComment: String) throws(KeyError) -> Signature {
    guard Signature.isPrintable(trustedComment) else { throw .comment("it has a control character") }
    guard trustedComment.utf8.count <= Signature.commentLimit else { throw .comment("it is too long") }
    let signature = detached(Digest.blake2b512(message))
    return Signature(
      key: publicKey.id, comment: "signature from minisign secret key", trustedComment: trustedComment,
      signature: signature, global: detached(signature + Array(trustedComment.utf8)))
  }

  /// Signs bytes as they are: Ed25519 (RFC 8032), as the metadata of a channel needs. crypto_sign_detached(3)
  ///
  /// - Returns: 64 bytes.
  package func rawSignature(of message: [UInt8]) -> [UInt8] { detached(message) }

  private func detached(_ message: [UInt8]) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: Int(crypto_sign_BYTES))
    // It always returns 0.
    _ = crypto_sign_detached(&signature, nil, message, UInt64(message.count), memory.bytes + 8)
    return signature
  }

  /// Returns whether the key's point is the one of its seed. crypto_sign_seed_keypair(3)
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

  /// Reads a key file.
  ///
  /// - Parameter isExposed: set where other users than the file's owner may read the file.
  /// - Returns: the content, which the caller wipes.
  private static func load(_ path: String, isExposed: inout Bool) throws(KeyError) -> [UInt8] {
    let text: [UInt8]
    do throws(SystemError) {
      // Files.read grows its array, which would leave copies in memory.
      let file = try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK)
      let size = try file.regularFileSize(path: path)
      text = try file.read(min(size, KeyFile.limit + 1), at: 0) ?? []
      var status = stat()
      isExposed = fstat(file.raw, &status) == 0 && status.st_mode & 0o044 != 0
    } catch {
      throw .system(error.at(path))
    }
    if text.count > KeyFile.limit { throw .malformed(path: path, why: "it is too long") }
    return text
  }

  /// Returns the 158 bytes of a key file's content.
  private static func whole(_ text: [UInt8], path: String) throws(KeyError) -> SecretMemory {
    let line = try KeyFile.payload(of: text, path: path)
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

  /// Sizes and offsets in bytes of minisign's `SeckeyStruct`.
  private enum Layout {
    static let header = 54
    static let body = 104
    static let whole = 158
    /// From the start of the body.
    static let checksum = 72
  }

  /// The limits of a key derivation. crypto_pwhash_scryptsalsa208sha256(3)
  struct Cost: Equatable {
    var operations: UInt64
    var memory: UInt64

    /// The cost that minisign tries first.
    static let sensitive = Cost(
      operations: UInt64(crypto_pwhash_scryptsalsa208sha256_opslimit_sensitive()),
      memory: UInt64(crypto_pwhash_scryptsalsa208sha256_memlimit_sensitive()))
    static let minimum = Cost(
      operations: UInt64(crypto_pwhash_scryptsalsa208sha256_opslimit_min()),
      memory: UInt64(crypto_pwhash_scryptsalsa208sha256_memlimit_min()))

    /// Returns whether neither limit is above the other cost's.
    func isAtMost(_ other: Cost) -> Bool { operations <= other.operations && memory <= other.memory }

    /// Half of both limits; `nil` below the minimum.
    var halved: Cost? {
      let half = Cost(operations: operations / 2, memory: memory / 2)
      return Cost.minimum.isAtMost(half) ? half : nil
    }
  }
}

extension [UInt8] {
  /// Reads a little-endian number of eight bytes.
  fileprivate func number(at offset: Int) -> UInt64 {
    self[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension UInt64 {
  fileprivate var littleEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> (8 * UInt64($0))) } }
}
