import Testing

@testable import Kit

@Suite("A checksum")
struct ChecksumTests {
  @Test("of CRC-32 matches the standard check value")
  func crc32() {
    #expect(Checksum.crc32(Array("123456789".utf8)) == 0xcbf4_3926)
    #expect(Checksum.crc32([]) == 0)
  }
}
