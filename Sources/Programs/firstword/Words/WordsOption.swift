import ArgumentParser
import Catalogue
import Encoding
import Kit
import Posix
import Project

/// The catalogue, and what a project lays over it.
struct WordsOption: ParsableArguments {
  @OptionGroup var directory: CatalogueOption

  @Option(help: ArgumentHelp("A project: its own words and its approvals count too.", valueName: "DIR"))
  var project: String?

  func load() throws -> Words {
    let catalogue = try Catalogue.load(directory: Catalogue.locate(directory.catalogue), project: project)
    let approvals = try project.map { try Approvals.read(Path($0).appending(Approvals.name).string) } ?? Approvals()
    let notes = try project.map { try ReviewNotes.read(Path($0).appending(ReviewNotes.name).string) } ?? ReviewNotes()
    return Words(catalogue: catalogue, approvals: approvals, notes: notes, day: today())
  }
}

/// The words, and how far each has come.
struct Words {
  let catalogue: Catalogue
  let approvals: Approvals
  let notes: ReviewNotes
  /// Approvals that had expired before it do not count.
  let day: String

  func language(_ tag: String) throws -> Language {
    if let language = catalogue.language(tag) { return language }
    let tags = catalogue.languages.map(\.tag)
    throw Failure.impossible(
      "no language has the tag '\(tag)'\(Spelling.hint(tag, tags)); 'firstword languages' lists them all")
  }

  func status(_ wording: Wording, _ prompt: Prompt, _ language: Language) -> Status {
    approvals.status(
      of: Digest.sha256(wording.text), kind: .wording, language: language.tag, prompt: prompt.id, on: day)
  }

  /// What reviewers have against a text as it stands.
  func openNotes(_ wording: Wording, _ prompt: Prompt, _ language: Language) -> [ReviewNote] {
    notes.open(
      Digest.sha256(wording.text), kind: .wording, language: language.tag, prompt: prompt.id, approvals: approvals)
  }

  /// What of the prompts a language has to say.
  func due(in language: Language) -> [Prompt] { catalogue.prompts.filter(language.isDue) }
}

extension Prompt.Module: ExpressibleByArgument {}
extension Language.Role: ExpressibleByArgument {}
extension Status: ExpressibleByArgument {}
extension Audience: ExpressibleByArgument {}
