@testable import Simulator

/// Returns the head of a record: magic, version, and the size of a block's head.
func recordHead() -> [UInt8] { Array("simcard\0".utf8) + word(1) + word(32) }

/// Returns a block as the card writes it.
func block(
  _ kind: CardRecording.Kind, _ count: Int, _ time: Int64, _ position: Int64, _ payload: [UInt8] = []
) -> [UInt8] {
  Array("SBLK".utf8) + word(Int(kind.code)) + word(payload.count) + word(count) + long(time) + long(position)
    + payload
}

/// Returns 32 bits, little-endian.
func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }

/// Returns 64 bits, little-endian.
func long(_ value: Int64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
