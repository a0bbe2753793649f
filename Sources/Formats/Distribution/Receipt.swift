import Encoding
import Kit
import Posix

/// A device's statement of what it has: its key, its kit, the version of the channel. No person, no place, no journal.
///
/// A board has no clock, so receipts of one device are ordered by a number that rises.
public struct Receipt: Codable, Equatable, Sendable {
  /// The format that this program writes and reads.
  public static let format = "firstword-receipt/1"

  /// The format of this document.
  public var format: String
  /// The device's public key, as `minisign -P` takes it.
  public var device: String
  /// Rises with each receipt of the device.
  public var number: Int
  /// The kit that the device plays; nil if it has none.
  public var kit: Kit?
  /// The version of the channel's snapshot that the device has verified; nil if it follows no channel.
  public var channel: Int?
  /// The issue of each recall list that the device heeds, by the id of the key that signed it.
  public var recalls: [String: Int]

  /// A kit, by its name, version and hash.
  public struct Kit: Codable, Equatable, Hashable, Sendable {
    /// The kit's name.
    public var name: String
    /// The kit's version.
    public var version: String
    /// The SHA-256 of its `kit.json`.
    public var sha256: String

    /// Creates the description of a kit.
    public init(name: String, version: String, sha256: String) {
      (self.name, self.version, self.sha256) = (name, version, sha256)
    }
  }

  /// Creates a receipt.
  public init(device: PublicKey, number: Int, kit: Kit?, channel: Int?, recalls: [String: Int] = [:]) {
    format = Self.format
    self.device = device.base64
    (self.number, self.kit, self.channel, self.recalls) = (number, kit, channel, recalls)
  }

  /// The device's key.
  public var key: PublicKey? { PublicKey(base64: device) }

  /// The maximum size of a receipt's file in bytes.
  public static let limit = 16 << 10

  /// Checks the rules that JSON cannot express.
  func validate() throws(DocumentError) {
    if format != Self.format { throw .format(format, expected: Self.format) }
    if key == nil { throw DocumentError("device", "is no public key") }
    try Rule.range(number, "number", 1...Int(Int32.max))
    if let kit {
      try Rule.word(kit.name, "kit.name", alphabet: Rule.names, limit: 64)
      try Rule.word(kit.version, "kit.version", alphabet: Rule.versions, limit: 64)
      try Rule.hash(kit.sha256, "kit.sha256")
    }
    if let channel { try Rule.range(channel, "channel", 1...Int(Int32.max)) }
    try Rule.count(recalls.count, "recalls", limit: 50)
    for (id, issue) in recalls {
      if KeyID(id) == nil { throw DocumentError("recalls", "has a name that is no key id") }
      try Rule.range(issue, "recalls.\(id)", 0...Int(Int32.max))
    }
  }
}

// MARK: - The file

extension Receipt {
  /// What a file holds: the receipt as a text, byte for byte as it was signed, and its signature.
  private struct Envelope: Codable {
    var receipt: String
    var signature: String
  }

  /// What is signed: never the same bytes as another document of a device.
  private static func message(_ text: String) -> [UInt8] { Array("firstword receipt\n".utf8) + Array(text.utf8) }

  /// Returns the content of a file: the receipt, signed with the device's key.
  public func file(signedBy key: SecretKey) throws(DocumentError) -> [UInt8] {
    try validate()
    let text = String(decoding: try Documents.encode(self), as: UTF8.self)
    let signature = Digest.hexadecimal(key.rawSignature(of: Self.message(text)))
    return try Documents.encode(Envelope(receipt: text, signature: signature))
  }

  /// Decodes the content of a file from anywhere, and verifies that the device which it names signed it.
  public init(file bytes: [UInt8]) throws(DocumentError) {
    try Rule.count(bytes.count, "", limit: Self.limit)
    let envelope = try Documents.decode(Envelope.self, from: bytes)
    let receipt = try Documents.decode(Receipt.self, from: Array(envelope.receipt.utf8))
    try receipt.validate()
    guard let key = receipt.key, key.verifies(hexadecimal: envelope.signature, of: Self.message(envelope.receipt))
    else {
      throw DocumentError("signature", "is not the device's")
    }
    self = receipt
  }

  /// The name of the directory with receipts: of the folder of a device that follows a channel, and of a stick.
  public static let directory = "receipts"

  /// The name of the file of a device: one for each, in any folder.
  public static func fileName(of device: PublicKey) -> String { "\(device.id).receipt.json" }

  /// Writes a device's receipt into a folder, with the number after the last one there.
  ///
  /// - Parameters:
  ///   - folder: an existing directory: of a stick, or of the device itself.
  ///   - key: the device's key.
  ///   - last: the number of the device's last receipt anywhere.
  /// - Returns: the receipt's number.
  @discardableResult
  public static func write(
    to folder: some PathConvertible, signedBy key: SecretKey, after last: Int, kit: Kit?, channel: Int?,
    recalls: [String: Int] = [:]
  ) throws -> Int {
    let path = Path(folder).appending(fileName(of: key.publicKey))
    let before = (try? Files.read(path, limit: limit)).flatMap { try? Receipt(file: $0) }
    let number = max(last, before?.key == key.publicKey ? before?.number ?? 0 : 0) + 1
    let receipt = Receipt(device: key.publicKey, number: number, kit: kit, channel: channel, recalls: recalls)
    try Files.replace(path, with: try receipt.file(signedBy: key))
    return number
  }
}
