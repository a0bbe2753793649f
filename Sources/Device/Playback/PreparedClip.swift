import Opus

/// A clip that is ready to play: its Opus bytes, and its first 100 ms decoded. It is immutable and can be played any
/// number of times.
public final class PreparedClip: Sendable {
  /// Frames of the head: 100 ms at 48 kHz.
  static let headLength = 4800

  /// Length of the clip in frames at 48 kHz.
  public let frames: Int
  /// The Ogg Opus file; empty where the head is the whole clip.
  let bytes: [UInt8]
  /// The first frames.
  let head: [Int16]

  /// Decodes the head.
  ///
  /// - Parameters:
  ///   - bytes: an Ogg Opus file that has been verified: whatever it holds will be played.
  ///   - frames: the length that its manifest states; nil if there is none. The file states a length too, which is too
  ///     short where its last page is damaged. If fewer frames than either can be decoded, the clip ends as truncated.
  /// - Throws: `ClipError` where the head cannot be decoded.
  public init(_ bytes: [UInt8], frames: Int? = nil) throws(ClipError) {
    var decoder = try ClipDecoder(bytes)
    var head = [Int16](repeating: 0, count: Self.headLength)
    var filled = 0
    while filled < head.count {
      let count = try head.read(from: &decoder, at: filled)
      if count == 0 { break }
      filled += count
    }
    head.removeLast(head.count - filled)
    self.frames = max(frames ?? 0, decoder.frames)
    self.bytes = bytes
    self.head = head
  }

  /// Creates a clip that consists of its head.
  ///
  /// - Parameter frames: at most `ClipBuffer.capacity` frames.
  init(frames: [Int16]) {
    precondition(frames.count <= ClipBuffer.capacity)
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
