import Board
import Catalogue
import Diagnostics
import Pages

/// The sheet of a card, to print and keep with the device: what is on it, how to write it to an SD card, and the first
/// test.
public struct CardSheet: Sendable {
  private let card: CardMaker.Card
  private let plan: CardPlan
  private let words: ButtonWords
  private let languages: [String: String]

  /// Creates the sheet; nil where the catalogue lacks English.
  public init?(_ card: CardMaker.Card, _ plan: CardPlan, catalogue: Catalogue) {
    guard let words = ButtonWords("en", catalogue: catalogue) else { return nil }
    self.card = card
    self.plan = plan
    self.words = words
    languages = Dictionary(
      plan.kit.bundles.map { ($0.tag, $0.english) }, uniquingKeysWith: { first, _ in first })
  }

  private var record: CardRecord { card.record }
  private var name: String { card.path.split(separator: "/").last.map(String.init) ?? card.path }

  /// The page.
  public var page: HTMLPage {
    let title = record.serial.map { "Card for device \($0)" } ?? "Card \(name)"
    let draft: HTML? = record.draft ? "<p class=\"draft\">DRAFT: for trials with people who know it, only.</p>\n" : nil
    return HTMLPage(
      title: title, style: Self.style,
      body: """
        <h1>\(title)</h1>
        \(draft)\(facts)
        \(cautions)
        \(flashing)
        \(firstTest)
        <h2>When all is well</h2>
        <p>Let the person who is responsible for the device print and sign the acceptance sheet: \
        <code>firstword doctor --acceptance sheet.html</code>, on a machine that reaches the daemon.</p>
        """)
  }

  private func row(_ name: String, _ value: HTML) -> HTML {
    "<tr><th scope=\"row\">\(name)</th><td>\(value)</td></tr>\n"
  }

  private var facts: HTML {
    let spoken = record.languages.map { languages[$0] ?? $0 }
    let keys = record.keys.map { "<code>\($0.id)</code><br/>" as HTML }
    var rows = [
      row("Device", "\(record.serial ?? "no serial")"),
      row("Image", "\(name), \(card.size / 1_000_000) MB"),
      row("SHA-256 of the image", "<code>\(card.sha256)</code>"),
      row("Base image", "\(record.image)"),
      row("Board", "\(record.board), for \(record.use == .field ? "the field" : "trials") (\(record.boardFile))"),
      row("SHA-256 of board.json", "<code>\(record.boardHash)</code>"),
      row("Kit", "\(record.kit) \(record.version)\(record.draft ? " DRAFT" : ""), \(record.clips) clips"),
      row("SHA-256 of kit.json", "<code>\(record.kitHash)</code>"),
      row("Languages", "\(spoken.joined(separator: ", "))"),
    ]
    rows.append(row("Speaks to the responder", "\(record.operatorLanguage ?? "no: it plays tones")"))
    rows.append(row("Answers", "\(record.answers.map(\.rawValue).joined(separator: ", "))"))
    rows.append(row("Signed by", "\(record.signers.joined(separator: ", "))"))
    rows.append(row("Trusted keys", "\(keys)"))
    rows.append(row("Journal", record.journal ? "kept on the device" : "off"))
    if let channel = record.channel { rows.append(row("Follows the channel", "\(channel.joined(separator: ", "))")) }
    return "<table><tbody>\(rows)</tbody></table>"
  }

  private var cautions: HTML? {
    if plan.warnings.isEmpty { return nil }
    let lines = plan.warnings.map { warning -> HTML in
      "<li>\(warning.message)\(warning.remedy.map { ": \($0)" } ?? "")</li>\n"
    }
    return "<h2>Please note</h2>\n<ul>\(lines)</ul>"
  }

  private var flashing: HTML {
    """
    <h2>Write it to an SD card</h2>
    <p>The card needs at least \((card.size + 999_999_999) / 1_000_000_000) GB, and loses what is on it. Any one of:</p>
    <ul>
    <li><b>Raspberry Pi Imager</b>: choose the device, then “Use custom” and <code>\(name)</code>, then the card. \
    Answer “No” where it offers to change settings: this image has no users.</li>
    <li><b>balenaEtcher</b>: “Flash from file”, the file, the card, “Flash!”.</li>
    <li><b>Linux</b>: <code>lsblk</code> shows the card before and after you put it in. Then \
    <code>sudo dd if=\(name) of=/dev/sdX bs=4M conv=fsync status=progress</code>, with the card’s letter in place of X: \
    dd asks nothing, and overwrites whatever you name.</li>
    </ul>
    """
  }

  private var firstTest: HTML {
    let buttons = plan.board.lines.buttons.map { ($0.button, $0.label, $0.by) }
    let keys = plan.board.inputs.flatMap(\.keys).map { ($0.button, $0.label, $0.by) }
    let rows = (buttons + keys).map { part -> HTML in
      let (button, label, by) = part
      let name = words.text(button)
      let mark: HTML = "<td>\(label ?? "")</td>"
      return """
        <tr><td>\(name)\(by == .listener ? " (listener)" : "")</td>\(mark)<td class="box">☐</td>\
        <td class="box">☐</td></tr>

        """
    }
    return """
      <h2>First test</h2>
      <ol>
      <li>Put the card in, connect loudspeaker and buttons, then the power.</li>
      <li>Wait until the LED says that it is ready, or until a press is answered. On the first start this may take a \
      minute or two.</li>
      <li>Press each button, and tick what you see and hear. “Stop” must end a message at once.</li>
      <li>Pull the power plug while a message plays, and connect it again: it must start as before.</li>
      </ol>
      <table><thead><tr><th scope="col">Button</th><th scope="col">Label</th><th scope="col">reacts</th>\
      <th scope="col">heard clearly</th></tr></thead>
      <tbody>\(rows)</tbody></table>
      """
  }

  private static let style = """
    table { border-collapse: collapse; margin: .6rem 0; width: 100%; }
    th, td { border: 1px solid #999; padding: .25rem .5rem; text-align: start; vertical-align: top; }
    tbody th { width: 14rem; font-weight: 600; }
    code { overflow-wrap: anywhere; font-size: .92em; }
    td.box { width: 6rem; text-align: center; font-size: 1.3rem; }
    tr { break-inside: avoid; }

    """
}
