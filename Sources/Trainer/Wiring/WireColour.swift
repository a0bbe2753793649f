/// The colour of a wire. Its letter tells wires apart without colour too. Black is for ground, white for 3.3 V.
public enum WireColour: String, CaseIterable, Sendable {
  case red, orange, yellow, green, blue, violet, brown, grey, pink, turquoise, black

  /// Returns the colour of a wire by its position; never black.
  static func of(_ index: Int) -> WireColour { allCases[index % (allCases.count - 1)] }
}

/// The letters of wires: without I and O, which look like 1 and 0.
enum WireLetter {
  private static let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZ").map(String.init)

  /// Returns the letter of a wire by its position: `A` … `Z`, `AA`, `AB` ….
  static func of(_ index: Int) -> String {
    let last = letters[index % letters.count]
    return index < letters.count ? last : of(index / letters.count - 1) + last
  }
}
