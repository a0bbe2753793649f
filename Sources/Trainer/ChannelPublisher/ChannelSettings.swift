import Channel
import Encoding
import Kit

/// What the publisher notes of a channel for itself: `channel.json`. Nobody else reads it.
public struct ChannelSettings: Codable, Equatable, Sendable {
  /// The format that this program writes and reads.
  public static let format = "firstword-channel/1"

  /// The format of this document.
  public var format = Self.format
  /// For how many days each kind of metadata is valid.
  public var days = Lifetimes()
  /// The publisher's names for keys, by their ids in metadata.
  public var keys: [String: NamedKey] = [:]

  /// For how many days metadata is valid.
  public struct Lifetimes: Codable, Equatable, Sendable {
    /// Root: two years, for a ceremony takes people together.
    public var root = 730
    /// Targets: one year.
    public var targets = 365
    /// Snapshot: three months.
    public var snapshot = 90
    /// Timestamp: two weeks. It is signed again each day.
    public var timestamp = 14

    /// Creates the usual lifetimes.
    public init() {}
  }

  /// A key as people know it.
  public struct NamedKey: Codable, Equatable, Sendable {
    /// The name of its file, without `.pub`.
    public var name: String
    /// Its id in minisign's form, as `firstword keygen` prints it.
    public var id: String
  }

  /// Creates the settings of a new channel.
  public init() {}

  /// Notes the name of a key.
  mutating func note(_ key: NamedPublicKey) {
    keys[key.channelKey.id] = NamedKey(name: key.name, id: key.key.id.description)
  }

  /// Returns a key's name, or the beginning of its id in metadata.
  public func name(of keyID: String) -> String { keys[keyID]?.name ?? String(keyID.prefix(16)) }
}

/// A public key and the name of its file.
public struct NamedPublicKey: Sendable {
  /// The name of its file, without `.pub`.
  public let name: String
  /// The key.
  public let key: PublicKey

  /// Creates a named key.
  public init(name: String, key: PublicKey) { (self.name, self.key) = (name, key) }

  /// The key as metadata has it.
  var channelKey: ChannelKey { ChannelKey(ed25519: key.point) }
}

extension SecretKey {
  /// The id that metadata has for the public half.
  var channelID: String { ChannelKey(ed25519: publicKey.point).id }
}
