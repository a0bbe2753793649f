/// A file system that a stick may have.
public enum StickFileSystem: String, CaseIterable, Sendable {
  /// FAT12, FAT16, FAT32.
  case vfat
  /// exFAT.
  case exfat
  /// ext4, and the earlier ones of its family.
  case ext4

  /// The bytes of a device that are examined.
  public static let headerSize = 2048

  /// Recognises a file system by its first bytes. Nothing else of the device is read before it is mounted, and no other
  /// driver of the kernel is given the device.
  ///
  /// - Parameter header: the first `headerSize` bytes of the device.
  public init?(header: [UInt8]) {
    func has(_ text: String, at offset: Int) -> Bool {
      offset + text.utf8.count <= header.count && header[offset...].starts(with: text.utf8)
    }
    // Microsoft's exFAT specification, 3.1; fatgen103, "Boot sector"; ext4 documentation, "Super block": s_magic.
    if has("EXFAT   ", at: 3) {
      self = .exfat
    } else if header.count > 511, header[510] == 0x55, header[511] == 0xAA, has("FAT", at: 54) || has("FAT32", at: 82) {
      self = .vfat
    } else if header.count > 1081, header[1080] == 0x53, header[1081] == 0xEF {
      self = .ext4
    } else {
      return nil
    }
  }

  /// The options of a mount that are flags.
  ///
  /// - Parameter writes: whether something will be written.
  func flags(writes: Bool) -> [String] {
    switch self {
    case .vfat: (writes ? [] : ["ro"]) + ["utf8"]
    case .exfat: writes ? [] : ["ro"]
    // Without its journal nothing is written to a stick that is only read.
    case .ext4: writes ? [] : ["ro", "noload"]
    }
  }

  /// The value of the option `errors`: on a damaged file system the kernel ends only the writing. The superblock of ext4
  /// may ask for a panic instead, which this overrules. ext4(5)
  static let errors = "remount-ro"
}
