/// A partition table of the old kind, in the first sector of a disk: the four entries of a master boot record.
struct PartitionTable: Equatable, Sendable {
  /// An entry in use.
  struct Entry: Equatable, Sendable {
    /// Its number, 1 to 4.
    var number: Int
    /// Its first byte.
    var start: Int
    /// Its size in bytes.
    var size: Int
  }

  /// The entries in use, by number.
  let entries: [Entry]

  /// The size of a sector in bytes.
  private static let sector = 512

  /// Reads a table; nil if the sector holds none.
  ///
  /// - Parameter bytes: the first sector.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.sector, bytes[510] == 0x55, bytes[511] == 0xAA else { return nil }
    func number(at place: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
    entries = (0..<4).compactMap { index in
      let place = 446 + 16 * index
      if bytes[place + 4] == 0 { return nil }
      return Entry(
        number: index + 1, start: number(at: place + 8) * Self.sector, size: number(at: place + 12) * Self.sector)
    }
  }
}
