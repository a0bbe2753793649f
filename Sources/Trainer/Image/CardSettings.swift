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
    /// The path of the root metadata that the device trusts first.
    public var root: String
    /// The path of a file with networks by radio; nil for a cable alone.
    public var wifi: String?

    /// Creates the settings of a channel.
    public init(mirrors: [String], root: String, wifi: String? = nil) {
      (self.mirrors, self.root, self.wifi) = (mirrors, root, wifi)
    }
  }

  /// Creates the usual settings.
  public init() {}
}
