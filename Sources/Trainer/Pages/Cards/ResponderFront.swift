import Board
import Kit

/// The first page of the responder's card, to be read under stress: stop, what to do first, and the buttons as they lie
/// on the device.
struct ResponderFront {
  let card: PrintedCard

  private var words: CardWords { card.words }

  /// The content of the page.
  var body: HTML {
    let layout = card.board.map { ButtonLayout($0) }
    return """
      <div class="front\(density(layout))" style="height: \(card.paper.height - 21)mm">
      \(card.head())
      \(stop(layout))
      <ol class="steps">
      \(words.steps.enumerated().map { step($0.offset, $0.element, layout) })</ol>
      \(layout.map(device))
      </div>

      """
  }

  private func density(_ layout: ButtonLayout?) -> HTML? {
    guard let layout else { return " bare" }
    return layout.rows > 4 ? " dense" : nil
  }

  /// The button that stops, as large as the page allows, and when to press it.
  private func stop(_ layout: ButtonLayout?) -> HTML {
    let label = layout?.cell(for: .control(.stop))?.cell.label
    let size = min(25, 110 / max(4, words.control(.stop).count))
    return """
      <div class="stop-now"><div class="word" style="font-size: \(size)mm">\(words.control(.stop))\(label.map(Self.cap))</div>
      <div class="why">\(picture)<p>\(words.stopNow)</p></div></div>
      """
  }

  /// The sign for stop in the default mode.
  private var picture: HTML {
    SignPicture(mode: card.defaultMode, sign: .stop).svg(words.signs[.stop]?.meaning ?? "")
  }

  private func step(_ index: Int, _ text: String, _ layout: ButtonLayout?) -> HTML {
    let extra: HTML? =
      switch index {
      case CardWords.interpreterStep: interpreter
      case CardWords.languageStep: layout.flatMap(finder)
      default: nil
      }
    return "<li><b>\(index + 1)</b><span>\(text)\(extra)</span></li>\n"
  }

  /// The telephone number of the first interpreter.
  private var interpreter: HTML? {
    card.kit.contacts.first { $0.kind == .interpreter }.map { contact in
      """
       <span class="call"><bdi>\(contact.name)</bdi> <bdi class="phone" dir="ltr">\(contact.phone)</bdi></span>
      """
    }
  }

  /// The button that finds the language.
  private func finder(_ layout: ButtonLayout) -> HTML? {
    guard let (cell, isHeld) = layout.cell(for: .control(.finder)) else { return nil }
    let name: HTML = cell.label.map(Self.cap) ?? "<b>\(self.name(cell.button).does)</b>"
    return " <span class=\"by\">\(name)\(isHeld ? " (\(words.held))" : nil)</span>"
  }

  // MARK: - The device

  private func device(_ layout: ButtonLayout) -> HTML {
    // The device does not turn round in a language that is written from the right.
    """
    <div class="device" dir="ltr" style="grid-template-columns: repeat(\(layout.columns), 1fr)">
    \(layout.cells.map { cell($0, in: layout) })</div>
    \(legend(layout))
    """
  }

  private func cell(_ cell: ButtonLayout.Cell, in layout: ButtonLayout) -> HTML {
    let place = cell.place
    let position: HTML = """
      grid-area: \(place.row) / \(place.column) / span \(place.rows) / span \(place.columns)
      """
    let direction = card.texts.language.direction.rawValue
    let kind: HTML =
      switch cell.button {
      case .digit, .star: " digit"
      case .control(.stop): " halt"
      default: ""
      }
    var key = cell.label
    let does: HTML
    switch cell.button {
    case .digit(let digit): (key, does) = (nil, "\(digit)")
    case .star: (key, does) = (nil, "\(cell.label ?? "*")")
    case .prompt(let id) where card.kit.prompt(id)?.gate != nil:
      does = "\(PrintedCard.gateMark) \(name(cell.button).does)"
    default: does = name(cell.button).does
    }
    let above = name(cell.button).above.map { "<div class=\"above\">\($0)</div>" as HTML }
    let held = cell.hold.map { "<div class=\"held\"><i>\(words.held):</i> \(name($0).does)</div>" as HTML }
    let together = cell.withStop.map {
      "<div class=\"held\"><i>\(words.control(.stop)) +:</i> \(name($0).does)</div>" as HTML
    }
    return """
      <div class="button\(kind)" style="\(position)" dir="\(direction)">\(key.map(Self.cap))\
      <div class="text">\(above)<div class="does" style="font-size: \(size(does, cell, layout))mm">\(does)</div>\
      \(held)\(together)</div></div>

      """
  }

