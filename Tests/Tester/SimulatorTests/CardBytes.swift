import Simulator

/// What a record begins with: the magic, the version, and the length of a block's head.
func recordHead() -> [UInt8] { Array("simcard\0".utf8) + word(1) + word(32) }

/// A block as the card writes it.
func block(
  _ kind: CardRecording.Kind, _ count: Int, _ time: Int64, _ position: Int64, _ payload: [UInt8] = []
) -> [UInt8] {
  Array("SBLK".utf8) + word(Int(kind.rawValue)) + word(payload.count) + word(count) + long(time) + long(position)
    + payload
}

/// Little-endian, 32 and 64 bits.
func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }

func long(_ value: Int64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
