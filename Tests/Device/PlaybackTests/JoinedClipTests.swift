import Glibc
import Testing

@testable import Playback

@Suite("A message of two clips")
struct JoinedClipTests {
  /// Decodes a clip into a buffer as the player does, and returns what the audio thread reads.
  private func frames(of clip: PreparedClip, chunks: Int = 1) -> (frames: [Int16], isTruncated: Bool) {
    let buffers = UnsafeMutablePointer<ClipBuffer>.allocate(capacity: 1)
    buffers.initialize(to: ClipBuffer())
    defer {
      buffers.deinitialize(count: 1)
      buffers.deallocate()
    }
    buffers.pointee.take()
    _ = clip.head.withUnsafeBufferPointer { buffers.pointee.append($0) }
    var decoding = ClipDecoding(DecodeThread.Job(clip: clip, buffer: 0))
    var read: [Int16] = []
    var goesOn = true
    while goesOn {
      goesOn = decoding.decode(buffers, atMost: chunks)
      while let frame = buffers.pointee.next() { read.append(frame) }
    }
    decoding.finish(buffers)
    return (read, buffers.pointee.isTruncated)
  }

  @Test("the question is followed by the pause and the formula, without a gap", arguments: [0, 1, 960, 38_400])
  func joins(silence: Int) {
    let question = [Int16](1...5000)
    let formula = [Int16](10_000...12_345)
    let joined = PreparedClip(PreparedClip(frames: question), then: PreparedClip(frames: formula), after: silence)
    let expected = question + [Int16](repeating: 0, count: silence) + formula
    #expect(joined.frames == expected.count)
    for chunks in [1, 4] {
      let heard = frames(of: joined, chunks: chunks)
      #expect(heard.frames == expected)
      #expect(!heard.isTruncated)
    }
  }

  @Test("the first frames are the question's, so a press waits for nothing else")
  func head() {
    let joined = PreparedClip(PreparedClip(frames: [1, 2, 3]), then: PreparedClip(frames: [4, 5]), after: 10)
    #expect(joined.head == [1, 2, 3])
    #expect(joined.parts.map(\.silence) == [0, 10])
  }

  @Test("a formula that cannot be decoded truncates the message")
  func truncated() {
    let question = PreparedClip(frames: [1, 2, 3])
    let damaged = PreparedClip(parts: [PreparedClip.Part(frames: 9000, bytes: [1, 2, 3], head: [7, 8])])
    let heard = frames(of: PreparedClip(question, then: damaged, after: 2))
    #expect(heard.frames == [1, 2, 3, 0, 0, 7, 8])
    #expect(heard.isTruncated)
  }
}
