/// The way of the sound, from the board to the loudspeaker: boxes with arrows.
struct SoundPicture: Sendable {
  /// The boxes; a line break parts the name from what it says in small letters.
  let chain: [String]

  /// Returns the pieces of the picture; it is 18 mm high.
  func drawn(x: Double, y: Double, width: Double) -> HTML {
    let gap = 5.0
    let box = (width - 12 - gap * Double(chain.count)) / Double(chain.count)
    let pieces = chain.enumerated().map { index, text -> HTML in
      let left = x + Double(index) * (box + gap)
      let lines = text.split(separator: "\n").map(String.init)
      let title = Drawing.wrapped(lines[0], 15)
      let small = lines.count > 1 ? lines[1] : nil
      let rows = title.enumerated().map { row, line in
        Drawing.text(
          line, x: left + box / 2, y: y + 5.6 + 3.6 * Double(row), size: 2.9, width: box - 1.5, anchor: .middle,
          bold: true)
      }
      let note = small.map {
        Drawing.text(
          $0, x: left + box / 2, y: y + 5.4 + 3.6 * Double(title.count), size: 2.3, width: box - 1.5, anchor: .middle)
      }
      let arrow = "\(Drawing.line(left + box, y + 7, left + box + gap, y + 7, width: 0.9))" as HTML
      return "\(Drawing.box(x: left, y: y + 1, width: box, height: 13))\(rows)\(note)\(arrow)"
    }
    return "\(pieces)\(speaker(x: x + width - 12, y: y + 1))"
  }

  private func speaker(x: Double, y: Double) -> HTML {
    """
    <path d="M\(Drawing.number(x)) \(Drawing.number(y + 4))h3l4 -3.5v12l-4 -3.5h-3z" fill="#111"/>
    <path d="M\(Drawing.number(x + 8.5)) \(Drawing.number(y + 3.5))q2.4 3 0 6M\(Drawing.number(x + 10)) \
    \(Drawing.number(y + 2))q3.6 4.5 0 9" fill="none" stroke="#111" stroke-width=".6"/>

    """
  }
}
