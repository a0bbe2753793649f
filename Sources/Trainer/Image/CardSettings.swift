import Channel
import Posix

/// What a card gets beside board, kit and keys.
public struct CardSettings: Equatable, Sendable {
  /// Whether the device keeps a journal, if its board does; false forbids it.
  public var keepsJournal = true
  /// The number or name that the owner gives the device: letters, digits and hyphens.
  public var serial: String?
  /// The volume after each start, in dB; nil for the board's own.
  public var volume: Double?
  /// The language in which the responder expects the device to speak to them; nil for any.
  public var language: String?
  /// Whether a DRAFT may go onto a board for trials.
  public var allowsDraft = false

  /// The channel that the device follows; nil for none.
  public var channel: Channel?

  /// A channel that a device follows.
  public struct Channel: Equatable, Sendable {
    /// The URLs of its mirrors.
    public var mirrors: [String]
    /// The root metadata that the device trusts first.
    public var root: Content
    /// Networks by radio, as in wpa_supplicant.conf(5), with their passwords; nil for a cable alone.
    public var wifi: Content?

    /// The content of a file.
    public struct Content: Equatable, Sendable {
      /// The file's name in messages.
      public var name: String
      /// The bytes.
      public var bytes: [UInt8]

      /// Creates a content.
      public init(name: String, bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
    }

    /// The maximum size of the file of networks in bytes.
    private static let wifiLimit = 64 << 10

    /// Creates the settings of a channel.
    public init(mirrors: [String], root: Content, wifi: Content? = nil) {
      (self.mirrors, self.root, self.wifi) = (mirrors, root, wifi)
    }

    /// Reads the files of a channel.
    ///
    /// - Parameters:
    ///   - mirrors: the URLs of its mirrors.
    ///   - root: the path of the root metadata.
    ///   - wifi: the path of the file of networks; nil for none.
    public init(mirrors: [String], root: String, wifi: String? = nil) throws(SystemError) {
      let first = Content(name: root, bytes: try Files.read(root, limit: ChannelLimit.root))
      var networks: Content?
      if let wifi { networks = Content(name: wifi, bytes: try Files.read(wifi, limit: Self.wifiLimit)) }
      self.init(mirrors: mirrors, root: first, wifi: networks)
    }
  }

  /// Creates the usual settings.
  public init() {}
}
