/// Text that a terminal shows as it is meant: nothing that comes from a file can move the cursor, begin a line, ring,
/// change a colour, or reorder the text around it.
///
/// In a string literal, the literal is the program's own text, and may hold line breaks and colours. An interpolated
/// value is escaped by `String.printable` and cut to `limit`; an interpolated `Printable` is inserted as it is. The
/// programs write to the terminal only through functions that take this type.
public struct Printable: Equatable, Sendable, ExpressibleByStringInterpolation {
  /// The text as it is written to the terminal.
  public private(set) var text: String

  /// The maximum length of an interpolated value in Unicode scalars; the rest becomes `…`.
  public static let limit = 4000

  /// Creates a text from a literal without interpolation.
  public init(stringLiteral text: String) { self.text = text }

  /// Creates a text from an interpolated literal.
  public init(stringInterpolation parts: Parts) { text = parts.text }

  /// Creates a text that shows `value`, escaped, on one line, and cut.
  public init(_ value: some StringProtocol) { text = Self.escaped(String(value)) }

  /// Creates a text of several lines: each is escaped, and the line breaks are kept. Only for documents whose line
  /// breaks the program wrote itself.
  public init(lines document: String) {
    text = document.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
      .joined(separator: "\n")
  }

  /// Creates a text from a JSON document. What would be escaped becomes a JSON escape, so that the document has the
  /// same value. RFC 8259
  ///
  /// - Parameter document: valid JSON; outside of its strings it has no other control characters than line breaks.
  public init(json document: String) {
    var text = ""
    for scalar in document.unicodeScalars {
      if scalar == "\n" || !scalar.isHazardous {
        text.unicodeScalars.append(scalar)
        continue
      }
      for unit in String(scalar).utf16 {
        let digits = String(unit, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    self.text = text
  }

  /// The parts of an interpolated literal.
  public struct Parts: StringInterpolationProtocol {
    fileprivate var text = ""

    /// Creates empty parts; the compiler calls this.
    public init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    /// Appends the program's own text.
    public mutating func appendLiteral(_ literal: String) { text += literal }
    /// Appends a text, escaped.
    public mutating func appendInterpolation(_ value: String) { text += Printable.escaped(value) }
    /// Appends a text, escaped.
    public mutating func appendInterpolation(_ value: Substring) { text += Printable.escaped(String(value)) }
    /// Appends the description of a value, escaped; each diagnostic of several on a line of its own.
    public mutating func appendInterpolation<Value>(_ value: Value) {
      if let several = value as? any SeveralLines {
        text += several.lines.map(Printable.escaped).joined(separator: "\n")
      } else {
        text += Printable.escaped(String(describing: value))
      }
    }
    /// Appends a printable text.
    public mutating func appendInterpolation(_ piece: Printable) { text += piece.text }
  }

  private static func escaped(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
      end < scalars.endIndex
    else { return text.printable }
    return String(scalars[..<end]).printable + "…"
  }

  /// Returns `a` followed by `b`.
  public static func + (a: Printable, b: Printable) -> Printable {
    var sum = a
    sum.text += b.text
    return sum
  }

  /// Returns the text with spaces after it, before it, or without those at its end.
  public func padded(before: Int = 0, after: Int = 0) -> Printable {
    var padded = self
    padded.text = String(repeating: " ", count: max(0, before)) + text + String(repeating: " ", count: max(0, after))
    return padded
  }

  /// The text without spaces at its end.
  public var withoutTrailingSpaces: Printable {
    var short = self
    while short.text.last == " " { short.text.removeLast() }
    return short
  }

  /// Returns as much of the text as fits into a width. Colour sequences are kept, and have no width. ECMA-48
  ///
  /// - Parameter measure: returns the width of a scalar.
  public func fitting(_ width: Int, measure: (Unicode.Scalar) -> Int) -> Printable {
    var fitted = Printable(stringLiteral: "")
    var (used, isInSequence) = (0, false)
    for scalar in text.unicodeScalars {
      if isInSequence || scalar == "\u{1B}" {
        isInSequence = scalar != "m"
      } else {
        used += measure(scalar)
        if used > width { continue }
      }
      fitted.text.unicodeScalars.append(scalar)
    }
    return fitted
  }
}

/// A value whose description has several lines, which the program wrote itself: an error that lists diagnostics.
public protocol SeveralLines {
  /// The lines; each is escaped where it is printed.
  var lines: [String] { get }
}

extension DiagnosticsError: SeveralLines {
  /// A line for each diagnostic, without its severity.
  public var lines: [String] { diagnostics.map(\.unlabelledDescription) }
}

extension [Printable] {
  /// Returns the texts with a separator between them.
  public func joined(separator: Printable = "") -> Printable {
    dropFirst().reduce(first ?? "") { $0 + separator + $1 }
  }
}

extension DefaultStringInterpolation {
  /// A `Printable` in a `String` would be escaped twice, or would make the whole text look safe.
  @available(*, unavailable, message: "give the whole text the type Printable")
  public mutating func appendInterpolation(_ piece: Printable) {}
}
