import ArgumentParser
import Catalogue
import Encoding
import Kit
import KitBuilder

struct Prompts: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the prompts, or show one in detail.",
    discussion: """
        firstword prompts --module needs
        firstword prompts safe-here           # with its caution, and its text in every language
        firstword prompts --sequence first-contact
        firstword prompts --titles fr         # with French titles

      § marks a prompt whose content depends on the country's law: put your own wording into the project.
      """)

  @Argument(help: "The id or number of one prompt.")
  var prompt: String?

  @Option(help: "List only the prompts of one module.")
  var module: Prompt.Module?

  @Option(help: "List only prompts for one audience: all, adult or child.")
  var audience: Audience?

  @Option(help: ArgumentHelp("List the prompts of a sequence in its order, with its pauses.", valueName: "ID"))
  var sequence: String?

  @Option(help: ArgumentHelp("The operator language of titles and cautions. Default: English.", valueName: "LANG"))
  var titles: String?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var words: WordsOption

  private struct Row: Encodable {
    var number: Int
    var id: String
    var module: String
    var audience: Audience
    var answer: Answer
    var jurisdiction: Bool
    var length: Double
    var title: String
    var caution: String
    /// The pause after the prompt in seconds; nil outside of a sequence.
    var pause: Double?
    var text: String?
    /// The number of languages that have a wording for it.
    var languages: Int
    /// The texts by language tag; nil in lists.
    var wordings: [String: Text]?

    struct Text: Encodable {
      var text: String
      var back: String?
      var note: String?
      var status: Status
    }
  }

  func validate() throws {
    if prompt != nil && (module != nil || audience != nil || sequence != nil) {
      throw ValidationError("a prompt cannot be combined with --module, --audience or --sequence")
    }
  }

  mutating func run() throws {
    let words = try self.words.load()
    titles = try titles.map { try words.language($0).tag }
    if let prompt { return try show(find(prompt, words), words) }
    var pauses: [(Prompt, Double?)] = words.catalogue.prompts.map { ($0, nil) }
    if let sequence {
      guard let order = words.catalogue.sequence(sequence) else {
        let known = words.catalogue.sequences.map(\.id)
        throw Failure.impossible(
          "no sequence has the id '\(sequence)'; choose from \(known.joined(separator: ", "))")
      }
      pauses = order.steps.compactMap { step in words.catalogue.prompt(step.prompt).map { ($0, step.pause) } }
    }
    pauses = pauses.filter { module == nil || $0.0.module == module }
      .filter { audience == nil || $0.0.audience == audience }
    let rows = pauses.map { row($0, words, pause: $1) }
    if json { return try printJSON(rows) }
    var table = Table(["", "id", "module", "audience", "answer", "s", sequence == nil ? "" : "pause", "title"])
    for row in rows {
      table.add([
        padded(row.number, 2), row.id, row.module, row.audience.rawValue, row.answer.rawValue, "\(row.length)",
        row.pause.map { "\($0)" } ?? "", row.title + (row.jurisdiction ? " §" : ""),
      ])
    }
    table.print()
  }

  private func find(_ name: String, _ words: Words) throws -> Prompt {
    if let prompt = words.catalogue.prompt(name) ?? Int(name).flatMap({ words.catalogue.prompt(number: $0) }) {
      return prompt
    }
    throw Failure.impossible(
      "no prompt has the id or number '\(name)'\(Spelling.hint(name, words.catalogue.prompts.map(\.id)))")
  }

  private func row(_ prompt: Prompt, _ words: Words, pause: Double? = nil) -> Row {
    let own = titles.flatMap { words.catalogue.wording(prompt.id, in: $0) }
    let languages = words.catalogue.languages.filter { $0.wordings[prompt.id] != nil }
    return Row(
      number: prompt.number, id: prompt.id, module: prompt.module.rawValue, audience: prompt.audience,
      answer: prompt.answer, jurisdiction: prompt.jurisdiction, length: prompt.length,
      title: own?.title ?? prompt.title, caution: own?.caution ?? prompt.caution, pause: pause,
      text: words.catalogue.source?.wordings[prompt.id]?.text, languages: languages.count)
  }

  private func show(_ prompt: Prompt, _ words: Words) throws {
    var row = row(prompt, words)
    var texts: [String: Row.Text] = [:]
    for language in words.catalogue.languages {
      guard let wording = language.wordings[prompt.id] else { continue }
      texts[language.tag] = Row.Text(
        text: wording.text, back: wording.shownBack, note: wording.note, status: words.status(wording, prompt, language)
      )
    }
    row.wordings = texts
    if json { return try printJSON(row) }
    print("\(padded(row.number, 2)) \(Terminal.paint(row.title, .bold))  \(row.id), module \(row.module)")
    if !row.caution.isEmpty { print("   caution       \(row.caution)") }
    print("   audience      \(row.audience.rawValue)")
    print("   answer        \(row.answer.rawValue)")
    print("   length        about \(row.length) s in English")
    if row.jurisdiction { print("   jurisdiction  depends on the country: put your own wording into the project") }
    for language in words.catalogue.languages {
      guard let text = texts[language.tag] else { continue }
      print("   \(filled(language.tag, 9)) \(filled(text.status.rawValue, 9)) \(text.text)")
      if let back = text.back { print(Terminal.paint("   \(filled("", 19)) \(back)", .faint)) }
    }
  }
}
