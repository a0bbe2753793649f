import Testing

@testable import Kit

@Suite("A checksum")
struct ChecksumTests {
  @Test("of CRC-32 matches the standard check value")
  func crc32() {
    #expect(Checksum.crc32(Array("123456789".utf8)) == 0xcbf4_3926)
    #expect(Checksum.crc32([]) == 0)
  }

  @Test("of CRC-32 is that of the definition, at any length", arguments: 0..<40)
  func definition(_ length: Int) {
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    var value = ~0 as UInt32
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }
    #expect(Checksum.crc32(bytes) == ~value)
  }
}
