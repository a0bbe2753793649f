extension [UInt8] {
  /// Bytes that mean something in JSON, are broken UTF-8, or are control characters.
  private static let telling =
    Array(#"{}[]":,\ -.0123456789eEtrufalsndops"#.utf8) + [0, 9, 10, 0x7F, 0x80, 0xC3, 0xED, 0xFF]

  /// Replaces, inserts or removes one byte at a random place, for readers of JSON.
  ///
  /// - Returns: the place.
  @discardableResult
  package mutating func changeByte() -> Int {
    let place = Int.random(in: 0..<count)
    let byte = Self.telling.randomElement()!
    switch Int.random(in: 0..<3) {
    case 0: self[place] = byte
    case 1: insert(byte, at: place)
    default: remove(at: place)
    }
    return place
  }
}
