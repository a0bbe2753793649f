import ArgumentParser
import Catalogue
import Diagnostics
import KitBuilder
import Posix
import Project

struct WordsCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find what is missing or doubtful in the texts of languages.",
    discussion: """
        firstword words check                         # all languages of the catalogue
        firstword words check ro uk                   # two of them
        firstword words check ro --project shelter    # with the project's own texts, and only those of its kit

      Looks at the texts only; 'firstword check' looks at a project's recordings. Finds texts that take more than 8 s, \
      formulas without yes or no, questions that do not ask, letters of another script, English left in a \
      translation, missing forms, and a text that is also another language's.

      Exit status: 0 no errors; 1 findings of severity error; 2 the texts cannot be read.
      """)

  @Argument(help: ArgumentHelp("BCP 47 tags; without any, all languages.", valueName: "LANG"))
  var languages: [String] = []

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var words: WordsOption

  func run() throws {
    let words = try self.words.load()
    let tags = try languages.map { try words.neededLanguage($0).tag }
    let items = words.workspace.map { workspace in
      workspace.project.items(of: words.catalogue).map(\.id)
    }
    let chosen = tags.isEmpty ? words.workspace?.languages : tags
    let found = Validator.diagnostics(in: words.catalogue, languages: chosen, items: items)
    // The source is validated with every language; its own findings are shown only where it is chosen.
    let files = Set(
      (chosen ?? []).compactMap(words.catalogue.language).flatMap { language in
        [language.file] + language.wordings.values.map(\.file)
      })
    let shown = chosen == nil ? found : found.filter { files.contains($0.path) }
    if json {
      try printJSON(shown)
    } else {
      for diagnostic in shown {
        let severity = diagnostic.severity
        print(Terminal.paint("\(diagnostic)", severity == .error ? .red : severity == .warning ? .yellow : .faint))
      }
      let errors = shown.count { $0.severity == .error }
      print("\(counted(errors, "error")), \(counted(shown.count - errors, "other finding"))")
    }
    if shown.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
  }
}
