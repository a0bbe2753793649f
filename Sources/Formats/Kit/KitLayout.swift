/// Where things lie in a kit's container.
public enum KitLayout {
  /// The first entry; its content says what the file is (the EPUB way).
  public static let mimetype = "mimetype"
  public static let mimetypeContent = "application/vnd.firstword.kit+zip"
  public static let manifest = "kit.json"

  public static func bundle(_ tag: String) -> String { "languages/\(tag)/bundle.json" }

  /// `languages/ro/f1/03-safe-here.opus`
  public static func clip(tag: String, voice: String, number: Int, prompt: String) -> String {
    "languages/\(tag)/\(voice)/\(stem(number: number, prompt: prompt)).opus"
  }

  /// The publisher's signature of a document; `by` names the file of a further one.
  public static func signature(of document: String, by key: KeyID? = nil) -> String {
    key.map { "\(document).\($0).minisig" } ?? "\(document).minisig"
  }

  /// The document that an entry signs and the key in its name; `nil` for what is no signature.
  static func signed(by name: String) -> (document: String, key: KeyID?)? {
    guard name.hasSuffix(".minisig") else { return nil }
    let document = name.dropLast(".minisig".count)
    if let dot = document.lastIndex(of: "."), let key = KeyID(document[document.index(after: dot)...]) {
      return (String(document[..<dot]), key)
    }
    return (String(document), nil)
  }

  /// `03-safe-here`: what a prompt's files are called, before the point.
  public static func stem(number: Int, prompt: String) -> String { "\(dialled(number))-\(prompt)" }

  /// `03`: a number as people see and dial it, of two digits at least.
  public static func dialled(_ number: Int) -> String { "\(number < 10 ? "0" : "")\(number)" }
}
