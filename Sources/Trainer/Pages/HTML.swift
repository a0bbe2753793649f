/// A piece of an HTML page that cannot be broken by the texts in it.
///
/// In a string literal, the literal is markup. An interpolated string is text and is escaped; an interpolated `HTML` is
/// inserted as it is. All escaping of the pages happens here. Write void elements closed (`<br/>`), so that every page
/// is well-formed XML too.
public struct HTML: Equatable, Sendable, ExpressibleByStringInterpolation {
  /// The markup.
  public private(set) var markup: String

  /// Creates a piece from a literal without interpolation.
  public init(stringLiteral markup: String) { self.markup = markup }

  /// Creates a piece from an interpolated literal.
  public init(stringInterpolation parts: Parts) { markup = parts.markup }

  /// Creates a piece that shows `text`, which is escaped.
  public init(text: some StringProtocol) { markup = Self.escaped(text) }

  /// Creates a piece from markup that the program generated. Never pass text of a user or a file.
  package init(markup: String) { self.markup = markup }

  /// The parts of an interpolated literal.
  public struct Parts: StringInterpolationProtocol {
    fileprivate var markup = ""

    /// Creates empty parts; the compiler calls this.
    public init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(2 * literalCapacity) }

    /// Appends markup.
    public mutating func appendLiteral(_ literal: String) { markup += literal }
    /// Appends text, escaped.
    public mutating func appendInterpolation(_ text: some StringProtocol) { markup += HTML.escaped(text) }
    /// Appends a number in decimal digits.
    public mutating func appendInterpolation(_ number: Int) { markup += String(number) }
    /// Appends a piece.
    public mutating func appendInterpolation(_ piece: HTML) { markup += piece.markup }
    /// Appends pieces in order, without a separator.
    public mutating func appendInterpolation(_ pieces: [HTML]) { for piece in pieces { markup += piece.markup } }
    /// Appends a piece, or nothing for `nil`.
    public mutating func appendInterpolation(_ piece: HTML?) { markup += piece?.markup ?? "" }
  }

  /// Escapes text for content and for attributes in double quotes. Control characters other than tab and line feed,
  /// and U+FFFE and U+FFFF, become U+FFFD: XML 1.0 allows none of them (C1 controls are only discouraged).
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
