import ArgumentParser
import Catalogue
import Diagnostics
import Project

struct New: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Create a project: a kit.yaml, and directories for the recordings.",
    discussion: """
        firstword new shelter --languages ro,es,ru
        firstword new car --languages ro,es --prompts first-contact,language-name

      Recordings are stored as DIR/recordings/TAG/VOICE/NN-prompt.wav, such as recordings/ro/f1/03-safe-here.wav, in \
      any format that libsndfile reads, at any sample rate, with one or two channels. DIR/speakers.yaml lists the \
      speakers and their consent.
      """)

  @Argument(help: "The directory to create; its name becomes the kit's name.")
  var directory: String

  @Option(
    help: ArgumentHelp(
      "Tags or names of languages, separated by commas: ro,spanish. Default: all languages for listeners.",
      valueName: "LANGS"))
  var languages: String?

  @Option(
    help: ArgumentHelp(
      "Ids of prompts or sequences, separated by commas. Default: all prompts for listeners.", valueName: "IDS"))
  var prompts: String?

  @Option(
    name: .customLong("operator-voice"),
    help: ArgumentHelp("The language in which the device speaks to the responder: en, french, …", valueName: "LANG"))
  var operatorLanguage: String?

  @OptionGroup var words: CatalogueOption

  func run() throws {
    let catalogue = try Catalogue.load(directory: Catalogue.locate(words.catalogue))
    let known = catalogue.languages.filter { $0.roles.contains(.listener) }.map(\.tag)
    let tags = try languages.map { try Self.languages($0, catalogue) } ?? known
    let operatorLanguage = try self.operatorLanguage.map { try Self.operatorLanguage($0, catalogue) }
    let ids = try prompts.map { try Self.prompts($0, catalogue) } ?? []
    if tags.isEmpty { throw Failure.impossible("no languages are given; use --languages ro,es") }
    let project = NewProject(
      directory: directory, languages: tags, prompts: ids, operatorLanguage: operatorLanguage)
    try project.create()
    print(
      """
      \(project.file)  \(counted(tags.count, "language")); next: 'firstword record \(tags[0]) --project \(directory)', \
      or 'firstword synthesize --project \(directory)' for trials
      """)
  }
}

extension New {
  /// Returns the tag of the language in which the device is to speak, by tag or name.
  static func operatorLanguage(_ name: String, _ catalogue: Catalogue) throws -> String {
    let operators = catalogue.languages.filter(\.isForResponder).map(\.tag)
    do throws(LanguageSearchError) { return try catalogue.language(called: name, among: operators).tag } catch {
      throw Failure.impossible(
        "'\(name)' is not an operator language\(error.hint); choose from \(operators.joined(separator: ", "))")
    }
  }

  private static func items(_ list: String) -> [String] {
    list.split(separator: ",").map { $0.trimmingWhitespace() }.filter { !$0.isEmpty }
  }

  /// Returns the tags of the languages in a list of tags and names, each once.
  private static func languages(_ list: String, _ catalogue: Catalogue) throws -> [String] {
    var tags: [String] = []
    var reserve: [Language] = []
    for item in items(list) {
      do throws(LanguageSearchError) {
        let language = try catalogue.language(called: item)
        if language.isReserve { reserve.append(language) }
        if !tags.contains(language.tag) { tags.append(language.tag) }
      } catch {
        throw Failure.impossible(
          error.isAmbiguous
            ? "\(error)" : "the catalogue has no language '\(item)'\(error.hint); 'firstword languages' lists them all")
      }
    }
    if let language = reserve.first {
      let other = (language.varietyOf ?? language.fallback.first?.tag).map { "use '\($0)' instead, or " } ?? ""
      throw Failure.impossible(
        "'\(language.tag)' (\(language.english)) is kept in reserve: its words are not good enough for every kit; "
          + "\(other)leave it out and add it to 'languages' and to 'reserve' in kit.yaml yourself")
    }
    return tags
  }

  /// Returns the ids of the prompts in a list of ids, without duplicates, ordered by number.
  private static func prompts(_ list: String, _ catalogue: Catalogue) throws -> [String] {
    let all = catalogue.prompts.map(\.id)
    var ids: Set<String> = []
    for item in items(list) {
      if let sequence = catalogue.sequence(item) {
        ids.formUnion(sequence.steps.map(\.prompt))
      } else if all.contains(item) {
        ids.insert(item)
      } else {
        let hint = Spelling.hint(item, all + catalogue.sequences.map(\.id))
        throw Failure.impossible("no prompt or sequence has the id '\(item)'\(hint); 'firstword prompts' lists them")
      }
    }
    if ids.isEmpty { throw Failure.impossible("no prompts are given; use --prompts first-contact") }
    return all.filter(ids.contains)
  }
}

extension Substring {
  fileprivate func trimmingWhitespace() -> String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
