import ArgumentParser
import Catalogue
import Diagnostics
import Pages
import Posix

struct WordsSheet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sheet", abstract: "Write a sheet on which a native speaker reads and corrects the texts.",
    discussion: """
        firstword words sheet ro -o ro.html
        firstword words sheet ti --doubtful -o ti.pdf       # only texts that a drafter marked as doubtful
        firstword words sheet ro -o ro.pdf --project shelter    # only the texts of its kit

      Each text has its English, its back-translation, its gloss, the drafter's doubt, the picture of the sign that it \
      names, and room for a pen. PDF needs Chromium.
      """)

  @OptionGroup var choice: WordsCommand.Choice

  @Flag(help: "Include only texts that a drafter marked as doubtful.")
  var doubtful = false

  @Option(help: "a4 or letter.")
  var paper = PrintedCard.Paper.a4

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
    let sheet = ReviewSheet(language, source: words.catalogue.source, lines: lines, paper: paper)
    let document = sheet.page.document
    try Files.replace(output, with: output.hasSuffix(".pdf") ? PDFPrinter.pdf(of: document) : Array(document.utf8))
    print("\(output)  \(counted(lines.count, "text")) in \(language.english)")
  }
}
