import Board
import Catalogue
import Kit

/// What buttons are called on the pages of a board without a kit: the words of the cards, and the catalogue's titles.
package struct ButtonWords: Sendable {
  /// The program's words.
  let words: CardWords
  /// The reader's language.
  let language: TextLanguage
  private let titles: [String: String]
  private let english: [String: String]

  /// Creates the words; nil where the program has none in the language.
  ///
  /// - Parameters:
  ///   - tag: BCP 47.
  ///   - catalogue: has the titles of prompts and sequences.
  package init?(_ tag: String, catalogue: Catalogue) {
    guard let words = CardWords.all[tag], let language = catalogue.language(tag) else { return nil }
    self.words = words
    self.language = TextLanguage(language)
    let sequences = catalogue.sequences.map { ($0.id, $0.title) }
    english = Dictionary(
      catalogue.prompts.map { ($0.id, $0.title) } + sequences, uniquingKeysWith: { first, _ in first })
    titles = language.wordings.compactMapValues(\.title).merging(words.sequences) { first, _ in first }
  }

  /// Returns what a button does; `above` says what it is an answer to.
  func name(_ button: Button) -> (above: String?, does: String) {
    switch button {
    case .control(let control): words.short(control)
    case .digit(let digit): (nil, String(digit))
    case .star: (nil, "*")
    case .prompt(let id): (nil, titles[id] ?? english[id] ?? words.module(id))
    }
  }

  /// Returns what a button does in one text.
  package func text(_ button: Button) -> String {
    let (above, does) = name(button)
    return above.map { "\($0): \(does)" } ?? does
  }

  /// Returns what else a button does: held down, and with the stop button.
  func others(hold: Button?, withStop: Button?) -> [String] {
    [
      hold.map { "\(words.held): \(text($0))" }, withStop.map { "\(words.control(.stop)) +: \(text($0))" },
    ].compactMap { $0 }
  }
}
