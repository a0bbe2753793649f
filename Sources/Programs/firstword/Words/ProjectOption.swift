import ArgumentParser
import Catalogue
import KitBuilder
import Posix
import Project

/// The project of a command.
struct ProjectOption: ParsableArguments {
  @Option(
    name: .customLong("project"),
    help: ArgumentHelp("The project's directory; default: the current one.", valueName: "DIR"))
  var given: String?

  @OptionGroup var words: CatalogueOption

  var directory: String { given ?? "." }

  func load() throws -> Workspace {
    try check()
    return try Workspace(directory: directory, catalogue: Catalogue.locate(words.catalogue), day: Day.today())
  }

  /// Throws if the directory holds no project.
  func check() throws { try checkProject(directory) }

  /// Returns the path of a file in the project, without `./` before it.
  func path(_ name: String) -> String { Path(directory == "." ? "" : directory).appending(name).string }
}

/// The project of a command that once took its directory as an argument, which it still accepts.
struct ProjectPlace: ParsableArguments {
  @Argument(help: .hidden)
  var former: String?

  @OptionGroup var option: ProjectOption

  var directory: String { former ?? option.directory }

  func validate() throws {
    if former != nil && option.given != nil {
      throw ValidationError("the project is named twice; give --project DIR alone")
    }
  }

  /// Reads the project.
  ///
  /// - Parameter day: the day that approvals must be valid on; `nil` ignores expiry.
  func load(day: String?) throws -> Workspace {
    try checkProject(directory)
    return try Workspace(directory: directory, catalogue: Catalogue.locate(option.words.catalogue), day: day)
  }
}

/// Throws if a directory holds no project.
func checkProject(_ directory: String) throws {
  if Files.exists(Path(directory).appending(ProjectFile.name)) { return }
  let place = directory == "." ? "here" : "in \(directory)"
  throw Failure.impossible(
    "no project \(place): \(ProjectFile.name) does not exist; use --project DIR, or create one with 'firstword new'")
}

/// Locks a project for writing, and removes what a killed program left in it. While it waits for another process, it
/// reports which one.
func lockProject(_ directory: String) throws -> ProjectLock {
  let lock = try ProjectLock(directory) { Terminal.remark("\($0)") }
  LeftOvers.remove(from: directory)
  return lock
}

extension Workspace {
  /// Returns a language that listeners or responders hear, by its tag or a name.
  func language(_ tag: String) throws -> Language { try language(tag, among: languages) }

  /// Returns a language of the kit: one that is heard, or one that responders read.
  func writtenLanguage(_ tag: String) throws -> Language {
    try language(tag, among: languages + readers.filter { !languages.contains($0) })
  }

  private func language(_ name: String, among tags: [String]) throws -> Language {
    do throws(LanguageSearchError) { return try catalogue.language(called: name, among: tags) } catch {
      if error.isAmbiguous { throw Failure.impossible("\(error)") }
      throw Failure.impossible(
        "the project has no language '\(name)'\(error.hint); it has \(tags.joined(separator: ", "))")
    }
  }

  /// Returns the items that `ro`, `ro/safe-here` or `ro/3` selects.
  func items(_ choice: String) throws -> [ReviewItem] {
    let parts = choice.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let language = try language(parts[0])
    let items = items(of: language)
    guard parts.count == 2 else { return items }
    let found = items.filter { $0.prompt.id == parts[1] || Int(parts[1]) == $0.prompt.number && $0.prompt.isBase }
    if !found.isEmpty { return found }
    throw Failure.impossible(
      """
      the project has no wording of '\(parts[1])' in \(language.english)\
      \(Spelling.hint(parts[1], items.map(\.prompt.id))); 'firstword words \(language.tag)' lists the wordings
      """)
  }
}
