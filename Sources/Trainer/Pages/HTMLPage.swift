/// A self-contained page in one file, for screen and paper. It loads nothing and runs no script but its own.
public struct HTMLPage: Sendable {
  /// The document's title.
  public var title: String
  /// CSS rules of this page; they follow the rules that all pages share.
  public var style: String
  /// The language of the page itself; `HTML.span` marks texts in other languages.
  public var language: TextLanguage
  /// The content of `<body>`.
  public var body: HTML

  /// Creates a page.
  ///
  /// - Parameters:
  ///   - title: the document's title.
  ///   - style: CSS rules of this page, not escaped.
  ///   - language: the language of the page itself.
  ///   - body: the content of `<body>`.
  public init(title: String, style: String = "", language: TextLanguage = .english, body: HTML) {
    self.title = title
    self.style = style
    self.language = language
    self.body = body
  }

  /// The file's content, in UTF-8.
  public var document: String {
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="\(language.tag)" dir="\(language.direction.rawValue)"\(fonts)>
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <title>\(title)</title>
      <style>
      \(HTML(markup: Self.sharedStyle + style))
      </style>
      </head>
      <body>
      \(body)
      </body>
      </html>

      """
    return page.markup
  }

  /// Fonts of a page that is not in English; the shared style has those of English.
  private var fonts: HTML? { language == .english ? nil : " style=\"\(language.style)\"" }

  private static let sharedStyle = """
    @page { margin: 14mm; }
    * { box-sizing: border-box; }
    html { font-family: "Noto Sans", "DejaVu Sans", system-ui, sans-serif; color: #111; background: #fff; }
    body { max-width: 60rem; margin: 0 auto; padding: 1rem; line-height: 1.4; }
    h1 { font-size: 1.6rem; margin: 0 0 .3rem; }
    .quiet { color: #555; }
    .draft { border: 2px solid #a30; color: #a30; padding: .4rem .7rem; margin: .8rem 0; font-weight: bold; }
    @media print { body { padding: 0; max-width: none; } }

    """
}

extension HTML {
  /// Returns an element that sets `text` in its language, direction and fonts, isolated from the surrounding text.
  ///
  /// - Parameters:
  ///   - text: is escaped.
  ///   - language: the language of the text.
  ///   - element: the element's name, such as `p`.
  public static func span(_ text: String, in language: TextLanguage, element: String = "span") -> HTML {
    let name = HTML(markup: element)
    return """
      <\(name) lang="\(language.tag)" dir="\(language.direction.rawValue)" style="\(language.style)">\(text)</\(name)>
      """
  }
}
