/// A page for people: one self-contained file that opens from the file system, on paper as on a screen. It fetches
/// nothing and runs no scripts but its own.
public struct Page: Sendable {
  public var title: String
  /// Rules of its own, after those that all pages share.
  public var style: String
  /// What the page itself is written in, whatever languages stand within.
  public var tongue: Tongue
  public var body: HTML

  public init(title: String, style: String = "", tongue: Tongue = .english, body: HTML) {
    self.title = title
    self.style = style
    self.tongue = tongue
    self.body = body
  }

  /// The file's content.
  public var document: String {
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="\(tongue.tag)" dir="\(tongue.direction.rawValue)"\(fonts)>
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <title>\(title)</title>
      <style>
      \(HTML(stringLiteral: Self.sharedStyle + style))
      </style>
      </head>
      <body>
      \(body)
      </body>
      </html>

      """
    return page.markup
  }

  /// English has those of the style.
  private var fonts: HTML? { tongue == .english ? nil : " style=\"\(tongue.style)\"" }

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
  /// `text` in its own language, direction and letters, apart from what stands around it.
  public static func span(_ text: String, in tongue: Tongue, element: String = "span") -> HTML {
    let name = HTML(stringLiteral: element)
    return """
      <\(name) lang="\(tongue.tag)" dir="\(tongue.direction.rawValue)" style="\(tongue.style)">\(text)</\(name)>
      """
  }
}
