/// A piece of a page. What a string literal says is markup; what is interpolated into it is text and is escaped,
/// unless it is a piece of a page itself. So no wording, name or path can ever become markup.
///
/// Written as XML too (void elements are closed), so that any XML parser can check a page.
public struct HTML: Equatable, Sendable, ExpressibleByStringInterpolation {
  /// The markup.
  public private(set) var markup: String

  public init(stringLiteral markup: String) { self.markup = markup }

  public init(stringInterpolation parts: Parts) { markup = parts.markup }

  /// `text`, escaped.
  public init(text: some StringProtocol) { markup = Self.escaped(text) }

  public struct Parts: StringInterpolationProtocol {
    fileprivate var markup = ""

    public init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(2 * literalCapacity) }

    public mutating func appendLiteral(_ literal: String) { markup += literal }
    public mutating func appendInterpolation(_ text: some StringProtocol) { markup += HTML.escaped(text) }
    public mutating func appendInterpolation(_ number: Int) { markup += String(number) }
    public mutating func appendInterpolation(_ piece: HTML) { markup += piece.markup }
    public mutating func appendInterpolation(_ pieces: [HTML]) { for piece in pieces { markup += piece.markup } }
    /// Nothing for nil.
    public mutating func appendInterpolation(_ piece: HTML?) { markup += piece?.markup ?? "" }
  }

  /// Fit for text and for attributes in double quotes. Control characters, which XML has none of, are shown as U+FFFD.
  private static func escaped(_ text: some StringProtocol) -> String {
    var markup = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": markup += "&amp;"
      case "<": markup += "&lt;"
      case ">": markup += "&gt;"
      case "\"": markup += "&quot;"
      case "\t", "\n": markup.unicodeScalars.append(scalar)
      case _ where scalar.properties.generalCategory == .control || (0xFFFE...0xFFFF).contains(scalar.value):
        markup += "\u{FFFD}"
      default: markup.unicodeScalars.append(scalar)
      }
    }
    return markup
  }
}