  /// What a button does, short enough for its picture; `above` says what it is an answer to.
  private func name(_ button: Button) -> (above: String?, does: HTML) {
    guard case .control(let control) = button else { return (nil, card.meaning(button).what) }
    let (above, does) = words.short(control)
    return (above, "\(does)")
  }

  /// Returns the font size in millimetres: as large as the picture of the button and its longest word allow.
  private func size(_ text: HTML, _ cell: ButtonLayout.Cell, _ layout: ButtonLayout) -> String {
    let isCharacter = Self.isCharacter(cell.button)
    let largest =
      switch layout.rows {
      case ...2: 7.5
      case 3: 6.2
      case 4: isCharacter ? 10 : 5.2
      default: isCharacter ? 9 : 4.2
      }
    // The key beside the text is as wide as three letters.
    let words = Self.plain(text).split(whereSeparator: \.isWhitespace)
    let letters = max(3, words.map(\.count).max() ?? 0) + (cell.label == nil || isCharacter ? 1 : 3)
    let width = Double(card.paper.width - 32) / Double(max(1, layout.columns)) * Double(cell.place.columns) - 5
    let size = Int(10 * min(cell.button == .control(.stop) ? 10 : largest, width / (0.62 * Double(letters))))
    return "\(size / 10).\(size % 10)"
  }

  /// Returns the text of a piece, without its tags.
  private static func plain(_ text: HTML) -> String {
    var isTag = false
    return String(
      text.markup.map { character in
        if character == "<" || character == ">" { isTag = character == "<" }
        return isTag || character == ">" ? " " : character
      })
  }

  private static func isCharacter(_ button: Button) -> Bool {
    switch button {
    case .digit, .star: true
    default: false
    }
  }

  /// What the digits do, and which messages are gated; `nil` where the board can neither dial nor play one of those.
  private func legend(_ layout: ButtonLayout) -> HTML? {
    let star: HTML? =
      layout.hasLanguageNumbers
      ? " · \(Self.cap(layout.cell(for: .star)?.cell.label ?? "*")) \(words.star)" : nil
    let digits: HTML? =
      layout.hasDigits ? "<p class=\"legend\">\(Self.cap("0–9")) \(words.digits)\(star)</p>\n" : nil
    let numbers = card.gatedNumbers
    let gated: HTML? =
      numbers.isEmpty
      ? nil
      : """
      <p class="legend">\(PrintedCard.gateMark) <span class="number">\(numbers.joined(separator: " "))</span> \
      \(words.gated)</p>
      """
    return digits == nil && gated == nil ? nil : "\(digits)\(gated)"
  }

  /// Returns a key with what is printed on it.
  static func cap(_ label: String) -> HTML { "<kbd dir=\"ltr\">\(label)</kbd>" }

