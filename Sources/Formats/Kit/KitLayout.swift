/// The names of entries in a kit's container.
public enum KitLayout {
  /// The first entry; its content identifies the file type, as in EPUB.
  public static let mimetype = "mimetype"
  /// The content of `mimetype`.
  public static let mimetypeContent = "application/vnd.firstword.kit+zip"
  /// The kit's manifest.
  public static let manifest = "kit.json"

  /// Returns the name of a bundle's manifest: `languages/ro/bundle.json`.
  public static func bundle(_ tag: String) -> String { "languages/\(tag)/bundle.json" }

  /// Returns the name of a clip: `languages/ro/f1/03-safe-here.opus`, `languages/ro/f1/02-raise-hand.hand-child.opus`,
  /// `languages/ro/f1/answer-card.opus`.
  ///
  /// - Parameters:
  ///   - tag: the BCP 47 tag of the language.
  ///   - voice: the voice.
  ///   - number: the prompt's number; 0 for a formula.
  ///   - prompt: the id of the prompt or formula.
  ///   - form: the form of the wording.
  public static func clip(tag: String, voice: String, number: Int, prompt: String, form: Form = .base) -> String {
    "languages/\(tag)/\(voice)/\(stem(number: number, prompt: item(prompt, form))).opus"
  }

  /// Returns the name of a document's signature: `kit.json.minisig`, or `kit.json.<KEYID>.minisig` for a further one.
  ///
  /// - Parameter key: the key of a further signature; `nil` for the publisher's own.
  public static func signature(of document: String, by key: KeyID? = nil) -> String {
    key.map { "\(document).\($0).minisig" } ?? "\(document).minisig"
  }

  /// Returns the document that an entry signs, and the key in its name; `nil` for an entry that is no signature.
  static func signed(by name: String) -> (document: String, key: KeyID?)? {
    guard name.hasSuffix(".minisig") else { return nil }
    let document = name.dropLast(".minisig".count)
    if let dot = document.lastIndex(of: "."), let key = KeyID(document[document.index(after: dot)...]) {
      return (String(document[..<dot]), key)
    }
    return (String(document), nil)
  }

  /// Returns the stem of the files of a prompt, or of an item: `03-safe-here`, `04-who-we-are.police`, `answer-card`.
  ///
  /// - Parameters:
  ///   - number: the prompt's number; 0 for a formula, whose files have none.
  ///   - prompt: the id of the prompt or item.
  public static func stem(number: Int, prompt: String) -> String {
    number == 0 ? prompt : "\(dialled(number))-\(prompt)"
  }

  /// Returns a number as people see and dial it: `03`, with at least two digits.
  public static func dialled(_ number: Int) -> String { "\(number < 10 ? "0" : "")\(number)" }
}
