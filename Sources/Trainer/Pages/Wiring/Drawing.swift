/// Pieces of SVG in millimetres.
enum Drawing {
  /// Returns a number in at most two decimals, without trailing zeros.
  static func number(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let sign = hundredths < 0 ? "-" : ""
    let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
    if rest == 0 { return "\(sign)\(whole)" }
    let decimals = rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)"
    return "\(sign)\(whole).\(decimals)"
  }

  /// Where a text is fixed.
  enum Anchor: String { case start, middle, end }

  /// The mean width of a letter as a share of the font's size: a cautious figure for sans-serif fonts.
  private static let letter = 0.53

  /// Returns a text that is not wider than `width`: first in a smaller font, then cut.
  ///
  /// - Parameters:
  ///   - x: where the anchor is.
  ///   - y: the base line.
  ///   - size: the font's size.
  ///   - width: the room; nil for any.
  static func text(
    _ text: String, x: Double, y: Double, size: Double, width: Double? = nil, anchor: Anchor = .start,
    bold: Bool = false,
    colour: String = "#111"
  ) -> HTML {
    let share = bold ? letter * 1.08 : letter
    var (size, shown) = (size, text)
    if let width {
      let smallest = max(1.9, size * 0.6)
      size = min(size, max(smallest, width / (share * Double(max(1, text.count)))))
      let room = Int(width / (share * size) + 0.01)
      if text.count > room { shown = text.prefix(max(1, room - 1)).trimmingSuffix() + "…" }
    }
    return """
      <text x="\(number(x))" y="\(number(y))" font-size="\(number(size))" text-anchor="\(anchor.rawValue)" \
      font-weight="\(bold ? "bold" : "normal")" fill="\(colour)">\(shown)</text>

      """
  }

  /// Returns a rectangle with round corners.
  static func box(
    x: Double, y: Double, width: Double, height: Double, radius: Double = 1, fill: String = "#fff",
    stroke: String = "#111", line: Double = 0.35, dash: String? = nil
  ) -> HTML {
    """
    <rect x="\(number(x))" y="\(number(y))" width="\(number(width))" height="\(number(height))" \
    rx="\(number(radius))" fill="\(fill)" stroke="\(stroke)" stroke-width="\(number(line))"\
    \(dash.map { " stroke-dasharray=\"\($0)\"" as HTML })/>

    """
  }

  /// Returns a circle.
  static func circle(
    x: Double, y: Double, radius: Double, fill: String = "#fff", stroke: String = "#111", line: Double = 0.35
  ) -> HTML {
    """
    <circle cx="\(number(x))" cy="\(number(y))" r="\(number(radius))" fill="\(fill)" stroke="\(stroke)" \
    stroke-width="\(number(line))"/>

    """
  }

  /// Returns a straight line.
  static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, width: Double = 0.35, colour: String = "#111"
  ) -> HTML {
    """
    <line x1="\(number(x1))" y1="\(number(y1))" x2="\(number(x2))" y2="\(number(y2))" stroke="\(colour)" \
    stroke-width="\(number(width))"/>

    """
  }

  /// Returns a wire: a line of a colour with a dark edge, which shows on any paper.
  static func wire(_ x1: Double, _ x2: Double, y: Double, colour: String) -> HTML {
    "\(line(x1, y, x2, y, width: 1.7, colour: "#333"))\(line(x1, y, x2, y, width: 1.15, colour: colour))"
  }

  /// Returns a picture of a size in millimetres.
  ///
  /// - Parameter label: the label for screen readers.
  static func svg(width: Double, height: Double, label: String, _ body: HTML) -> HTML {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(height))" \
    width="\(number(width))mm" height="\(number(height))mm" role="img" aria-label="\(label)" \
    font-family="Noto Sans, DejaVu Sans, sans-serif">
    \(body)</svg>

    """
  }

  /// Returns the lines of a text, each of at most `count` characters where its words allow.
  static func wrapped(_ text: String, _ count: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= count {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}

extension Substring {
  /// Returns the text without spaces at its end.
  fileprivate func trimmingSuffix() -> String {
    var text = self
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
