import Encoding
import Foundation
import Glibc
import Kit
import Posix
import TestSupport

@testable import Slots

/// The image of a card with the partitions of a device, in a sparse file; and updates for it.
final class CardImage {
  static let slots: [Slot: Range<Int>] = [.a: (100 << 20)..<(292 << 20), .b: (292 << 20)..<(484 << 20)]

  let directory: String
  var path: String { directory + "/card.img" }
  let key: SecretKey

  init() throws {
    directory = FileManager.default.temporaryDirectory.path + "/firstword-slots-\(UUID().uuidString.prefix(8))"
    try Files.makeDirectory(directory)
    _ = try SecretKey.generate(name: directory + "/key", passphrase: nil)
    key = try SecretKey(reading: directory + "/key.key") { _ in nil }
    let file = try FileDescriptor(opening: path, O_RDWR | O_CREAT)
    guard ftruncate(file.raw, 484 << 20) == 0 else { throw SystemError("truncate", path: path, code: errno) }
    try write(Self.table, at: 0)
    try write(Array("{\"format\": \"firstword-base/1\", \"kernel\": \"6.12\"}".utf8), at: 2 << 20)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  var trusted: TrustedKeys { TrustedKeys([key.publicKey]) }

  func disk(writing: Bool = false) throws -> SlotDisk { try SlotDisk(path, writing: writing) }

  /// A partition table with the two slots.
  static var table: [UInt8] {
    var table = [UInt8](repeating: 0, count: 512)
    for (index, slot) in Slot.allCases.enumerated() {
      let entry = 446 + 16 * (index + 1)
      table[entry + 4] = 0x83
      for (place, value) in [(8, slots[slot]!.lowerBound / 512), (12, slots[slot]!.count / 512)] {
        for byte in 0..<4 { table[entry + place + byte] = UInt8(value >> (8 * byte) & 0xFF) }
      }
    }
    (table[510], table[511]) = (0x55, 0xAA)
    return table
  }

  func write(_ bytes: [UInt8], at offset: Int) throws {
    let file = try FileDescriptor(opening: path, O_RDWR)
    guard bytes.withUnsafeBytes({ pwrite(file.raw, $0.baseAddress, $0.count, off_t(offset)) }) == bytes.count else {
      throw SystemError("write", path: path, code: errno)
    }
  }

  func read(_ count: Int, at offset: Int) throws -> [UInt8] {
    try FileDescriptor(opening: path, O_RDONLY).read(count, at: offset) ?? []
  }

  /// The content of a slot: 300 blocks of data, superblock and tree.
  static func content(_ version: String) -> [UInt8] {
    let first = version.utf8.reduce(0) { $0 &* 31 &+ $1 }
    return (0..<trailer(version).allBlocks).flatMap {
      [UInt8](repeating: first &+ UInt8(truncatingIfNeeded: $0), count: 4096)
    }
  }

  static func trailer(_ version: String) -> SlotTrailer {
    SlotTrailer(
      version: version, blocks: 300, rootHash: Digest.sha256("root \(version)"), salt: Digest.sha256("salt \(version)"))
  }

  /// Puts a system into a slot, as Hardware/image does.
  func fill(_ slot: Slot, _ version: String) throws {
    try write(Self.content(version), at: Self.slots[slot]!.lowerBound)
    try write(Self.trailer(version).bytes, at: Self.slots[slot]!.upperBound - SlotTrailer.size)
  }

  /// Makes an update.
  func update(_ version: String, by other: SecretKey? = nil) throws -> String {
    let source = try CardImage()
    try source.fill(.a, version)
    let path = directory + "/\(version).system"
    _ = try SystemFile.pack(source.disk(), .a, signedBy: other ?? key, to: path)
    return path
  }

  /// Runs the initramfs' own program on the card.
  func shell(_ arguments: String...) throws -> (status: Int, words: String) { try shell(arguments) }

  /// Runs the initramfs' own program on the card.
  func shell(_ arguments: [String]) throws -> (status: Int, words: String) {
    let outcome = try ChildProcess.run(
      "sh", [SourceTree.path + "/Hardware/system/slots", path] + arguments, seconds: 60)
    return (outcome.code, outcome.output.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// The version of the system that a slot holds with every byte; nil where it holds none that is whole.
  func whole(_ slot: Slot) throws -> String? {
    guard let trailer = try disk().trailer(slot) else { return nil }
    let content = try read(trailer.allBlocks * 4096, at: Self.slots[slot]!.lowerBound)
    return content == Self.content(trailer.version) ? trailer.version : nil
  }
}

/// A card that loses its power: after some writes nothing more arrives, and what was not synced arrives in part.
final class CutMedium: SlotMedium, @unchecked Sendable {
  private let card: CardImage
  /// Writes until the cut.
  private var left: Int
  /// Which of the sectors that were not synced arrive: every one whose number has this remainder by three is lost.
  private let lost: Int
  private var unsynced: [Int: [UInt8]] = [:]
  private(set) var writes = 0

  init(_ card: CardImage, cutAfter left: Int, losing lost: Int) {
    (self.card, self.left, self.lost) = (card, left, lost)
  }

  var size: Int { 484 << 20 }

  func read(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
    do {
      var bytes = try card.read(count, at: offset)
      for (sector, content) in unsynced where sector * 512 < offset + count && sector * 512 + 512 > offset {
        for (index, byte) in content.enumerated() {
          let place = sector * 512 + index - offset
          if bytes.indices.contains(place) { bytes[place] = byte }
        }
      }
      return bytes
    } catch { throw SystemError("read", code: EIO) }
  }

  func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
    writes += 1
    for place in stride(from: 0, to: bytes.count, by: 512) {
      unsynced[(offset + place) / 512] = Array(bytes[place..<min(place + 512, bytes.count)])
    }
    left -= 1
    if left < 0 {
      try flush { $0 % 3 != lost }
      throw SystemError("write", code: EIO)
    }
  }

  func sync() throws(SystemError) { try flush { _ in true } }

  private func flush(_ arrives: (Int) -> Bool) throws(SystemError) {
    do {
      for (sector, bytes) in unsynced where arrives(sector) { try card.write(bytes, at: sector * 512) }
    } catch { throw SystemError("write", code: EIO) }
    unsynced = [:]
  }
}

/// A card on which the sector at `lost` no longer changes, without an error.
final class WornMedium: SlotMedium, @unchecked Sendable {
  private let card: CardImage
  private let lost: Int

  init(_ card: CardImage, losing lost: Int) { (self.card, self.lost) = (card, lost / 512 * 512) }

  var size: Int { 484 << 20 }

  func read(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
    do { return try card.read(count, at: offset) } catch { throw SystemError("read", code: EIO) }
  }

  func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
    do {
      let kept = try card.read(512, at: lost)
      try card.write(bytes, at: offset)
      try card.write(kept, at: lost)
    } catch { throw SystemError("write", code: EIO) }
  }

  func sync() throws(SystemError) {}
}
