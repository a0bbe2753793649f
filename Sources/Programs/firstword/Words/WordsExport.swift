import ArgumentParser
import Catalogue
import Posix
import Translation

extension TranslationFormat: ExpressibleByArgument {}

struct WordsExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a language's texts for a translator: PO, XLIFF, or a spreadsheet.",
    discussion: """
        firstword words export ro -o ro.po     # Poedit, Weblate, any gettext tool
        firstword words export ro -o ro.xlf    # XLIFF 1.2
        firstword words export ro -o ro.csv --project shelter    # the messages of its kit, and no others

      Each text goes with the English, its back-translation, the drafter's doubt, the responder's title and caution, \
      and the most characters that it should have. 'firstword words import' takes it back.
      """)

  @Argument(help: ArgumentHelp("The language's BCP 47 tag, such as ro.", valueName: "LANG"))
  var language: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write; what is there is replaced.", valueName: "FILE"))
  var output: String

  @Option(help: "What to write, where the file's name does not tell: po, xliff or csv.")
  var format: TranslationFormat?

  @OptionGroup var words: WordsOption

  func run() throws {
    guard let format = format ?? TranslationFormat(path: output) else {
      throw Failure.impossible("\(output): the name does not tell the form: say --format po, xliff or csv")
    }
    let words = try self.words.load()
    let language = try words.neededLanguage(self.language)
    // The names of languages stand in no file that an import could change.
    let prompts = words.prompts(of: language).filter { !Prompt.names.contains($0.number) }
    let titled = words.titledPrompts(of: language).filter { !Prompt.names.contains($0.number) }
    let sheet = Sheet(language, source: words.catalogue.source, prompts: prompts, titled: titled) {
      words.status($0, $1, language)
    }
    if sheet.units.isEmpty { throw Failure.wrong("the kit needs no text in \(language.english): nothing was written") }
    try Files.replace(output, with: format.write(sheet, day: words.day))
    let missing = sheet.units.filter(\.text.isEmpty).count
    print(
      "\(output)  \(sheet.units.count) texts in \(language.english)\(missing > 0 ? ", \(missing) not written yet" : "")"
    )
  }
}
