/// The exact form of the headers in a kit's container.
package enum ArchiveForm {
  /// The sizes of local header, central header and end record in bytes, without names.
  package static let local = 30
  package static let central = 46
  package static let end = 22
  package static let localSignature = 0x0403_4b50
  package static let centralSignature = 0x0201_4b50
  static let endSignature = 0x0605_4b50

  /// "Version made by": libzip writes "Unix, version 6.3" since 1.4; 4.5 stands for ZIP64 as the newest feature.
  package static let makers: Set<Int> = [0x033f, 0x032d]
  /// "Version needed to extract": 1.0 for stored entries; most other programs write 2.0.
  package static let needs: Set<Int> = [10, 20]
  /// The fixed date of all entries: 1980-01-01, the first in ZIP.
  static let date = 0x21
  /// The external attributes: a regular file, rw-r--r--, in the upper half.
  static let attributes = 0o100644 << 16

  /// Returns whether a name has only letters, digits and `-._/`, and no part that is empty or only dots.
  static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "/"):
        continue
      default: return false
      }
    }
    return bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy {
      $0.contains { $0 != UInt8(ascii: ".") }
    }
  }

  /// Returns the local header: signature, version needed, flags, method, time, date, CRC, two sizes, two lengths, name.
  /// APPNOTE.TXT, 4.3.7
  package static func local(_ entry: Archive.Entry, needed: UInt16) -> [UInt8] {
    var header: [UInt8] = []
    header.reserveCapacity(local + entry.name.utf8.count)
    header.append(localSignature, 4)
    header.append(Int(needed), 2)
    common(entry, &header)
    header += entry.name.utf8
    return header
  }

  /// Returns the central header: signature, version made by, the local header's fields, comment length, disk, internal
  /// and external attributes, offset, name. APPNOTE.TXT, 4.3.12
  package static func central(_ entry: Archive.Entry, maker: Int, needed: Int) -> [UInt8] {
    var header: [UInt8] = []
    header.reserveCapacity(central + entry.name.utf8.count)
    header.append(centralSignature, 4)
    header.append(maker, 2)
    header.append(needed, 2)
    common(entry, &header)
    header.append(0, 2)
    header.append(0, 2)
    header.append(0, 2)
    header.append(attributes, 4)
    header.append(entry.offset, 4)
    header += entry.name.utf8
    return header
  }

  /// Returns the end record: signature, disks, counts, size and offset of the directory, comment length.
  /// APPNOTE.TXT, 4.3.16
  package static func end(count: Int, directory: Int, length: Int) -> [UInt8] {
    var record: [UInt8] = []
    record.append(endSignature, 4)
    record.append(0, 4)
    record.append(count, 2)
    record.append(count, 2)
    record.append(length, 4)
    record.append(directory, 4)
    record.append(0, 2)
    return record
  }

  /// Appends the fields that both headers share, from the flags on.
  private static func common(_ entry: Archive.Entry, _ header: inout [UInt8]) {
    header.append(0, 2)
    header.append(0, 2)
    header.append(0, 2)
    header.append(date, 2)
    header.append(Int(entry.crc32), 4)
    header.append(entry.size, 4)
    header.append(entry.size, 4)
    header.append(entry.name.utf8.count, 2)
    header.append(0, 2)
  }
}

extension [UInt8] {
  /// Reads an unsigned little-endian number of `width` bytes, 2 or 4.
  package func number(at offset: Int, _ width: Int) -> Int {
    var value = 0
    for step in 0..<width { value |= Int(self[offset + step]) << (8 * step) }
    return value
  }

  /// Appends a number as `width` little-endian bytes.
  fileprivate mutating func append(_ value: Int, _ width: Int) {
    for step in 0..<width { append(UInt8(truncatingIfNeeded: value >> (8 * step))) }
  }
}
