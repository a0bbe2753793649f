import ArgumentParser
import Catalogue
import Diagnostics
import Kit
import Pages
import Posix

struct Card: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Create a printable card or poster for a kit.",
    discussion: """
      responder  one page to read under stress: stop, what to do first, the buttons as they lie on the device; then
                 contacts, do's and don'ts, the signs of each answer mode, languages, and the caution for each message;
                 a white ! on black marks the gated ones
      listener   each language's own name; then, for each answer mode, a page of squares to point at or pictures of the
                 signs; with one --language, these pages in its words. With --board, only what the board can do
      poster     the languages' names and the signs, for a wall
      sheet      a language's messages in large letters, for people with hearing loss

        firstword card shelter.kit --kind responder --board pad.yaml -o card.html
        firstword card shelter.kit --kind responder --operator-language fr -o fr.pdf
        firstword card shelter.kit --kind listener --board pad.yaml --paper letter -o point.pdf
        firstword card shelter.kit --kind sheet --language am --language ti -o s.html
        firstword card shelter.kit --kind listener --language ar --answers hand -o hands.pdf

      In the board file, 'place:' says where each button lies and 'label:' what is printed on it. In kit.yaml, \
      'contacts:' has the contacts, and 'operators:' the responders' languages besides English. A draft kit's cards \
      show DRAFT on every page. Print cards in colour. PDF needs Chromium.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @Option(help: "responder, listener, poster or sheet.")
  var kind: PrintedCard.Kind

  @Option(help: ArgumentHelp("The board whose buttons the card shows.", valueName: "FILE"))
  var board: String?

  @Option(help: ArgumentHelp("Only this language of the kit, by tag or name; may be given again.", valueName: "LANG"))
  var language: [String] = []

  @Option(
    help: ArgumentHelp(
      "The responder's language; default: the one that the device speaks, or the only one in 'operators:', or English.",
      valueName: "LANG"))
  var operatorLanguage: String?

  @Option(
    help: ArgumentHelp(
      "Only this answer mode of the kit: card, hand, tap, buttons; default: all that the board can do.",
      valueName: "MODE"))
  var answers: AnswerMode?

  @Option(help: "a4 or letter.")
  var paper = PrintedCard.Paper.a4

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Output file: .html or .pdf.", valueName: "FILE"))
  var output: String

  @OptionGroup var words: CatalogueOption

  func validate() throws {
    if board != nil && kind == .sheet { throw ValidationError("--board needs another --kind than sheet") }
    if !output.hasSuffix(".html") && !output.hasSuffix(".pdf") {
      throw ValidationError("-o FILE must end in .html or .pdf")
    }
  }

  func run() throws {
    let file = try openKit(kit)
    let tags = try file.tags(language)
    let readers = PrintedCard.languages(of: file.manifest)
    if let answers, !file.manifest.answers.modes.contains(answers) {
      let modes = file.manifest.answers.modes.map(\.rawValue).joined(separator: ", ")
      throw Failure.impossible("\(kit): it has no answers by '\(answers.rawValue)', only by \(modes)")
    }
    let reader = try operatorLanguage.map(reader(called:)) ?? PrintedCard.defaultLanguage(of: file.manifest)
    let card = PrintedCard(
      kind, of: file.manifest, sha256: file.sha256,
      bundles: file.bundles.filter { tags.isEmpty || tags.contains($0.tag) },
      board: try board.map { try readBoard($0, words.catalogue) }, language: reader, answers: answers, paper: paper)
    guard let card else {
      throw Failure.impossible(
        "\(kit): it has no responder's texts in '\(reader)', only \(readers.joined(separator: ", ")); add the language to "
          + "'operators:' in kit.yaml and build the kit again")
    }
    let document = card.page.document
    if output.hasSuffix(".pdf") {
      FontCheck.warn(card.bundles.map { ($0.english, [$0.autonym] + $0.clips.map(\.text)) })
    }
    let bytes = output.hasSuffix(".pdf") ? try PDFPrinter.pdf(of: document) : Array(document.utf8)
    try Files.replace(output, with: bytes)
    let state: Printable = file.manifest.draft ? Terminal.paint(" DRAFT", .yellow) : ""
    print("\(output)\(state)  \(kind.rawValue), \(counted(card.bundles.count, "language")), \(paper.rawValue)")
  }

  /// Returns the tag of a language that is given by tag or name; a text that the catalogue does not know, as it is.
  private func reader(called name: String) throws -> String {
    let catalogue = try Catalogue.load(directory: Catalogue.locate(words.catalogue))
    return (try? catalogue.language(called: name).tag) ?? name
  }
}

extension PrintedCard.Kind: ExpressibleByArgument {}
extension PrintedCard.Paper: ExpressibleByArgument {}
