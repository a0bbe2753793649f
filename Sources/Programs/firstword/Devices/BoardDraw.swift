import ArgumentParser
import Catalogue
import Diagnostics
import Pages
import Posix
import Wiring

/// `firstword board draw`
struct BoardDraw: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draw", abstract: "Draw how a device is wired: picture, parts list, table, and a page for each wire.",
    discussion: """
      The board file names the header of its computer ('header: raspberry-pi'); Hardware/headers has their pins. Each \
      button, LED and switch of an amplifier gets a wire with a letter and a colour, and a second one to the \
      nearest free ground pin. A number pad is drawn as it looks. Pins that the sound card, I2C, SPI or the serial console \
      use are refused, with the line of the file.

        firstword board draw Hardware/boards/raspberry-pi.yaml -o wiring.pdf
        firstword board draw Hardware/boards/number-pad.yaml -o pad.svg

      .html and .pdf have everything, .svg the picture alone. Print in colour; the letters tell wires apart without \
      it. PDF needs Chromium.

      Exit status: 0 written; 1 the board is invalid or cannot be wired; 2 a file cannot be read or written.
      """)

  @Argument(help: "The board file in YAML.")
  var file: String

  @Option(name: .shortAndLong, help: ArgumentHelp("Output file: .html, .svg or .pdf.", valueName: "FILE"))
  var output: String

  @OptionGroup var words: CatalogueOption

  func validate() throws {
    if ![".html", ".svg", ".pdf"].contains(where: output.hasSuffix) {
      throw ValidationError("-o FILE must end in .html, .svg or .pdf")
    }
  }

  func run() throws {
    let directory = try Catalogue.locate(words.catalogue)
    let catalogue = try Catalogue.load(directory: directory)
    let wiring = try wiring(of: file, catalogue, directory)
    guard let page = WiringPage(wiring, file: file, catalogue: catalogue) else {
      throw Failure.impossible("\(directory): the catalogue has no English")
    }
    let bytes: [UInt8]
    if output.hasSuffix(".svg") {
      bytes = Array(page.picture.utf8)
    } else {
      let document = page.page.document
      bytes = output.hasSuffix(".pdf") ? try PDFPrinter.pdf(of: document) : Array(document.utf8)
    }
    try Files.replace(output, with: bytes)
    let keys: Printable = wiring.keys.isEmpty ? "" : ", \(counted(wiring.keys.count, "key"))"
    print("\(output)  \(counted(wiring.parts.count, "part")) with wires\(keys)\(model(wiring))")
  }

  private func model(_ wiring: Wiring) -> Printable { wiring.model.map { ", \($0.title)" } ?? "" }
}

/// `firstword board labels`
struct BoardLabels: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "labels", abstract: "Print the labels of a board's buttons at their real size.",
    discussion: """
      The words are those of the responder's card; a listener's buttons get the pictures of the card to point at.

        firstword board labels Hardware/boards/raspberry-pi.yaml --language fr --size 25 -o labels.pdf

      Print at 100 %, and measure the bar of 50 mm on the page. PDF needs Chromium.

      Exit status: 0 written; 1 the board is invalid; 2 a file cannot be read or written.
      """)

  @Argument(help: "The board file in YAML.")
  var file: String

  @Option(help: ArgumentHelp("The responder's language, by tag or name.", valueName: "LANG"))
  var language = "en"

  @Option(help: ArgumentHelp("Width and height of a label, 8 to 80 mm.", valueName: "MM"))
  var size = 22.0

  @Option(name: .shortAndLong, help: ArgumentHelp("Output file: .html or .pdf.", valueName: "FILE"))
  var output: String

  @OptionGroup var words: CatalogueOption

  func validate() throws {
    if !output.hasSuffix(".html") && !output.hasSuffix(".pdf") {
      throw ValidationError("-o FILE must end in .html or .pdf")
    }
    if !ButtonLabels.sizes.contains(size) { throw ValidationError("--size MM must be 8 to 80") }
  }

  func run() throws {
    let catalogue = try Catalogue.load(directory: Catalogue.locate(words.catalogue))
    let board = try readBoard(file, words.catalogue)
    let tag = (try? catalogue.language(called: language).tag) ?? language
    guard let labels = ButtonLabels(board, catalogue: catalogue, language: tag, size: size) else {
      throw Failure.impossible(
        "there are no words for labels in '\(language)', only \(ButtonLabels.languages.joined(separator: ", "))")
    }
    let document = labels.page.document
    if output.hasSuffix(".pdf") { FontCheck.warn([(tag, labels.texts)]) }
    let bytes = output.hasSuffix(".pdf") ? try PDFPrinter.pdf(of: document) : Array(document.utf8)
    try Files.replace(output, with: bytes)
    print("\(output)  \(counted(board.lines.buttons.count + board.inputs.flatMap(\.keys).count, "label")), \(tag)")
  }
}

/// Reads a board with its header, and wires it. What prevents it is a finding (exit status 1).
func wiring(of file: String, _ catalogue: Catalogue, _ directory: String) throws -> Wiring {
  do {
    let source = try BoardFile.source(file, catalogue: catalogue)
    return try Wiring(source, header: try HeaderFile.read(for: source, catalogue: directory))
  } catch {
    throw Files.exists(file) ? Failure.wrong("\(error)") : Failure.impossible("\(error)")
  }
}
