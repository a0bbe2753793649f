/// The place at which a record cannot be parsed, and the reason.
public struct CardRecordingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Why the record cannot be parsed.
  public enum Problem: Equatable, Sendable {
    /// The file does not begin with the magic of a record.
    case notARecording
    /// The file has a version that this program does not read.
    case otherVersion(Int)
    /// No block begins here.
    case noBlock
    /// The block has an unknown kind.
    case unknownKind(Int)
    /// The block has more bytes than any can have.
    case tooLong(Int)
    /// The setup's values are out of range.
    case badSetup
    /// No machine has been on for so long.
    case badTime
    /// The number of frames and the number of bytes do not agree.
    case badFrames
    /// This kind of block cannot follow the blocks before it.
    case outOfOrder(CardRecording.Kind)
    /// Frames do not continue the frames before them.
    case gap
    /// The file is shorter than the part that was read before.
    case shrank
  }

  /// Offset from the start of the file in bytes.
  public let offset: Int
  /// Why the record cannot be parsed.
  public let problem: Problem

  init(offset: Int, _ problem: Problem) {
    self.offset = offset
    self.problem = problem
  }

  /// The problem and its place, on one line.
  public var description: String {
    let what =
      switch problem {
      case .notARecording: "not a record of the simulated card"
      case .otherVersion(let version): "unknown version \(version)"
      case .noBlock: "no block begins here"
      case .unknownKind(let kind): "unknown kind of block \(kind)"
      case .tooLong(let size): "a block of \(size) bytes is longer than the maximum"
      case .badSetup: "the setup is out of range"
      case .badTime: "the time is out of range"
      case .badFrames: "the numbers of frames and bytes do not agree"
      case .outOfOrder(let kind): "'\(kind)' is not allowed here"
      case .gap: "frames do not continue the frames before them"
      case .shrank: "the file became shorter while it was read"
      }
    return "record of the card, byte \(offset): \(what)"
  }
}
