import Catalogue

/// The sender of a page, and the languages in which it can be read.
public struct PostSender: Sendable {
  /// The person or project that asks for a voice or a review.
  public var name: String
  /// Where the file goes back to, and where a speaker withdraws.
  public var contact: String
  /// Why this project asks, in the sender's own words; nil for the page's own words alone.
  public var why: String?
  /// The tags of the responders' languages in which the page can be read, the first one first.
  public var tongues: [String]

  /// The least and the most characters of a name, of a contact, and of the sender's own words.
  public static let nameLength = 3...80, contactLength = 3...120, whyLength = 1...600

  /// Creates a sender.
  ///
  /// - Parameters:
  ///   - name: the person or project that asks.
  ///   - contact: where the file goes back to.
  ///   - why: the sender's own words; nil for none.
  ///   - tongues: tags of languages for responders; at least one.
  public init(name: String, contact: String, why: String? = nil, tongues: [String]) {
    (self.name, self.contact, self.why, self.tongues) = (name, contact, why, tongues)
  }
}

/// The words of a page in its languages.
struct PostTexts {
  private let catalogue: Catalogue
  private let tongues: [String]

  init(_ catalogue: Catalogue, tongues: [String]) { (self.catalogue, self.tongues) = (catalogue, tongues) }

  /// Returns the words by language and key that the modules of a page name.
  func words(of modules: [String]) -> [String: [String: String]] {
    let needed = PostFiles.quotedWords(of: PostFiles.script(modules))
    return Dictionary(
      tongues.map { ($0, all(in: $0).filter { needed.contains($0.key) }) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The directions of the languages.
  var directions: [String: String] {
    Dictionary(
      tongues.map { ($0, catalogue.language($0)?.direction.rawValue ?? "ltr") }, uniquingKeysWith: { first, _ in first }
    )
  }

  /// The languages' own names.
  var names: [String: String] {
    Dictionary(tongues.map { ($0, catalogue.language($0)?.autonym ?? $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Returns the words on the buttons in the language of the recordings.
  func own(_ language: Language) -> [String: String] {
    language.page.filter { PageWord.minimum.contains($0.key) }.mapValues(\.text)
  }

  /// Returns one text of a language, with its places filled.
  func text(_ key: String, in tongue: String, _ values: [String: String] = [:]) -> String {
    values.reduce(all(in: tongue)[key] ?? key) { $0.replacing("{\($1.key)}", with: $1.value) }
  }

  /// The words of a language; the English ones where it has none.
  private func all(in tongue: String) -> [String: String] {
    let english = catalogue.source?.page.mapValues(\.text) ?? [:]
    return english.merging(catalogue.language(tongue)?.page.mapValues(\.text) ?? [:]) { $1 }
  }
}
