/// The room on an ext4 file system, from its superblock. The kernel's Documentation/filesystems/ext4/super.rst
struct DataSpace: Equatable, Sendable {
  /// Where the superblock begins in the file system, and its size, in bytes.
  static let superblock = (offset: 1024, size: 1024)

  /// The size of a block in bytes.
  let block: Int
  /// The free blocks that are not reserved for root's processes.
  let free: Int
  /// The free inodes.
  let inodes: Int

  /// Reads a superblock; nil if there is none.
  init?(_ bytes: [UInt8]) {
    func number(at place: Int, count: Int = 4) -> Int {
      (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
    guard bytes.count >= Self.superblock.size, number(at: 56, count: 2) == 0xEF53, number(at: 24) <= 6 else {
      return nil
    }
    block = 1024 << number(at: 24)
    free = max(0, number(at: 12) - number(at: 8))
    inodes = number(at: 16)
  }

  /// Returns the bytes that files of these sizes take, with a block for the names and extents of each.
  func need(of sizes: [Int]) -> Int { sizes.reduce(0) { $0 + (($1 + block - 1) / block + 1) * block } }

  /// The bytes that are free.
  var bytes: Int { free * block }
}
