import Opus

/// A clip, ready to be played: its Opus bytes and the first 100 ms of its frames.
///
/// Immutable; may be kept and played any number of times.
public final class PreparedClip: Sendable {
  /// 100 ms of 48 kHz.
  static let headLength = 4800

  /// Length in frames of 48 kHz.
  public let frames: Int
  let bytes: [UInt8]
  let head: [Int16]

  /// Decodes the head. The bytes must have been verified: what they hold will sound.
  public init(_ bytes: [UInt8]) throws(ClipError) {
    var decoder = try ClipDecoder(bytes)
    var head = [Int16](repeating: 0, count: Self.headLength)
    var filled = 0
    while filled < head.count {
      let count = try head.read(from: &decoder, at: filled)
      if count == 0 { break }
      filled += count
    }
    head.removeLast(head.count - filled)
    frames = decoder.frames
    self.bytes = bytes
    self.head = head
  }

  /// A clip that is all head: at most `Voice.capacity` frames.
  init(frames: [Int16]) {
    precondition(frames.count <= Voice.capacity)
    self.frames = frames.count
    bytes = []
    head = frames
  }
}

extension [Int16] {
  fileprivate mutating func read(from decoder: inout ClipDecoder, at start: Int) throws(ClipError) -> Int {
    var result: Result<Int, ClipError> = .success(0)
    withUnsafeMutableBufferPointer { buffer in
      do throws(ClipError) {
        result = .success(try decoder.read(into: UnsafeMutableBufferPointer(rebasing: buffer[start...])))
      } catch { result = .failure(error) }
    }
    return try result.get()
  }
}
