import COpusFile

/// Why bytes are no clip.
public enum ClipError: Error, Equatable, Sendable, CustomStringConvertible {
  /// libopusfile's code: OP_ENOTFORMAT, OP_EBADHEADER, OP_HOLE and so on.
  case unreadable(CInt)
  /// The stream has more than one channel.
  case notMono
  /// The file contains more than one stream.
  case chained
  /// The header changes the level: a kit's level is measured in the samples, and players disagree about the gain.
  case gain

  /// The reason, on one line.
  public var description: String {
    switch self {
    case .unreadable(OP_ENOTFORMAT): "no Ogg Opus stream"
    case .unreadable(OP_EBADHEADER), .unreadable(OP_EVERSION): "the Opus header is damaged"
    case .unreadable(OP_HOLE), .unreadable(OP_EBADPACKET), .unreadable(OP_EBADLINK), .unreadable(OP_EBADTIMESTAMP):
      "the Opus stream is damaged"
    case .unreadable(let code): "the Opus stream cannot be read (libopusfile code \(code))"
    case .notMono: "the Opus stream has more than one channel"
    case .gain: "the Opus header changes the level, by up to 128 dB"
    case .chained: "the file holds more than one Opus stream"
    }
  }
}
