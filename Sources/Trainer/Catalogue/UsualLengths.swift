/// How many characters the languages usually need for an item.
///
/// The usual length of a text is that of the text from which it is translated, times what its language needs for a
/// character of it (the median of its texts), times what most languages need for this item: "tap" is one short word in
/// English and a phrase in many languages, so that only a text that differs from its fellows is doubtful. A variety is
/// compared with the language of which it is one.
struct UsualLengths {
  private var ratios: [String: Double] = [:]
  private var factors: [String: Double] = [:]
  private let catalogue: Catalogue

  init(_ catalogue: Catalogue) {
    self.catalogue = catalogue
    for language in catalogue.languages {
      let own = catalogue.items.compactMap { length(of: $0, in: language).map { $0.own / $0.original } }
      // Too few texts have no median.
      if own.count >= 6 { ratios[language.tag] = Self.median(own) }
    }
    for item in catalogue.items {
      let own = catalogue.languages.filter { $0.varietyOf == nil }.compactMap { language -> Double? in
        guard let ratio = ratios[language.tag] else { return nil }
        return length(of: item, in: language).map { $0.own / ($0.original * ratio) }
      }
      if own.count >= 5 { factors[item.id] = Self.median(own) }
    }
  }

  /// Returns the usual number of characters of an item's text, and the permitted ones.
  ///
  /// - Returns: nil for a language with few texts, and for an item that its original lacks.
  func usual(of item: Prompt, in language: Language) -> (count: Int, permitted: ClosedRange<Int>)? {
    guard let ratio = ratios[language.tag], let original = length(of: item, in: language)?.original else { return nil }
    let usual = ratio * original * (language.varietyOf == nil ? factors[item.id, default: 1] : 1)
    // Short texts vary more: allow eighteen letters of the original more, or eight less.
    let (shortest, longest) = (0.6 * usual - 8 * ratio, 1.5 * usual + 18 * ratio)
    return (Int(usual), max(0, Int(shortest.rounded(.up)))...Int(longest))
  }

  /// Returns the characters of an item's own adult text and of the text from which it is translated.
  private func length(of item: Prompt, in language: Language) -> (own: Double, original: Double)? {
    guard !item.form.isForChild, !language.roles.contains(.source), let own = language.wordings[item.id],
      own.inherited == nil,
      let original = language.varietyOf.flatMap({ catalogue.language($0) }) ?? catalogue.source,
      let text = original.wordings[item.id]?.text
    else { return nil }
    return (Double(own.text.count), Double(text.count))
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
