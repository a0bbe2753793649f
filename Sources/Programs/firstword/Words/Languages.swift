import ArgumentParser
import Catalogue
import Kit
import KitBuilder

struct Languages: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the languages with their names, scripts and regions, and the status of their wordings.",
    discussion: """
      firstword languages --region NG       # spoken in Nigeria, most widely spoken first
      firstword languages --names fr        # with French names

      'doubts' counts the wordings that their drafter marked as doubtful; 'firstword words TAG' shows the reasons.
      """)

  @Option(help: ArgumentHelp("List only languages spoken in this ISO 3166 region.", valueName: "CODE"))
  var region: String?

  @Option(
    help: "List only languages with this role: for listeners, for the operator (the responder), or kept in reserve.")
  var role: Language.Role?

  @Option(help: ArgumentHelp("The operator language of the names. Default: English.", valueName: "LANG"))
  var names: String?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var words: WordsOption

  private struct Row: Encodable {
    var number: Int
    var tag: String
    var name: String
    var autonym: String
    var script: String
    var direction: Direction
    var roles: [String]
    var regions: [String]
    var fallback: [String]
    var voice: String?
    var rate: Double
    var due: Int
    var written: Int
    var doubts: Int
    var reviewed: Int
    var approved: Int
  }

  func run() throws {
    let words = try self.words.load()
    let reader = try names.map { try words.language($0) } ?? words.catalogue.source
    if let reader, !reader.isForResponder {
      throw Failure.impossible(
        "\(reader.english) is not an operator language; 'firstword languages --role operator' lists them")
    }
    var languages = words.catalogue.languages.filter { role.map($0.roles.contains) ?? true }
    if let region {
      languages = languages.filter { $0.regions.contains(region) }
        .sorted { ($0.rank(region), $0.number) < ($1.rank(region), $1.number) }
    }
    let rows = languages.map { row($0, words, reader: reader?.tag ?? "en") }
    if json { return try printJSON(rows) }
    var table = Table(["", "tag", "name", "script", "texts", "doubts", "reviewed", "approved", "regions", "autonym"])
    for row in rows {
      table.add([
        padded(row.number, 2), row.tag, row.name + (row.roles == [Language.Role.reserve.rawValue] ? " (reserve)" : ""),
        row.script + (row.direction == .rtl ? " rtl" : ""),
        "\(row.written)/\(row.due)", "\(row.doubts)", "\(row.reviewed)", "\(row.approved)",
        row.regions.prefix(4).joined(separator: " ") + (row.regions.count > 4 ? " …" : ""), row.autonym,
      ])
    }
    table.print()
  }

  private func row(_ language: Language, _ words: Words, reader: String) -> Row {
    let due = words.due(in: language)
    let written = due.compactMap { prompt in language.wordings[prompt.id].map { (prompt, $0) } }
    let states = written.map { words.status($1, $0, language) }
    return Row(
      number: language.number, tag: language.tag, name: words.catalogue.name(of: language.tag, in: reader),
      autonym: language.autonym, script: language.script, direction: language.direction,
      roles: language.roles.map(\.rawValue).sorted(), regions: language.regions,
      fallback: language.fallback.map(\.tag), voice: language.voice, rate: language.rate, due: due.count,
      written: written.count, doubts: written.filter { $0.1.note != nil }.count,
      reviewed: states.filter { $0 == .reviewed }.count, approved: states.filter { $0 == .approved }.count)
  }
}

extension Language {
  /// Returns the index of a region in the language's list, which begins with the region of most speakers.
  fileprivate func rank(_ region: String) -> Int { regions.firstIndex(of: region) ?? regions.count }
}
