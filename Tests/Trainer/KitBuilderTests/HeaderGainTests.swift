import Opus
import Testing

@testable import KitBuilder

@Suite("A gain in the Opus header")
struct HeaderGainTests {
  /// The CRC of an Ogg page: polynomial 0x04c11db7, from 0, not reflected. (RFC 3533, 6)
  private func checksum(_ page: ArraySlice<UInt8>) -> UInt32 {
    page.reduce(0) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte) << 24) { crc, _ in crc << 1 ^ (crc >> 31 == 1 ? 0x04c1_1db7 : 0) }
    }
  }

  private func clip(gain: Int16) throws -> [UInt8] {
    let samples = (0..<24_000).map { Float($0 % 100) / 1000 }
    let tags = ClipTags(title: "t", language: "ro", voice: "f1", prompt: "p", status: "DRAFT", synthetic: false)
    var bytes = try OpusEncoder.encode(samples, rate: 48_000, tags: tags, serial: 1, settings: EncoderSettings())
    // The first page: 27 bytes, one segment of 19, OpusHead with the gain at 16.
    let (head, end) = (28, 28 + 19)
    #expect(bytes[head..<(head + 8)].elementsEqual("OpusHead".utf8))
    let value = UInt16(bitPattern: gain)
    (bytes[head + 16], bytes[head + 17]) = (UInt8(value & 0xff), UInt8(value >> 8))
    for index in 22..<26 { bytes[index] = 0 }
    let crc = checksum(bytes[..<end])
    for index in 0..<4 { bytes[22 + index] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * index)) }
    return bytes
  }

  @Test("is refused before a frame is decoded, whatever its size", arguments: [.max, .min, 256, -1] as [Int16])
  func refused(_ gain: Int16) throws {
    let bytes = try clip(gain: gain)
    #expect(throws: ClipError.gain) { _ = try ClipDecoder.decode(bytes) }
  }

  @Test("of 0 dB is the only one that is played")
  func accepted() throws { #expect(try ClipDecoder.decode(try clip(gain: 0)).count == 24_000) }
}
