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
    guard let project else { return Words(try Catalogue.load(directory: directory), day: Day.today()) }
    try checkProject(project)
    return Words(of: try Workspace(directory: project, catalogue: directory, day: Day.today()))
  }
}

extension Words {
  /// Returns the language with a tag or a name.
  func language(_ tag: String) throws -> Language {
    do throws(LanguageSearchError) { return try catalogue.language(called: tag) } catch {
      throw Failure.impossible("\(error); 'firstword languages' lists them all")
    }
  }

  /// Returns a language for `prompts(of:)`: in a project, only a language of its kit.
  func neededLanguage(_ tag: String) throws -> Language {
    try workspace.map { try $0.writtenLanguage(tag) } ?? language(tag)
  }
}

extension Prompt.Module: ExpressibleByArgument {}
extension Language.Role: ExpressibleByArgument {}
extension Status: ExpressibleByArgument {}
extension Audience: ExpressibleByArgument {}
