import Board
import Wiring

/// The picture of one strip of pins with everything that is wired to it, beside the outline of the board. Wires are
/// straight and lie in the rows of their pins, so that none crosses another.
struct HeaderPicture: Sendable {
  let parts: PartWords
  let strip: Header.Strip

  private var wiring: Wiring { parts.wiring }

  /// The width of the picture: an A4 page between its margins.
  static let width = 190.0
  private static let top = 64.0
  private static let usable = 250.0
  private var rowHeight: Double { min(9.4, (Self.usable - Self.top) / Double(strip.rows)) }
  /// The height of the picture.
  var height: Double { Self.top + Double(strip.rows) * rowHeight + 2 }

  /// The picture.
  var svg: HTML {
    let name = strip.name.isEmpty ? "" : " \(strip.name)"
    return Drawing.svg(
      width: Self.width, height: height, label: "Wiring of \(wiring.board.name), header\(name): the table has the same",
      body)
  }

  /// The content of the picture, without the element around it.
  var body: HTML {
    "\(outline)\(legend)\(SoundPicture(chain: parts.soundChain).drawn(x: 84, y: 43, width: 106))\(header)"
  }

  // MARK: - The outline

  private var outline: HTML {
    guard let outline = wiring.model?.outline else { return unknownOutline }
    let scale = min(50 / outline.height, 36 / outline.width)
    let (width, height) = (outline.width * scale, outline.height * scale)
    let (left, top) = (22.0, 6.0)
    let strips = (wiring.header?.strips ?? []).compactMap { strip in
      outline.strips[strip.name].map { pins(strip, at: $0, left, top, scale, outline) }
    }
    let sockets = outline.sockets.map { socket($0, left, top, width, height, scale) }
    let usb = outline.sockets.first(where: \.isUSB)?.side
    let mark: HTML? =
      switch usb {
      case .bottom:
        Drawing.text(
          "USB side", x: left + width / 2, y: top + height + 7.2, size: 3, anchor: .middle, bold: true)
      case .left: Drawing.text("USB side", x: left - 1, y: top + 3, size: 3, anchor: .end, bold: true)
      case .right: Drawing.text("USB side", x: left + width + 1, y: top + height, size: 3, bold: true)
      case .top, nil: nil
      }
    return """
      \(Drawing.box(x: left, y: top, width: width, height: height, radius: 2, fill: "#e7f2e9"))\
      \(sockets)\(strips)\(mark)
      """
  }

  private var unknownOutline: HTML {
    """
    \(Drawing.box(x: 1, y: 6, width: 62, height: 30, radius: 2, fill: "#f6f6f6", dash: "1.5 1"))
    \(Drawing.text("No outline of this board could be checked.", x: 4, y: 13, size: 2.6))
    \(Drawing.text("Find pin 1 by its mark on the board", x: 4, y: 19, size: 2.9, bold: true))
    \(Drawing.text("(a 1, an arrow, or a square solder pad),", x: 4, y: 24, size: 2.6))
    \(Drawing.text("and by the maker's picture.", x: 4, y: 29, size: 2.6))
    """
  }

  private func socket(
    _ socket: Header.Socket, _ left: Double, _ top: Double, _ width: Double, _ height: Double, _ scale: Double
  ) -> HTML {
    let (from, length) = (socket.from * scale, (socket.to - socket.from) * scale)
    let fill = socket.isUSB ? "#bcd4f7" : "#ddd"
    let middle = from + length / 2
    switch socket.side {
    case .left:
      return """
        \(Drawing.box(x: left - 1.5, y: top + from, width: 5, height: length, radius: 0.5, fill: fill))\
        \(Drawing.text(
          socket.name, x: left - 2.2, y: top + middle + 0.9, size: 2.5, anchor: .end, bold: socket.isUSB))
        """
    case .right:
      return """
        \(Drawing.box(x: left + width - 3.5, y: top + from, width: 5, height: length, radius: 0.5, fill: fill))\
        \(Drawing.text(socket.name, x: left + width + 2.2, y: top + middle + 0.9, size: 2.5, bold: socket.isUSB))
        """
    case .top:
      return """
        \(Drawing.box(x: left + from, y: top - 1, width: length, height: 5, radius: 0.5, fill: fill))\
        \(Drawing.text(
          socket.name, x: left + from + length / 2, y: top - 1.8, size: 2.3, width: length + 3, anchor: .middle,
          bold: socket.isUSB))
        """
    case .bottom:
      return """
        \(Drawing.box(x: left + from, y: top + height - 5, width: length, height: 6.5, radius: 0.5, fill: fill))\
        \(Drawing.text(
          socket.name, x: left + from + length / 2, y: top + height + 4, size: 2.3, width: length + 2, anchor: .middle,
          bold: socket.isUSB))
        """
    }
  }