  /// CSS rules.
  static let style = """
    .front { display: flex; flex-direction: column; overflow: hidden; break-after: page; }
    .front .head { margin-bottom: 1mm; } .front .draft { font-size: 9pt; padding: .5mm; margin: 0 0 1mm; }
    .front .machine { margin: 0 0 1mm; }
    kbd { font: bold 1em "Noto Sans Mono", monospace; border: .4mm solid #000; border-radius: 1.2mm; padding: 0 1.4mm;
      background: #fff; color: #000; white-space: nowrap; display: inline-block; line-height: 1.3; unicode-bidi: isolate; }
    .stop-now { display: flex; align-items: center; justify-content: space-between; gap: 5mm; background: #000;
      color: #fff; border: 1.5mm solid #000; border-radius: 4mm; padding: 1mm 5mm; min-height: 34mm; flex: none;
      print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    .stop-now .word { line-height: 1.15; font-weight: 800; text-transform: uppercase;
      display: flex; align-items: center; gap: 5mm; white-space: nowrap; }
    .stop-now kbd { font-size: 7mm; text-transform: none; }
    .stop-now .why { display: flex; align-items: center; gap: 3mm; min-width: 0; }
    .stop-now .why p { font-size: 4.6mm; line-height: 1.2; font-weight: 600; margin: 0; }
    .stop-now .sign { height: 27mm; flex: none; margin: 0; }
    .steps { flex: none; list-style: none; margin: 2.5mm 0; padding: 0; display: grid; grid-template-columns: 1fr 1fr;
      gap: 1.6mm 5mm; }
    .steps li { display: flex; gap: 2.5mm; font-size: 5.5mm; line-height: 1.15; align-items: baseline; }
    .steps li > b { font-family: "Noto Sans", sans-serif; font-size: 1.1em; min-width: 6mm; text-align: end; direction: ltr; }
    .steps li:nth-child(-n+3) { grid-column: 1 / -1; font-size: 8.4mm; font-weight: 700; line-height: 1.15; }
    .steps li:nth-child(-n+3) > b { border: .6mm solid #000; border-radius: 50%; min-width: 11mm; height: 11mm;
      line-height: 10mm; text-align: center; font-size: .85em; align-self: center; }
    .steps li:nth-child(-n+3) > span { align-self: center; }
    .steps li:nth-child(10) { grid-column: 1 / -1; }
    .call { border: .6mm solid #000; border-radius: 1.5mm; padding: 0 2mm; font-size: .8em;
      display: inline-block; }
    .call .phone { margin-inline-start: 2mm; }
    .by { white-space: nowrap; }
    .device { flex: 1 1 0; min-height: 0; display: grid; grid-auto-rows: minmax(0, 1fr); gap: 1.6mm; padding: 2.5mm;
      border: .8mm solid #000; border-radius: 4mm; }
    .button { border: .5mm solid #000; border-radius: 2mm; padding: 1mm; min-width: 0; min-height: 0; display: flex;
      align-items: center; gap: 1mm; text-align: center; overflow: hidden; }
    .button kbd { font-size: 4mm; flex: none; align-self: flex-start; }
    .button .text { flex: 1; min-width: 0; overflow-wrap: anywhere; }
    .button .does { line-height: 1.1; font-weight: 700; }
    .button .above { font-size: 3.1mm; line-height: 1.1; }
    .button .held { font-size: 3.3mm; line-height: 1.12; margin-top: .7mm; }
    .halt { background: #000; color: #fff; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    .dense .held, .dense .above { font-size: 2.8mm; line-height: 1.05; margin-top: .3mm; }
    .dense .legend { font-size: 3.4mm; margin-top: 1mm; }
    .dense .button { padding: .6mm 1mm; }
    .dense .steps { margin: 2mm 0; gap: 1mm 5mm; } .dense .steps li:nth-child(n+4) { font-size: 4.9mm; }
    .bare .steps { grid-template-columns: 1fr; gap: 4mm; margin-top: 5mm; }
    .bare .steps li:nth-child(n) { font-size: 8mm; } .bare .steps li:nth-child(-n+3) { font-size: 9mm; }
    .halt { flex-direction: column; } .halt .text { display: grid; align-content: center; }
    .halt .does { text-transform: uppercase; }
    .legend { flex: none; font-size: 4mm; margin: 1.5mm 0 0; line-height: 1.3; }
    @media screen and (max-width: 700px) {
      .front { height: auto !important; } .stop-now { flex-wrap: wrap; } .stop-now .word { font-size: 14vw !important; flex-wrap: wrap; }
      .steps, .two { grid-template-columns: 1fr !important; } .device { flex: none; grid-auto-rows: auto; padding: 1mm; gap: 1mm; }
      .button { flex-direction: column; min-height: 16mm; padding: .5mm; justify-content: center; }
      .button kbd { align-self: center; } .button .does { font-size: 3.2mm !important; }
      .digit .does { font-size: 7mm !important; } .button .held, .button .above { font-size: 2.6mm; }
      .languages { columns: 1 !important; } .module .title { width: 36mm !important; }
    }
    """
}
