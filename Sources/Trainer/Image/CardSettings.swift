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

  /// Creates the usual settings.
  public init() {}
}
