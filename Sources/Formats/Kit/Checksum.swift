/// CRC-32 as in ZIP (polynomial 0xEDB88320). It detects accidental damage, not changes on purpose.
package enum Checksum {
  /// Eight tables of 256 remainders: of a byte, of a byte before a zero, before two, and so on.
  private static let table: [UInt32] = {
    var table: [UInt32] = (0..<256).map { index in
      (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }
    for index in 256..<8 * 256 {
      let before = table[index - 256]
      table.append(before >> 8 ^ table[Int(before & 0xff)])
    }
    return table
  }()

  /// Returns the CRC-32 of the bytes. It reads eight at a time: a device is ready when it has read all manifests.
  package static func crc32(_ bytes: [UInt8]) -> UInt32 {
    table.withUnsafeBufferPointer { table in
      bytes.withUnsafeBytes { bytes in
        var value = ~0 as UInt32
        var position = 0
        while bytes.count - position >= 8 {
          let word =
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)) ^ UInt64(value)
          value = 0
          for byte in 0..<8 { value ^= table[(7 - byte) << 8 | Int(word >> (UInt64(byte) * 8) & 0xff)] }
          position += 8
        }
        while position < bytes.count {
          value = value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ bytes[position])]
          position += 1
        }
        return ~value
      }
    }
  }
}
