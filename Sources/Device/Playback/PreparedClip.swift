import Opus

/// A clip that is ready to play: its Opus bytes, and its first 100 ms decoded. It is immutable and can be played any
/// number of times. It may consist of several clips in a row, with silence between them.
public final class PreparedClip: Sendable {
  /// One Opus file of a clip.
  struct Part: Sendable {
    /// Frames of silence before it.
    var silence = 0
    /// Length in frames at 48 kHz, without the silence.
    let frames: Int
    /// The Ogg Opus file; empty where the head is the whole part.
    let bytes: [UInt8]
    /// The first frames.
    let head: [Int16]
  }

  /// Frames of the head: 100 ms at 48 kHz.
  static let headLength = 4800

  /// Length of the clip in frames at 48 kHz.
  public let frames: Int
  /// What it consists of, in order; never empty. No silence is before the first part.
  let parts: [Part]

  /// The first frames.
  var head: [Int16] { parts[0].head }

  /// The Ogg Opus file of its first part.
  public var file: [UInt8] { parts[0].bytes }

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
    let length = max(frames ?? 0, decoder.frames)
    self.frames = length
    parts = [Part(frames: length, bytes: bytes, head: head)]
  }

  /// Joins two clips to one message: it is played, cut and reported as one clip.
  ///
  /// - Parameters:
  ///   - first: the clip that is heard first.
  ///   - second: the clip after it; its head is ready as well.
  ///   - silence: frames of silence between them.
  public init(_ first: PreparedClip, then second: PreparedClip, after silence: Int) {
    var later = second.parts
    later[0].silence = silence
    parts = first.parts + later
    frames = first.frames + silence + second.frames
  }

  /// Creates a clip from its parts.
  init(parts: [Part]) {
    self.parts = parts
    frames = parts.reduce(0) { $0 + $1.silence + $1.frames }
  }

  /// Creates a clip that consists of its head.
  ///
  /// - Parameter frames: at most `ClipBuffer.capacity` frames.
  init(frames: [Int16]) {
    precondition(frames.count <= ClipBuffer.capacity)
    self.frames = frames.count
    parts = [Part(frames: frames.count, bytes: [], head: frames)]
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
