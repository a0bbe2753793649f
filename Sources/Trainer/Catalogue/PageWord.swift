/// A word or sentence of the pages that go by post to speakers and reviewers: `page:` in a language's file.
///
/// Languages for responders have all of them, because their pages are written in these. Languages for listeners have
/// those of ``minimum``, which stand on the buttons.
public struct PageWord: Equatable, Sendable {
  /// The text, with places such as `{n}` that a page fills.
  public var text: String
  /// The back-translation; nil if there is none.
  public var back: String?
  /// The line in the file, from 1.
  public var line: Int

  /// The keys that every language for listeners should have.
  public static let minimum = ["record", "stop", "hear", "again", "next", "save"]

  /// The maximum number of characters on a button.
  static let buttonLimit = 24
}

extension PageWord {
  /// The places that a page fills, in the order of the text: `{n}`, `{who}`.
  var places: [String] { text.matches(of: /\{[a-z]+\}/).map { String($0.output) } }

  /// Parses `page` of a language.
  static func all(_ field: Field) -> [String: PageWord]? {
    guard let entries = field.entries() else { return nil }
    var words: [String: PageWord] = [:]
    for (key, place, value) in entries {
      if value.isScalar {
        words[key] = value.text(length: 1...300, inQuotes: true).map { PageWord(text: $0, line: place.line) }
      } else if let map = value.mapping(["text", "back"]) {
        let text = map["text"]?.text(length: 1...300, inQuotes: true)
        let back = map["back"]?.text(length: 1...300)
        words[key] = text.map { PageWord(text: $0, back: back, line: place.line) }
      }
    }
    return words
  }
}
