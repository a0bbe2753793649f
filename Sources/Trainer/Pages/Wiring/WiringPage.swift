import Board
import Catalogue
import Diagnostics
import Wiring

/// The wiring of a device, to print: the picture, a parts list, a table for people who cannot see the picture, and a
/// page for each wire with boxes to tick.
public struct WiringPage: Sendable {
  private let parts: PartWords
  /// The path of the board file, for the commands on the last page.
  private let file: String

  private var wiring: Wiring { parts.wiring }

  /// Creates the page; nil where the catalogue lacks English.
  ///
  /// - Parameters:
  ///   - wiring: the wiring.
  ///   - file: the path of the board file.
  ///   - catalogue: has the titles of the messages.
  public init?(_ wiring: Wiring, file: String, catalogue: Catalogue) {
    guard let words = ButtonWords("en", catalogue: catalogue) else { return nil }
    parts = PartWords(wiring: wiring, words: words)
    self.file = file
  }

  /// The page.
  public var page: HTMLPage {
    HTMLPage(
      title: "Wiring: \(wiring.board.name)", style: Self.style,
      body: """
        <h1>Wiring: \(wiring.board.name)</h1>
        <p class="about">\(about)</p>
        \(figures)
        <section class="lists"><h2>Parts</h2>
        \(items)
        \(preparations)
        <h2>All wires</h2>
        \(table)
        \(keyTable)
        </section>
        \(wiring.parts.map(step))
        \(keySteps)
        \(last)
        """)
  }

