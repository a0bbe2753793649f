import Board
import Catalogue
import Kit

/// The labels of a board's buttons at their real size, to print, cut out and stick on: in the responder's language,
/// with the words of the responder's card and the listener's pictures.
public struct ButtonLabels: Sendable {
  /// The permitted height of a label in millimetres.
  public static let sizes = 8.0...80.0

  /// The space between two cells of the device that a wide or high label covers, in millimetres.
  private static let gap = 3.0

  private let board: Board
  private let words: ButtonWords
  private let size: Double

  /// The BCP 47 tags of the languages in which labels can be written.
  public static let languages: [String] = CardWords.all.keys.sorted()

  /// Creates the labels; nil where the program has no words in the language.
  ///
  /// - Parameters:
  ///   - board: the board.
  ///   - catalogue: has the titles of the messages.
  ///   - language: the responder's language, as a BCP 47 tag.
  ///   - size: width and height of the label of a button in one cell, in millimetres.
  public init?(_ board: Board, catalogue: Catalogue, language: String = "en", size: Double = 22) {
    guard let words = ButtonWords(language, catalogue: catalogue) else { return nil }
    self.board = board
    self.words = words
    self.size = min(max(size, Self.sizes.lowerBound), Self.sizes.upperBound)
  }

  /// All texts of the labels, to find fonts for them.
  public var texts: [String] {
    let lines = board.lines.buttons.flatMap { [$0.button, $0.hold, $0.withStop] }
    let keys = board.inputs.flatMap(\.keys).flatMap { [$0.button, $0.hold, $0.withStop] }
    return (lines + keys).compactMap { $0 }.map(words.text)
  }

  /// The page.
  public var page: HTMLPage {
    let own = ButtonLayout(board).cells
    let listeners = ButtonLayout(board, by: .listener).cells
    let size = Drawing.number(size)
    let theirs: HTML? =
      listeners.isEmpty
      ? nil : "<h2>\(words.words.byListener)</h2>\n<div class=\"labels\">\(listeners.map(picture))</div>"
    return HTMLPage(
      title: "Labels: \(board.name)", style: Self.style, language: words.language,
      body: """
        <p class="guide" lang="en" dir="ltr"><b>\(board.name)</b>: labels of \(size) mm. Print at 100 %, not “fit to \
        page”: this bar is 50 mm long. <span class="ruler"></span> Cut along the lines.</p>
        \(words.words.unreviewed.map { "<p class=\"guide\">\($0)</p>\n" as HTML })
        <div class="labels">\(own.map { label($0, nil) })</div>
        \(theirs)
        """)
  }

  private func extent(_ cells: Int) -> Double { size * Double(cells) + Self.gap * Double(cells - 1) }

  private func frame(_ cell: ButtonLayout.Cell, _ kind: HTML, _ body: HTML) -> HTML {
    """
    <div class="label\(kind)" data-button="\(cell.button.description)" style="width: \
    \(Drawing.number(extent(cell.place.columns)))mm; height: \(Drawing.number(extent(cell.place.rows)))mm">\(body)</div>

    """
  }

  /// The label of a listener's button: the picture of its sign on the pointing card.
  private func picture(_ cell: ButtonLayout.Cell) -> HTML {
    guard let sign = AnswerSign.allCases.first(where: { .control($0.control) == cell.button }) else {
      return label(cell, " own")
    }
    let meaning = words.words.signs[sign]?.meaning ?? sign.rawValue
    return frame(
      cell, " own",
      """
      \(SignPicture(mode: .buttons, sign: sign).svg(meaning))<div class="small" style="font-size: \
      \(Drawing.number(max(1.6, size * 0.09)))mm">\(meaning)</div>
      """)
  }

  /// The label of a responder's button: the print on a key, what it does, what it does held and with stop.
  private func label(_ cell: ButtonLayout.Cell, _ kind: HTML?) -> HTML {
    let (above, does) = words.name(cell.button)
    let others = words.others(hold: cell.hold, withStop: cell.withStop)
    let isCharacter =
      switch cell.button {
      case .digit, .star: true
      default: false
      }
    let isStop = cell.button == .control(.stop)
    let large = isCharacter ? 0.6 * size : fitted(does, in: cell, share: others.isEmpty ? 0.62 : 0.4)
    let small = others.isEmpty ? max(1.6, size * 0.085) : fittedSmall(others, in: cell)
    func line(_ text: String) -> HTML {
      "<div class=\"small\" style=\"font-size: \(Drawing.number(small))mm\">\(text)</div>"
    }
    let print: HTML? =
      isCharacter || cell.label == nil || cell.label == does ? nil : "<kbd dir=\"ltr\">\(cell.label ?? "")</kbd>"
    return frame(
      cell, isStop ? " halt" : kind ?? "",
      """
      \(print)\(above.map(line))\
      <div class="does" style="font-size: \(Drawing.number(large))mm">\(isCharacter ? cell.label ?? does : does)</div>\
      \(others.map(line))
      """)
  }

  /// Returns the font's size in millimetres with which a text fills a share of a label.
  private func fitted(_ text: String, in cell: ButtonLayout.Cell, share: Double) -> Double {
    let (width, height) = (extent(cell.place.columns) - 2, extent(cell.place.rows) - 2)
    let longest = Double(max(3, text.split(whereSeparator: \.isWhitespace).map(\.count).max() ?? 3))
    let area = width * height * share
    let byArea = (area / (Double(text.count) * 0.68 * 1.15)).squareRoot()
    return max(1.5, min(size * 0.3, min(width / (0.64 * longest), byArea)))
  }

  private func fittedSmall(_ texts: [String], in cell: ButtonLayout.Cell) -> Double {
    let (width, height) = (extent(cell.place.columns) - 2, extent(cell.place.rows) - 2)
    let count = Double(texts.map(\.count).reduce(0, +)) + Double(texts.count) * 4
    return max(1.2, min(size * 0.1, (width * height * 0.36 / (count * 0.62 * 1.15)).squareRoot()))
  }

  private static let style = """
    @page { size: A4 portrait; margin: 10mm; }
    body { max-width: 190mm; padding: 4mm 0; } @media print { body { padding: 0; } }
    .guide { font-size: 9pt; margin: 0 0 3mm; } h2 { font-size: 12pt; margin: 5mm 0 2mm; }
    .ruler { display: inline-block; width: 50mm; height: 3mm; border: solid #000; border-width: 0 .3mm .3mm; }
    .labels { display: flex; flex-wrap: wrap; gap: 3mm; padding: 0 .3mm; }
    .label { border: .2mm dashed #555; border-radius: 2mm; padding: .8mm; display: flex; flex-direction: column;
      align-items: center; justify-content: center; text-align: center; overflow: hidden; break-inside: avoid;
      flex: none; }
    .label .does { font-weight: 800; line-height: 1.12; overflow-wrap: anywhere; } .small { line-height: 1.12; }
    .label kbd { font: bold 3mm "Noto Sans Mono", monospace; border: .3mm solid; border-radius: 1mm; padding: 0 1mm;
      margin-bottom: .4mm; text-transform: none; }
    .halt { background: #000; color: #fff; border-color: #000; text-transform: uppercase;
      print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    .halt .small { text-transform: none; }
    .own { border: .5mm double #000; } .own .sign { height: 74%; print-color-adjust: exact;
      -webkit-print-color-adjust: exact; }
    """
}
