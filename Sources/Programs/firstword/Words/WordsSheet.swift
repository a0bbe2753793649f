import ArgumentParser
import Catalogue
import Diagnostics
import KitBuilder
import Pages
import Posix

struct WordsSheet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sheet", abstract: "Write a sheet on which a native speaker reads and corrects the texts.",
    discussion: """
        firstword words sheet ro -o ro.html
        firstword words sheet ti --doubtful -o ti.pdf       # only texts that a drafter marked as doubtful
        firstword words sheet ro -o ro.pdf --project shelter    # only the texts of its kit, its own prompts too
        firstword words sheet ro -o ro.pdf --return-to "Ana P., ana@example.org"

      The formulas come first, then each message with its other wordings; at the end are the words of the pages of \
      'firstword post'. Each text has its English, its \
      back-translation, its gloss, the drafter's doubt, the picture of the sign that it names, and room for a pen. PDF \
      needs Chromium and a font with the language's letters (Debian: fonts-noto-core, fonts-noto-cjk); a PDF then shows \
      them on every machine.
      """)

  @OptionGroup var choice: WordsCommand.Choice

  @Flag(help: "Include only texts that a drafter marked as doubtful.")
  var doubtful = false

  @Option(help: "a4 or letter.")
  var paper = PrintedCard.Paper.a4

  @Option(
    help: ArgumentHelp("Print to whom the sheet goes back; without it, a line to write that on.", valueName: "TEXT"))
  var returnTo: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Output file: .html or .pdf.", valueName: "FILE"))
  var output: String

  func validate() throws {
    if !output.hasSuffix(".html") && !output.hasSuffix(".pdf") {
      throw ValidationError("-o FILE must end in .html or .pdf")
    }
  }

  func run() throws {
    var (words, language, lines, _) = try choice.load()
    if doubtful { lines = lines.filter { $0.wording.note != nil } }
    if lines.isEmpty { throw Failure.wrong("no text in \(language.english) matches; nothing was written") }
    var sheet = ReviewSheet(language, source: words.catalogue.source, lines: lines, paper: paper, returnTo: returnTo)
    sheet.hasPageWords = !doubtful && choice.isWholeLanguage
    let document = sheet.page.document
    if output.hasSuffix(".pdf") { FontCheck.warn([(language.english, lines.map(\.wording.text))]) }
    try Files.replace(output, with: output.hasSuffix(".pdf") ? PDFPrinter.pdf(of: document) : Array(document.utf8))
    print("\(output)  \(counted(lines.count, "text")) in \(language.english)")
  }
}

extension FontCheck {
  /// Warns of each language whose letters no font of this machine has.
  static func warn(_ texts: [(language: String, texts: [String])]) {
    for (language, texts) in texts where canShow(texts) == false {
      Terminal.remark(
        """
        no font of this machine has all letters of \(language): the PDF may show empty boxes; look at it, and install \
        fonts-noto-core or fonts-noto-cjk
        """)
    }
  }
}