  /// The picture alone, as an SVG file: the header, or one below the other, and the keys.
  public var picture: String {
    var pieces: [HTML] = []
    var top = 10.0
    func add(_ body: HTML, _ height: Double) {
      pieces.append("<g transform=\"translate(5 \(Drawing.number(top)))\">\n\(body)</g>\n")
      top += height + 6
    }
    for strip in wiring.strips {
      let picture = HeaderPicture(parts: parts, strip: strip)
      add(picture.body, picture.height)
    }
    if !wiring.keys.isEmpty {
      let picture = PadPicture(parts: parts)
      add(picture.body, picture.height)
    }
    let title = Drawing.text("Wiring: \(wiring.board.name)", x: 5, y: 6.5, size: 5, width: 190, bold: true)
    let ground: HTML = "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    let svg = Drawing.svg(
      width: HeaderPicture.width + 10, height: top, label: "Wiring of \(wiring.board.name)",
      "\(ground)\(title)\(pieces)")
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(svg.markup)"
  }

  // MARK: - Pictures

  private var about: HTML {
    let header: HTML? = wiring.header.map { header in
      "\(wiring.model?.title ?? header.title). \(header.isTried ? nil : Self.untried) "
    }
    let use: HTML =
      wiring.board.use == .trial ? "For trials: the board file says “use: trial”." : "For the field: “use: field”."
    let power: HTML? = wiring.parts.isEmpty ? nil : " Disconnect the power before you connect a wire."
    return "\(header)\(use)\(power)"
  }

  private static let untried: HTML = "<b>Nobody has tried this table of pins on hardware yet: check each pin.</b>"

  private var figures: HTML {
    let headers = wiring.strips.map { "<figure>\(HeaderPicture(parts: parts, strip: $0).svg)</figure>\n" as HTML }
    let pad: HTML? = wiring.keys.isEmpty ? nil : "<figure>\(PadPicture(parts: parts).svg)</figure>\n"
    let nothing: HTML? = wiring.parts.isEmpty ? "<p>Nothing is wired: plug in the pad and the sound card.</p>\n" : nil
    return "\(nothing)\(headers)\(pad)"
  }

  // MARK: - Lists

  private var items: HTML {
    let rows = wiring.items.map { item -> HTML in
      "<tr><td class=\"count\">\(item.count)</td><td>\(item.name)</td><td>\(item.note)</td></tr>\n"
    }
    return """
      <table><thead><tr><th scope="col">Number</th><th scope="col">Part</th><th scope="col">Note</th></tr></thead>
      <tbody>\(rows)</tbody></table>
      """
  }

  /// What must be done on the device before the wires.
  private var preparations: HTML? {
    var lines: [HTML] = wiring.off.map {
      "\($0.name.uppercased()) must be off, because parts use its pins: \($0.remedy)."
    }
    if wiring.needsPulls && !wiring.parts.isEmpty {
      lines.append(
        """
        The board file sets no pull (<code>bias:</code>) for some buttons. Either the firmware switches pulls on (on a \
        Raspberry Pi <code>gpio=5,6=ip,pu</code> in config.txt), or each of these buttons needs a resistor of 10 kΩ.
        """)
    }
    let doubtful = wiring.doubtfulPins
    if !doubtful.isEmpty {
      lines.append(
        """
        The sound card <code>\(wiring.board.sound.pcm)</code> must not be an I2S card: it would use \
        \(doubtful.count == 1 ? "pin" : "pins") \(doubtful.map(\.label).joined(separator: ", ")), where parts are.
        """)
    }
    if wiring.sound == .i2s {
      lines.append(
        """
        The I2S card needs its overlay (<code>dtoverlay</code> in config.txt). Its print may differ: LRC is also LRCLK \
        or LCK, BCLK is also BCK. A card that is plugged onto the header has these wires already, and its plan holds.
        """)
    }
    if lines.isEmpty { return nil }
    return "<h2>Before the wires</h2>\n<ul>\(lines.map { "<li>\($0)</li>\n" as HTML })</ul>\n"
  }

  private var table: HTML {
    if wiring.parts.isEmpty { return "<p>None.</p>" }
    let rows = wiring.parts.map { part -> HTML in
      let second: HTML =
        part.other.map { other in
          let (colour, name) = parts.second(other)
          let shared: HTML? =
            part.shared.isEmpty ? nil : "; shared with \(part.shared.joined(separator: ", "))"
          return "\(colour) to pin \(other.label) (\(name))\(shared)"
        } ?? "–"
      let resistor: HTML? = isLED(part) ? ", with \(Wiring.ledResistor) Ω in this wire" : nil
      let label = parts.label(part).map { " [\($0)]" } ?? ""
      return """
        <tr data-part="\(part.letter)"><th scope="row">\(part.letter)</th><td>\(parts.name(part))\(label)</td>
        <td>\(parts.kind(part))</td><td>\(part.colour.rawValue) to pin \(part.pin.label) (\(part.pin.name)), \
        \(place(part.pin))\(resistor)</td><td>\(second)</td><td>\(parts.others(part).joined(separator: "; "))</td></tr>

        """
    }
    let named = wiring.board.leds.filter { $0.output == nil }.map { led -> HTML in
      """
      <tr><th scope="row">–</th><td>LED \(led.name)</td><td>LED</td>
      <td colspan="3">on the board itself: no wire</td></tr>

      """
    }
    return """
      <table class="wires"><thead><tr><th scope="col">Wire</th><th scope="col">Part</th><th scope="col">Kind</th>
      <th scope="col">First wire</th><th scope="col">Second wire</th><th scope="col">Also</th></tr></thead>
      <tbody>\(rows)\(named)</tbody></table>
      """
  }

  /// Returns where a pin is, for fingers: `row 15, left`.
  private func place(_ pin: Header.Pin) -> String {
    "row \(pin.row + 1) from pin 1, \(pin.isLeft ? "left" : "right")"
  }

  private func isLED(_ part: Wiring.Part) -> Bool { if case .led = part.kind { true } else { false } }

  private func print(of key: Wiring.Key) -> String { key.key.label ?? InputKey.name(key.key.code) ?? "" }

  private var keyTable: HTML? {
    if wiring.keys.isEmpty { return nil }
    let rows = wiring.keys.map { key -> HTML in
      let kind = key.key.by == .listener ? "listener's key" : "responder's key"
      return """
        <tr data-part="\(key.id)"><th scope="row">\(print(of: key))</th><td>\(InputKey.kernelName(key.key.code))</td>
        <td>\(kind)</td><td>\(parts.words.text(key.key.button))</td>
        <td>\(parts.others(hold: key.key.hold, withStop: key.key.withStop).joined(separator: "; "))</td></tr>

        """
    }
    return """
      <h2>Keys</h2>
      <table><thead><tr><th scope="col">Print</th><th scope="col">Key</th><th scope="col">Kind</th>
      <th scope="col">Does</th><th scope="col">Also</th></tr></thead>
      <tbody>\(rows)</tbody></table>
      """
  }

  // MARK: - Pages to tick

  private static let box: HTML = "<span class=\"box\" aria-hidden=\"true\"></span>"

  private func tick(_ text: HTML) -> HTML { "<li>\(Self.box)<span>\(text)</span></li>\n" }

  /// The page of one part: its wires, and where they end.
  private func step(_ part: Wiring.Part) -> HTML {
    let target: HTML =
      switch part.kind {
      case .button: "one leg of the button"
      case .led(_, let output):
        output.active == .high
          ? "the resistor of \(Wiring.ledResistor) Ω, and from there the long leg of the LED (plus)"
          : "the resistor of \(Wiring.ledResistor) Ω, and from there the short leg of the LED (minus)"
      case .sound(let wire): "<b>\(wire.rawValue)</b> of the sound card"
      case .amplifier(let output):
        """
        the amplifier's switch, where \(output.active == .high ? "3.3 V" : "0 V") means on: <b>SD</b>, SHDN, EN or \
        MUTE in its print
        """
      }
    var lines = [
      tick(
        """
        <b>\(part.colour.rawValue)</b> wire \(part.letter): from <b>pin \(part.pin.label)</b> (\(part.pin.name); \
        \(place(part.pin))) to \(target).
        """)
    ]
    if let other = part.other {
      let (colour, name) = parts.second(other)
      let end: HTML =
        switch part.kind {
        case .button: "the other leg of the button"
        case .led(_, let output):
          output.active == .high ? "the short leg of the LED (minus)" : "the long leg of the LED (plus)"
        case .amplifier: "<b>GND</b> of the amplifier"
        case .sound: "the sound card"
        }
      let shared: HTML? =
        part.shared.isEmpty
        ? nil
        : " The pin is shared with \(part.shared.joined(separator: ", ")): join the wires, and lead one to the pin."
      lines.append(
        tick("<b>\(colour)</b> wire: from <b>pin \(other.label)</b> (\(name); \(place(other))) to \(end).\(shared)"))
    }
    lines.append(tick("Count the \(part.other == nil ? "pin" : "pins") again from pin 1; nothing else touches."))
    if case .button = part.kind {
      lines.append(
        tick("Mark the button: \(parts.label(part).map { "“\($0)”, " } ?? "")\(parts.name(part))."))
    }
    let others = parts.others(part)
    let also: HTML? = others.isEmpty ? nil : "<p class=\"quiet\">\(others.joined(separator: "; "))</p>\n"
    return """
      <section class="step" data-part="\(part.letter)"><div class="head">
      <span class="letter" style="border-color: \(part.colour.css)">\(part.letter)</span>
      <div><h2>\(parts.name(part))</h2><p>\(parts.kind(part)), \(part.colour.rawValue) wire</p>\(also)</div></div>
      <div class="work"><ol>\(lines)</ol>\(strip(of: part))</div></section>

      """
  }

  /// The strip of a part, with its pins alone.
  private func strip(of part: Wiring.Part) -> HTML? {
    guard let strip = wiring.header?.strips.first(where: { $0.name == part.pin.strip }) else { return nil }
    let pitch = 7.4
    let height = Double(strip.rows) * pitch + 7
    let pins = strip.pins.map { pin -> HTML in
      let (x, y) = (pin.isLeft ? 26.0 : 33.4, 10.5 + Double(pin.row) * pitch)
      let isOwn = pin == part.pin
      let isOther = pin == part.other
      let edge = isOwn ? part.colour.css : "#111"
      let dot = Drawing.circle(
        x: x, y: y, radius: isOwn || isOther ? 3.3 : 2, fill: isOwn || isOther ? "#fff" : "#ddd", stroke: edge,
        line: isOwn ? 1.2 : isOther ? 0.9 : 0.2)
      let text =
        isOwn || isOther || pin.number == 1
        ? Drawing.text(
          "\(pin.number)", x: x, y: y + 1.2, size: pin.number == 1 ? 2.6 : 3.4, anchor: .middle, bold: true) : nil
      let side = pin.isLeft ? 21.5 : 38.0
      let name =
        isOwn
        ? "\(part.letter) \(part.colour.rawValue)" : isOther ? parts.second(pin).colour : pin.number == 1 ? "pin 1" : ""
      return
        """
        \(dot)\(text)\
        \(Drawing.text(name, x: side, y: y + 1.1, size: 3.4, anchor: pin.isLeft ? .end : .start, bold: true))
        """
    }
    let title = strip.name.isEmpty ? "" : strip.name
    return Drawing.svg(
      width: 60, height: height + 4, label: "Header with pin \(part.pin.label)",
      """
      \(Drawing.text(title, x: 29.7, y: 4, size: 4, anchor: .middle, bold: true))\
      \(Drawing.box(
        x: 21.9, y: 6.2, width: 15.6, height: Double(strip.rows) * pitch + 1.2, radius: 1.5, fill: "#f4f4f4"))
      \(pins)
      """)
  }

  private var keySteps: HTML? {
    if wiring.keys.isEmpty { return nil }
    let lines = wiring.keys.map { key -> HTML in
      """
      <li data-part="\(key.id)">\(Self.box)<span><b>\(print(of: key))</b>: \(parts.words.text(key.key.button))\
      </span></li>

      """
    }
    let devices = wiring.board.inputs.map { "<code>\($0.description)</code>" as HTML }
    return """
      <section class="step"><h2>The keys</h2>
      <p>Plug in the pad, and the sound card. <code>ls -l /dev/input/by-id</code> must show \(devices). When the last \
      page is done, press each key once.</p>
      <ol class="keys">\(lines)</ol></section>

      """
  }

  /// The last page: from the power to the first message.
  private var last: HTML {
    let sound: HTML =
      switch wiring.sound {
      case .usb: "Plug in the USB sound card and the loudspeaker."
      case .i2s: "Connect the loudspeaker to the amplifier."
      case .jack: "Plug the amplifier into the headphone jack."
      case .unknown: "Connect the sound card and the loudspeaker."
      }
    return """
      <section class="step"><h2>Test</h2>
      <ol>\(tick("\(sound) <code>aplay -l</code> lists the card of <code>\(wiring.board.sound.pcm)</code>."))\
      \(wiring.off.map { tick("\($0.name.uppercased()) is off: \($0.remedy).") })\
      \(wiring.parts.isEmpty ? nil : tick("No bare wire touches another, and no button or LED goes to a 5 V pin."))\
      \(tick("Connect the power."))\
      \(tick("<code>firstword board check \(file)</code> ends without an error."))\
      \(tick(
        """
        <code>firstword doctor --board \(file)</code>: every line, every LED and the card are ok. Press nothing \
        meanwhile.
        """))\
      \(tick("Press each button once, and hear or see what it does. Stop silences at once."))</ol></section>
      """
  }

  private static let style = """
    @page { size: A4 portrait; margin: 10mm; }
    body { max-width: 190mm; padding: 5mm 0; font-size: 10pt; line-height: 1.35; }
    @media print { body { padding: 0; } }
    h1 { font-size: 15pt; margin: 0; } h2 { font-size: 13pt; margin: 4mm 0 1.5mm; break-after: avoid; }
    .about { margin: 0 0 2mm; font-size: 9pt; }
    figure { margin: 0; break-inside: avoid; break-after: page; } figure svg { display: block; max-width: 100%; }
    svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    table { border-collapse: collapse; width: calc(100% - .5mm); }
    td, th { text-align: start; vertical-align: top; padding: .8mm 1.5mm; border: .2mm solid #777; }
    tr { break-inside: avoid; } thead th { background: #eee; }
    .count { text-align: end; width: 14mm; } .wires { font-size: 9pt; } ul { margin: 0; padding-inline-start: 5mm; }
    .step { break-before: page; } .head { display: flex; gap: 6mm; align-items: center; }
    .head h2 { font-size: 22pt; margin: 0; line-height: 1.15; } .head p { margin: 1mm 0 0; font-size: 12pt; }
    .letter { border: 3mm solid; border-radius: 50%; min-width: 26mm; height: 26mm; display: flex; align-items: center;
      justify-content: center; font-size: 30pt; font-weight: bold; flex: none;
      print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    .work { display: flex; gap: 6mm; align-items: flex-start; margin-top: 4mm; }
    .work ol { flex: 1; } .work svg { flex: none; }
    ol { list-style: none; padding: 0; margin: 2mm 0; } li { margin-bottom: 3mm; }
    ol li { display: flex; gap: 4mm; font-size: 14pt; align-items: flex-start; line-height: 1.3; }
    .box { border: .6mm solid #000; width: 8mm; height: 8mm; flex: none; } .keys { columns: 2; }
    .keys li { font-size: 11pt; break-inside: avoid; } .keys .box { width: 5mm; height: 5mm; }
    code { overflow-wrap: anywhere; }
    @media screen and (max-width: 700px) {
      body { padding: 2mm; } .work, .head { flex-wrap: wrap; } figure svg { height: auto; } .lists { overflow-x: auto; }
    }
    """
}
