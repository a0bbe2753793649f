import Catalogue
import Diagnostics
import Posix

/// A project to create: a `kit.yaml`, a `speakers.yaml`, and a directory for each language's recordings.
public struct NewProject: Sendable {
  /// The directory to create; its name becomes the kit's name.
  public var directory: String
  /// BCP 47 tags, in the order of the responder's language buttons.
  public var languages: [String]
  /// Ids of prompts; none for all prompts for listeners.
  public var prompts: [String]
  /// The tag of the language in which the device speaks to the responder; nil for tones.
  public var operatorLanguage: String?

  /// Describes a project; nothing is created.
  public init(directory: String, languages: [String], prompts: [String], operatorLanguage: String?) {
    self.directory = directory
    self.languages = languages
    self.prompts = prompts
    self.operatorLanguage = operatorLanguage
  }

  /// The path of its `kit.yaml`.
  public var file: String { Path(directory).appending(ProjectFile.name).string }

  /// Creates the project. Existing files other than `kit.yaml` are kept.
  ///
  /// - Throws: an error if the directory has a `kit.yaml`, or if something cannot be written.
  public func create() throws(DiagnosticsError) {
    if Files.exists(file) {
      throw DiagnosticsError(
        path: file, message: "the project already exists; nothing was changed",
        remedy: "choose another directory, or work on that project")
    }
    do throws(SystemError) {
      try Files.makeDirectory(directory)
      for tag in languages { try Files.makeDirectory(Path(directory).appending("recordings/\(tag)")) }
      // Existing files may hold the user's own data.
      for (name, content) in [(Speakers.name, Speakers.template), (ProjectFile.attributes, ProjectFile.attributesText)]
      where !Files.exists(Path(directory).appending(name)) {
        try Files.create(Path(directory).appending(name), with: Array(content.utf8))
      }
      let text = ProjectFile.text(
        name: kitName, languages: languages, prompts: prompts, operatorLanguage: operatorLanguage)
      try Files.create(file, with: Array(text.utf8))
    } catch {
      throw DiagnosticsError(
        path: directory, message: "the project cannot be created: \(error)",
        remedy: "look at the directory's permissions and at the free space")
    }
  }

  /// The directory's name as a kit may be called.
  private var kitName: String {
    let name = Path(directory).lastComponent.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    let trimmed = String(name.drop { $0 == "-" })
    return trimmed.isEmpty ? "kit" : trimmed
  }
}
