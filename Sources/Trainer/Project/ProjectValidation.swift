import Catalogue
import Diagnostics
import Posix

extension Validator {
  /// Returns every finding of a catalogue and of a project laid over it.
  ///
  /// If a file cannot be read, only the errors of reading are returned. Of a project with a `kit.yaml`, only the
  /// languages and prompts that it uses are validated.
  ///
  /// - Parameters:
  ///   - directory: the catalogue's directory.
  ///   - project: the project's directory.
  /// - Returns: the findings by file and line.
  public static func check(directory: String, project: String) -> [Diagnostic] {
    let log = DiagnosticLog()
    let catalogue = Catalogue.read(directory: directory, project: project, log: log)
    if log.hasErrors { return log.diagnostics.sorted() }
    let file = Path(project).appending(ProjectFile.name)
    guard Files.exists(file) else { return diagnostics(in: catalogue) }
    do {
      let kit = try ProjectFile.read(file.string, catalogue: catalogue)
      return diagnostics(in: catalogue, languages: kit.languages, items: kit.items(of: catalogue).map(\.id))
    } catch {
      return error.diagnostics
    }
  }
}
