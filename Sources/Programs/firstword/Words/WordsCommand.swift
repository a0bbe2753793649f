import ArgumentParser
import Catalogue
import Diagnostics
import Kit
import KitBuilder
import Pages
import Posix
import Project

struct WordsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "words",
    abstract: "Show and check the texts of a language, write pages for speakers, or exchange texts with translators.",
    subcommands: [Show.self, WordsCheck.self, Script.self, WordsSheet.self, WordsExport.self, WordsImport.self],
    defaultSubcommand: Show.self)

  /// Selects texts of a language.
  struct Choice: ParsableArguments {
    @Argument(help: ArgumentHelp("The language, by tag or name: ro, romanian.", valueName: "LANG"))
    var language: String

    @Option(help: "Use only the prompts of one module.")
    var module: Prompt.Module?

    @Option(help: "Use only texts with this status: draft, reviewed or approved.")
    var status: Status?

    @OptionGroup var words: WordsOption

    /// Whether all texts of the language are chosen.
    var isWholeLanguage: Bool { module == nil && status == nil }

    func load() throws -> (Words, Language, [BoothScript.Line], missing: [Prompt]) {
      let words = try self.words.load()
      let language = try words.neededLanguage(self.language)
      var lines: [BoothScript.Line] = []
      var missing: [Prompt] = []
      for prompt in words.prompts(of: language) where module == nil || prompt.module == module {
        if let wording = language.wordings[prompt.id] {
          lines.append(
            BoothScript.Line(prompt: prompt, wording: wording, status: words.status(wording, prompt, language)))
        } else {
          missing.append(prompt)
        }
      }
      return (words, language, lines.filter { status == nil || $0.status == status }, missing)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the texts of a language with their meaning.",
      discussion: """
        firstword words ro
        firstword words ti --doubtful         # only texts that a drafter marked as doubtful
        firstword words ro --project shelter --status draft

        '=' marks the back-translation, an English text made without knowledge of the source; ':' marks the English of
        each word; '?' marks the drafter's doubt; '!' marks a reviewer's note. Formulas have no number; a form's id
        follows the prompt's: raise-hand.hand-child.
        """)

    @OptionGroup var choice: Choice

    @Flag(help: "Show only texts that a drafter marked as doubtful.")
    var doubtful = false

    @Flag(help: "Print JSON.")
    var json = false

    private struct Row: Encodable {
      var number: Int
      var id: String
      var status: Status
      var drafted: String
      var text: String
      var variants: [String: String]
      var back: String?
      /// Whether the back-translation was made from an earlier text.
      var backOutdated: Bool
      var gloss: String?
      var note: String?
      var title: String?
      var caution: String?
      /// The open review notes.
      var open: [ReviewNote]
    }

    func run() throws {
      var (words, language, lines, missing) = try choice.load()
      if doubtful { lines = lines.filter { $0.wording.note != nil } }
      if json {
        return try printJSON(
          lines.map { line in
            let wording = line.wording
            let variants = wording.variants.map { ($0.key.rawValue, $0.value) }
            return Row(
              number: line.prompt.number, id: line.prompt.id, status: line.status, drafted: wording.drafted.rawValue,
              text: wording.text, variants: Dictionary(uniqueKeysWithValues: variants), back: wording.back,
              backOutdated: wording.isBackOutdated,
              gloss: wording.gloss, note: wording.note, title: wording.title, caution: wording.caution,
              open: words.openNotes(wording, line.prompt, language))
          })
      }
      print("\(Terminal.paint(language.autonym, .bold))  \(language.english), \(counted(lines.count, "text"))")
      for line in lines {
        let status: Printable = Terminal.paint(line.status.rawValue, line.status == .approved ? .green : .yellow)
        print("\(padded(line.prompt.number, 2)) \(Terminal.paint(line.prompt.id, .faint)) \(status)")
        print("   \(line.wording.text)")
        for (variant, text) in line.wording.variants.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
          print("   (\(variant.rawValue)) \(text)")
        }
        if let back = line.wording.shownBack {
          print(line.wording.isBackOutdated ? Terminal.paint("   = \(back)", .yellow) : "   = \(back)")
        }
        if let gloss = line.wording.gloss { print(Terminal.paint("   : \(gloss)", .faint)) }
        if let note = line.wording.note { print(Terminal.paint("   ? \(note)", .yellow)) }
        for note in words.openNotes(line.wording, line.prompt, language) {
          let back = note.back.map { " (understood: \($0))" } ?? ""
          print(Terminal.paint("   ! \(note.name), \(note.date): \(note.note ?? "")\(back)", .red))
        }
      }
      if !missing.isEmpty, !doubtful, choice.status == nil {
        Terminal.remark("not written yet: \(missing.map(\.id).joined(separator: ", "))")
      }
    }
  }

  struct Script: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the script for a recording session: a page to print or to read from a screen.",
      discussion: """
        firstword words script am -o am.html
        firstword words script am -o am.html --project shelter    # only the messages of its kit
        """)

    @OptionGroup var choice: Choice

    @Option(name: .shortAndLong, help: ArgumentHelp("The HTML file to write.", valueName: "FILE.html"))
    var output: String

    func run() throws {
      let (_, language, lines, _) = try choice.load()
      if lines.isEmpty { throw Failure.wrong("no text in \(language.english) matches; nothing was written") }
      let page = BoothScript(language, lines: lines).page
      try Files.replace(output, with: Array(page.document.utf8))
      print("\(output)  \(counted(lines.count, "text")) in \(language.english)")
    }
  }
}