  /// The pins of a strip in the outline: the drawn strip dark, pin 1 red and square.
  private func pins(
    _ strip: Header.Strip, at point: Header.Outline.Point, _ left: Double, _ top: Double, _ scale: Double,
    _ outline: Header.Outline
  ) -> HTML {
    let pitch = 2.54 * scale
    let (x, y) = (left + point.x * scale, top + point.y * scale)
    let isDrawn = strip.name == self.strip.name
    let dots = strip.pins.dropFirst().map { pin in
      Drawing.circle(
        x: x + (pin.isLeft ? 0 : pitch), y: y + Double(pin.row) * pitch, radius: 0.32 * pitch,
        fill: isDrawn ? "#111" : "#bbb", stroke: "none", line: 0)
    }
    let isRight = point.x > outline.width / 2
    let edge = isRight ? left + outline.width * scale + 1 : left - 1
    let name: HTML? =
      strip.name.isEmpty
      ? nil
      : Drawing.text(
        strip.name, x: isRight ? x + pitch + 0.4 : x - 0.2, y: y - 1.8, size: 2.8, anchor: isRight ? .end : .start,
        bold: isDrawn, colour: isDrawn ? "#111" : "#555")
    let first: HTML? =
      isDrawn
      ? """
      \(Drawing.box(
        x: x - 0.6 * pitch, y: y - 0.6 * pitch, width: 1.2 * pitch, height: 1.2 * pitch, radius: 0, fill: "#e0202a",
        line: 0.2))\
      \(Drawing.text(
        isRight ? "◀ pin 1" : "pin 1 ▶", x: edge, y: y + 1, size: 3, anchor: isRight ? .start : .end, bold: true,
        colour: "#b0121b"))
      """
      : Drawing.circle(x: x, y: y, radius: 0.32 * pitch, fill: "#bbb", stroke: "none", line: 0)
    return "\(dots)\(first)\(name)"
  }

  // MARK: - The legend

  private var legend: HTML {
    let (x, text) = (84.0, 104.0)
    func row(_ index: Int, _ sign: HTML, _ words: String) -> HTML {
      "\(sign)\(Drawing.text(words, x: text, y: 7.6 + 6.4 * Double(index), size: 2.9, width: 86))"
    }
    let middle = { (index: Int) in 6.6 + 6.4 * Double(index) }
    let head = "\(wiring.model?.title ?? ""), seen from above\(strip.name.isEmpty ? "" : ": header \(strip.name)")"
    let pin: HTML = """
      \(Drawing.circle(x: x + 3, y: middle(0), radius: 2.6, fill: "#ffd76a"))\
      \(Drawing.text("1", x: x + 3, y: middle(0) + 1.2, size: 3.2, anchor: .middle, bold: true))
      """
    let wire: HTML = """
      \(Drawing.wire(x, x + 16, y: middle(1), colour: WireColour.red.css))\(letter("A", x: x + 8, y: middle(1)))
      """
    let ground = Drawing.wire(x, x + 16, y: middle(2), colour: "#111")
    func sample(_ index: Int, isListeners: Bool) -> HTML {
      partBox(x: x, y: middle(index) - 2.2, width: 16, height: 4.4, isListeners: isListeners)
    }
    return """
      \(Drawing.text(head, x: x, y: 2.6, size: 3.2, width: 106, bold: true))
      \(row(0, pin, "the number of a pin; beside it its name on the chip"))
      \(row(1, wire, "a wire: its letter and its colour"))
      \(row(2, ground, "the second wire, drawn as words: black to ground 30"))
      \(row(3, sample(3, isListeners: false), "the responder's button"))
      \(row(4, sample(4, isListeners: true), "the listener's own button, with a double frame"))
      """
  }

  private func letter(_ letter: String, x: Double, y: Double) -> HTML {
    let radius = letter.count > 1 ? 3.0 : 2.4
    return """
      \(Drawing.circle(x: x, y: y, radius: radius))\
      \(Drawing.text(
        letter, x: x, y: y + 1.15, size: letter.count > 1 ? 2.7 : 3.2, anchor: .middle, bold: true))
      """
  }

  private func partBox(x: Double, y: Double, width: Double, height: Double, isListeners: Bool) -> HTML {
    let outer = Drawing.box(
      x: x, y: y, width: width, height: height, radius: 1.2, fill: isListeners ? "#e8f0ff" : "#fff", line: 0.4)
    if !isListeners { return outer }
    return """
      \(outer)\(Drawing.box(
        x: x + 0.6, y: y + 0.6, width: width - 1.2, height: height - 1.2, radius: 0.8, fill: "none", line: 0.25))
      """
  }

  // MARK: - The header

  private var header: HTML {
    let rows = strip.pins.map(pin)
    let height = Double(strip.rows) * rowHeight
    return """
      \(Drawing.box(x: 84.8, y: Self.top - 0.4, width: 20.4, height: height, radius: 1.5, fill: "#2b2b2b", line: 0))
      \(rows)
      """
  }

