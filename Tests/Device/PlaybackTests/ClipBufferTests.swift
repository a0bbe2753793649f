import Testing

@testable import Playback

@Suite("The ring of a clip")
struct ClipBufferTests {
  @Test("frames keep their order, also where the ring begins again")
  func order() {
    let buffer = ClipBuffer()
    buffer.take()
    var (written, read) = (0, 0)
    var frames = [Int16](repeating: 0, count: 10_007)
    while read < 5 * ClipBuffer.capacity {
      for i in frames.indices { frames[i] = Int16(truncatingIfNeeded: written + i) }
      written += frames.withUnsafeBufferPointer { buffer.append($0) }
      #expect(buffer.count == written - read)
      let wanted = [1, 480, 4999, 12_345][read % 4]
      var target = [Int16](repeating: -1, count: wanted)
      let count = target.withUnsafeMutableBufferPointer { buffer.peek(into: $0) }
      #expect(count == min(wanted, written - read))
      let isSame = (0..<count).allSatisfy { target[$0] == Int16(truncatingIfNeeded: read + $0) }
      #expect(isSame, "frames \(read) to \(read + count)")
      buffer.drop(count)
      read += count
    }
    #expect(buffer.append(UnsafeBufferPointer(start: nil, count: 0)) == 0)
  }

  @Test("a full ring takes what fits, and gives all of it back")
  func full() {
    let buffer = ClipBuffer()
    buffer.take()
    let frames = [Int16](repeating: 7, count: ClipBuffer.capacity + 5)
    #expect(frames.withUnsafeBufferPointer { buffer.append($0) } == ClipBuffer.capacity)
    #expect(frames.withUnsafeBufferPointer { buffer.append($0) } == 0)
    var target = [Int16](repeating: 0, count: ClipBuffer.capacity + 5)
    #expect(target.withUnsafeMutableBufferPointer { buffer.peek(into: $0) } == ClipBuffer.capacity)
    #expect(target.filter { $0 == 7 }.count == ClipBuffer.capacity)
  }
}
