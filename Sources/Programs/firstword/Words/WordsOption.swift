import ArgumentParser
import Catalogue
import Encoding
import Kit
import KitBuilder
import Posix
import Project

/// The catalogue, with a project's own wordings over it.
struct WordsOption: ParsableArguments {
  @OptionGroup var directory: CatalogueOption

  @Option(help: ArgumentHelp("A project whose own wordings and approvals are included.", valueName: "DIR"))
  var project: String?

  func load() throws -> Words {
    let directory = try Catalogue.locate(self.directory.catalogue)
    guard let project else {
      return Words(
        workspace: nil, catalogue: try Catalogue.load(directory: directory), approvals: Approvals(),
        notes: ReviewNotes(), day: Day.today())
    }
    try checkProject(project)
    let workspace = try Workspace(directory: project, catalogue: directory, day: Day.today())
    return Words(
      workspace: workspace, catalogue: workspace.catalogue, approvals: workspace.approvals, notes: workspace.notes,
      day: Day.today())
  }
}

/// The wordings of the catalogue and their status.
struct Words {
  /// The project; nil without --project.
  let workspace: Workspace?
  let catalogue: Catalogue
  let approvals: Approvals
  let notes: ReviewNotes
  /// The day on which approvals must not have expired.
  let day: String

  /// Returns the language with a tag or a name.
  func language(_ tag: String) throws -> Language {
    do throws(LanguageSearchError) { return try catalogue.language(called: tag) } catch {
      throw Failure.impossible("\(error); 'firstword languages' lists them all")
    }
  }

  func status(_ wording: Wording, _ prompt: Prompt, _ language: Language) -> Status {
    approvals.status(
      of: Digest.sha256(wording.text), kind: .wording, language: language.tag, prompt: prompt.id, on: day)
  }

  /// Returns the open review notes on a wording's current text.
  func openNotes(_ wording: Wording, _ prompt: Prompt, _ language: Language) -> [ReviewNote] {
    notes.open(
      Digest.sha256(wording.text), kind: .wording, language: language.tag, prompt: prompt.id, approvals: approvals)
  }

  /// Returns the items that a language needs wordings for or has them of, without regard to a project. The names of
  /// languages are excluded, because they are in no file of wordings.
  func due(in language: Language) -> [Prompt] {
    catalogue.items.filter { item in
      let isWritten = language.wordings[item.id] != nil
      return (language.requiresWording(for: item) || isWritten) && !Prompt.nameNumbers.contains(item.number)
    }
  }

  /// Returns a language for `prompts(of:)`: in a project, only a language of its kit.
  func neededLanguage(_ tag: String) throws -> Language {
    try workspace.map { try $0.writtenLanguage(tag) } ?? language(tag)
  }

  /// Returns the items to be spoken in a language, by number: those that the project's kit needs, or without a project
  /// all that need wordings.
  func prompts(of language: Language) -> [Prompt] { workspace?.prompts(of: language) ?? due(in: language) }

  /// Returns the prompts whose title and caution responders read in a language, by number.
  func titledPrompts(of language: Language) -> [Prompt] {
    workspace?.titledPrompts(of: language)
      ?? (language.roles.contains(.operator) ? due(in: language).filter(\.isBase) : [])
  }
}

extension Prompt.Module: ExpressibleByArgument {}
extension Language.Role: ExpressibleByArgument {}
extension Status: ExpressibleByArgument {}
extension Audience: ExpressibleByArgument {}
