import Catalogue
import Encoding
import FoundationEssentials
import Pages
import Project

/// A self-contained page that goes by post: one file that asks no server for anything.
public struct PostPage: Sendable {
  /// The page's id: the first 32 hexadecimal digits of the SHA-256 of what the page says. The same content has the
  /// same id.
  public let id: String
  /// The page's kind.
  public let kind: PostRecord.Kind
  /// The language of its recordings and texts.
  public let language: Language
  /// The number of its texts.
  public let count: Int
  /// The file's content, in UTF-8.
  public let document: String

  /// Returns the line of the post ledger by which an import knows the page again.
  ///
  /// - Parameters:
  ///   - day: the day on which it was made.
  ///   - voice: the voice that it is for; nil if a new speaker gets the next free one.
  ///   - sender: the sender of the page.
  public func record(on day: String, voice: String? = nil, by sender: PostSender) -> PostRecord {
    PostRecord(
      made: id, kind: kind, language: language.tag, date: day, voice: voice,
      contact: kind == .booth ? sender.contact : nil)
  }

  /// The script in the audio thread, and what else a page has beside its data.
  struct Parts {
    var modules: [String]
    var hasWorklet: Bool
    /// The pictures by name.
    var pictures: [(name: String, sign: NamedSign)]
  }

  /// Creates a page.
  ///
  /// - Parameter content: what the page says, without its id.
  init(
    _ kind: PostRecord.Kind, _ language: Language, count: Int, content: some Encodable, texts: PostTexts,
    tongues: [String], parts: Parts
  ) throws(DocumentError) {
    let content = try Self.json(content)
    id = String(Digest.sha256(content).prefix(32))
    (self.kind, self.language, self.count) = (kind, language, count)
    // The id is not in what it is made of.
    let data = content.replacing("\"page\":\"\"", with: "\"page\":\"\(id)\"", maxReplacements: 1)
    let script = PostFiles.script(parts.modules)
    let style = PostFiles.all["page.css", default: ""] + Self.fonts(of: language)
    // A worklet of a page that is a file loads from a data: address alone.
    let sources = parts.hasWorklet ? " data:" : ""
    let policy =
      "default-src 'none'; script-src '\(Self.hash(script))'\(sources); style-src '\(Self.hash(style))'; "
      + "media-src blob: data:; base-uri 'none'; form-action 'none'"
    let title = texts.text(
      kind == .booth ? "consent" : "is-it-right", in: tongues[0])
    let apology = tongues.map { tongue -> HTML in
      "<p lang=\"\(tongue)\" dir=\"\(texts.directions[tongue] ?? "ltr")\">\(texts.text("no-script", in: tongue))</p>"
    }
    let pictures = parts.pictures.map { picture -> HTML in
      """
      <template id="sign-\(picture.name)">\(HTML(markup: String(decoding: picture.sign.file, as: UTF8.self)))</template>

      """
    }
    let worklet: HTML? =
      parts.hasWorklet
      ? """
      <script type="text/plain" id="worklet">\(HTML(markup: PostFiles.script(["recorder-worklet.js"])))</script>

      """ : nil
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="\(tongues[0])" dir="\(texts.directions[tongues[0]] ?? "ltr")">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="referrer" content="no-referrer">
      <meta name="robots" content="noindex">
      <title>Firstword: \(language.autonym) (\(language.english)): \(title)</title>
      <style>\(HTML(markup: style))</style>
      </head>
      <body>
      <header id="head"></header>
      <main><p id="fault" role="alert" hidden></p><div id="main"><noscript>\(apology)</noscript></div></main>
      <footer id="foot"></footer>
      \(pictures)\(worklet)<script type="application/json" id="data">\(HTML(markup: data))</script>
      <script>\(HTML(markup: script))</script>
      </body>
      </html>

      """
    document = page.markup
  }

  /// Returns JSON on one line with sorted keys, in which nothing ends a script's element.
  private static func json(_ content: some Encodable) throws(DocumentError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let bytes = try? encoder.encode(content) else { throw DocumentError("", "cannot be written as JSON") }
    return String(decoding: bytes, as: UTF8.self).replacing("<", with: "\\u003c")
  }

  /// Returns the source expression of an inline script or style. Content Security Policy Level 3, 2.3.1
  private static func hash(_ text: String) -> String {
    let digits = Array(Digest.sha256(text))
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    return "sha256-\(Data(bytes).base64EncodedString())"
  }

  /// Returns the fonts for the texts of a language.
  private static func fonts(of language: Language) -> String {
    ":lang(\(language.tag)) { \(TextLanguage(language).style) }\n"
  }
}
