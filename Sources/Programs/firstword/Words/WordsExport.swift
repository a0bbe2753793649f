import ArgumentParser
import Catalogue
import Diagnostics
import Import
import KitBuilder
import Posix
import Translation

extension TranslationFormat: ExpressibleByArgument {}

struct WordsExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a language's texts for a translator, as PO, XLIFF or CSV.",
    discussion: """
        firstword words export ro -o ro.po     # Poedit, Weblate, any gettext tool
        firstword words export ro -o ro.xlf    # XLIFF 1.2
        firstword words export ro -o ro.csv --project shelter    # only the messages of its kit

      Each text comes with the English source, its back-translation, the drafter's doubt, the responder's title and \
      caution, and its maximum length in characters. 'firstword words import' reads the file back.
      """)

  @Argument(help: ArgumentHelp("The language, by tag or name: ro, romanian.", valueName: "LANG"))
  var language: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The file to write; an existing file is replaced.", valueName: "FILE"))
  var output: String

  @Option(help: "The format, if the file's extension does not show it: po, xliff or csv.")
  var format: TranslationFormat?

  @OptionGroup var words: WordsOption

  func run() throws {
    guard let format = format ?? TranslationFormat(path: output) else {
      throw Failure.impossible("\(output): the extension is not .po, .xlf or .csv; use --format po, xliff or csv")
    }
    let words = try self.words.load()
    let language = try words.neededLanguage(self.language)
    let sheet = words.sheet(of: language)
    if sheet.units.isEmpty { throw Failure.wrong("the kit needs no text in \(language.english); nothing was written") }
    try Files.replace(output, with: format.write(sheet, day: words.day))
    let missing = sheet.units.filter(\.text.isEmpty).count
    print(
      "\(output)  \(counted(sheet.units.count, "text")) in \(language.english)\(missing > 0 ? ", \(missing) not written yet" : "")"
    )
  }
}
