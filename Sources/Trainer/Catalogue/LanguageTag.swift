/// The syntax of BCP 47 tags as used here: language, script, region, variants.
package enum LanguageTag {
  /// Returns why a text is not a tag in its canonical spelling (`cmn-Hans`, `pt-BR`), or nil if it is one.
  package static func fault(_ tag: String) -> String? {
    var parts = tag.split(separator: "-", omittingEmptySubsequences: false)[...]
    guard let language = parts.popFirst(), (2...3).contains(language.count), language.utf8.allSatisfy(isLower) else {
      return "it must begin with a language of two or three lower-case letters"
    }
    if let script = parts.first, script.count == 4, script.utf8.allSatisfy({ isLetter($0) }) {
      if !isScript(script) { return "the script '\(script)' is written like 'Hans'" }
      parts.removeFirst()
    }
    if let region = parts.first, region.count == 2 || region.count == 3 {
      if !isRegion(region) { return "the region '\(region)' is written like 'BR' or '419'" }
      parts.removeFirst()
    }
    for variant in parts {
      let fits = (5...8).contains(variant.count) || variant.count == 4 && isDigit(variant.utf8.first!)
      if !fits || !variant.utf8.allSatisfy({ isLower($0) || isDigit($0) }) {
        return "'\(variant)' is not a script, region or variant"
      }
    }
    return nil
  }

  /// Returns whether a text has the form of an ISO 15924 script: `Latn`.
  package static func isScript(_ text: some StringProtocol) -> Bool {
    let letters = Array(text.utf8)
    return letters.count == 4 && (0x41...0x5A).contains(letters[0]) && letters[1...].allSatisfy(isLower)
  }

  /// Returns whether a text has the form of an ISO 3166 region (`RO`) or a UN M49 area (`419`).
  package static func isRegion(_ text: some StringProtocol) -> Bool {
    let letters = Array(text.utf8)
    return letters.count == 2 && letters.allSatisfy { (0x41...0x5A).contains($0) }
      || letters.count == 3 && letters.allSatisfy(isDigit)
  }

  private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool { isLower(byte | 0x20) }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