  /// Everything that belongs to one pin: its number, its name, its wire and its part.
  private func pin(_ pin: Header.Pin) -> HTML {
    let y = Self.top + (Double(pin.row) + 0.5) * rowHeight - 0.4
    let part = wiring.parts.first { $0.pin == pin }
    return
      "\(number(pin, y: y, isUsed: !wiring.letters(at: pin).isEmpty))\(part.map { wired($0, y: y) } ?? idle(pin, y: y))"
  }

  private func number(_ pin: Header.Pin, y: Double, isUsed: Bool) -> HTML {
    let x = pin.isLeft ? 90.2 : 99.8
    let fill =
      switch pin.kind {
      case .ground: "#c9c9c9"
      case .supply3V3: "#ffc9a3"
      case .supply5V: "#ffb0b0"
      case .line, .other: isUsed ? "#ffd76a" : "#fff"
      }
    let mark: HTML? =
      pin.number == 1
      ? Drawing.box(
        x: x - 4.1, y: y - 4.1, width: 8.2, height: 8.2, radius: 0.4, fill: "none", stroke: "#ff3b45", line: 0.7)
      : nil
    return """
      \(mark)\(Drawing.circle(x: x, y: y, radius: 3.5, fill: fill, line: 0.2))\
      \(Drawing.text("\(pin.number)", x: x, y: y + 1.55, size: 4.4, anchor: .middle, bold: true))
      """
  }

  /// The name of a pin without a wire of its own; for a supply, the letters of the wires that end there.
  private func idle(_ pin: Header.Pin, y: Double) -> HTML {
    let letters = wiring.letters(at: pin)
    let (colour, anchor) = (letters.isEmpty ? "#777" : "#111", pin.isLeft ? Drawing.Anchor.end : .start)
    let x = pin.isLeft ? 83.5 : 106.5
    var name = pin.number == 1 ? "\(pin.name) (pin 1)" : pin.name
    if let reserved = pin.reserved { name += " – leave free: \(reserved)" }
    if let use = pin.use { name += " – \(use == "i2s" ? "I2S" : use.uppercased())" }
    if letters.isEmpty {
      return Drawing.text(name, x: x, y: y + 1, size: 2.6, width: 82, anchor: anchor, colour: colour)
    }
    let second = parts.second(pin)
    let words =
      "\(name): \(second.colour) \(letters.count == 1 ? "wire" : "wires") of \(letters.joined(separator: ", "))"
    return Drawing.text(words, x: x, y: y + 1, size: 2.9, width: 80, anchor: anchor, bold: true)
  }

  private func wired(_ part: Wiring.Part, y: Double) -> HTML {
    let isLeft = part.pin.isLeft
    // The name's box, the wire, the part's box, from the pin outwards.
    let nameX = isLeft ? 70.0 : 105.6
    let (from, to) = isLeft ? (54.0, 70.0) : (120.0, 136.0)
    let boxX = isLeft ? 0.2 : 135.8
    let (width, height) = (54.0, rowHeight - 0.9)
    let top = y - height / 2
    let label = parts.label(part)
    let title =
      part.isListeners
      ? "LISTENER\(label.map { " \($0)" } ?? ""): \(parts.short(part))"
      : parts.short(part) + (label.map { " [\($0)]" } ?? "")
    let wire =
      "\(part.colour.rawValue) to \(part.pin.label)" + (isLED(part) ? " by \(Wiring.ledResistor) Ω" : "")
      + (part.other.map { ", \(parts.second($0).colour) to \(parts.second($0).name) \($0.label)" } ?? "")
    return """
      <g class="part" data-part="\(part.letter)">
      \(Drawing.wire(from, to, y: y, colour: part.colour.css))
      \(Drawing.box(x: nameX, y: y - 2.1, width: 14.4, height: 4.2, radius: 0.6, fill: "#fff", line: 0.25))
      \(Drawing.text(part.pin.name, x: nameX + 7.2, y: y + 1, size: 2.9, width: 13.4, anchor: .middle, bold: true))
      \(letter(part.letter, x: (from + to) / 2, y: y))
      \(partBox(x: boxX, y: top, width: width, height: height, isListeners: part.isListeners))
      \(isLED(part) ? Drawing.circle(x: boxX + width - 3.4, y: y - 1.2, radius: 1.6, fill: "#fff7c2") : nil)
      \(Drawing.text(
        title, x: boxX + 1.6, y: y - 0.5, size: 3.1, width: width - (isLED(part) ? 8.2 : 3.2), bold: true))
      \(Drawing.text(wire, x: boxX + 1.6, y: y + min(2.9, height / 2 - 1.1), size: 2.5, width: width - 3.2))
      </g>

      """
  }

  private func isLED(_ part: Wiring.Part) -> Bool { if case .led = part.kind { true } else { false } }
}
