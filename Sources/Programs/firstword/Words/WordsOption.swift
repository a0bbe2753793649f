import ArgumentParser
import Catalogue
import Encoding
import Kit
import KitBuilder
import Posix
import Project

/// The catalogue, and what a project lays over it.
struct WordsOption: ParsableArguments {
  @OptionGroup var directory: CatalogueOption

  @Option(help: ArgumentHelp("A project: its own words and its approvals count too.", valueName: "DIR"))
  var project: String?

  func load() throws -> Words {
    let directory = try Catalogue.locate(self.directory.catalogue)
    guard let project else {
      return Words(
        workspace: nil, catalogue: try Catalogue.load(directory: directory), approvals: Approvals(),
        notes: ReviewNotes(), day: today())
    }
    try checkProject(project)
    let workspace = try KitBuild(directory: project, catalogue: directory, day: today())
    return Words(
      workspace: workspace, catalogue: workspace.catalogue, approvals: workspace.approvals, notes: workspace.notes,
      day: today())
  }
}

/// The words, and how far each has come.
struct Words {
  /// The project, where one is given.
  let workspace: KitBuild?
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

  /// Returns the prompts that a language must have words for, whatever a project uses of them. The names of languages
  /// are not among them: their words stand in no file.
  func due(in language: Language) -> [Prompt] {
    catalogue.prompts.filter { language.isDue($0) && !Prompt.names.contains($0.number) }
  }

  /// Returns a language for `prompts(of:)`: in a project, only one that its kit has words of.
  func neededLanguage(_ tag: String) throws -> Language {
    try workspace.map { try $0.writtenLanguage(tag) } ?? language(tag)
  }

  /// Returns the prompts to be spoken in a language, by number: those that the project's kit needs of it, or without a
  /// project all that it must have words for.
  func prompts(of language: Language) -> [Prompt] { workspace?.prompts(of: language) ?? due(in: language) }

  /// Returns the prompts whose title and caution responders read in a language, by number.
  func titledPrompts(of language: Language) -> [Prompt] {
    workspace?.titledPrompts(of: language) ?? (language.roles.contains(.operator) ? due(in: language) : [])
  }
}

extension Prompt.Module: ExpressibleByArgument {}
extension Language.Role: ExpressibleByArgument {}
extension Status: ExpressibleByArgument {}
extension Audience: ExpressibleByArgument {}
