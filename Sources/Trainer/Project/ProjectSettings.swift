import Catalogue
import Diagnostics
import Kit
import Posix

/// The settings of a project that programs change in its `kit.yaml`.
public struct ProjectSettings: Equatable, Sendable {
  /// The kit's name: letters, digits and hyphens.
  public var name: String
  /// The kit's version: numbers joined by points.
  public var version: String
  /// The answer modes; the first is the default.
  public var answers: [AnswerMode]
  /// The tag of the language in which the device speaks to the responder; nil for tones.
  public var operatorLanguage: String?

  /// Takes the settings of a project.
  public init(_ project: Project) {
    name = project.name
    version = project.version
    answers = project.answers.modes
    operatorLanguage = project.operatorLanguage
  }

  /// Returns what differs from other settings, as changes of the file.
  fileprivate func changes(from old: ProjectSettings) -> [YAMLSetting] {
    var changes: [YAMLSetting] = []
    if name != old.name { changes.append(YAMLSetting(["name"], .text(name))) }
    if version != old.version { changes.append(YAMLSetting(["version"], .text(version))) }
    if operatorLanguage != old.operatorLanguage {
      changes.append(YAMLSetting(["operator-voice"], operatorLanguage.map { .text($0) }))
    }
    if answers != old.answers { changes.append(YAMLSetting(["answers", "modes"], .words(answers.map(\.rawValue)))) }
    return changes
  }
}

extension ProjectFile {
  /// Changes settings in a `kit.yaml`, and only their values. The file is replaced atomically, and only if the new
  /// content parses to the old project with exactly these settings. The caller holds the project's lock.
  ///
  /// - Parameters:
  ///   - path: the `kit.yaml`.
  ///   - settings: the new settings.
  ///   - old: the settings from which the new ones were made; the file must still have them.
  ///   - catalogue: the catalogue, loaded with the project's own prompts and languages.
  /// - Throws: ``DiagnosticsError`` if the file cannot be read, edited or written, or if a setting is not valid; with the
  ///   code `conflict` if the file has other settings by now, or if an editor changed it meanwhile.
  public static func change(
    _ path: String, to settings: ProjectSettings, from old: ProjectSettings, catalogue: Catalogue
  ) throws(DiagnosticsError) {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: YAMLFile.limit) } catch {
      throw DiagnosticsError([.unreadable(path, error)])
    }
    let project = try parse(bytes, path, catalogue)
    if ProjectSettings(project) != old { throw DiagnosticsError([.conflict(path)]) }
    if settings == old { return }
    let form = DiagnosticsError(
      path: path, message: "a setting here has a form that cannot be edited",
      remedy: "change it yourself, in a text editor")
    guard let edited = YAMLSetting.edited(bytes, settings.changes(from: old)) else { throw form }
    let parsed: Project
    do throws(DiagnosticsError) { parsed = try parse(edited, path, catalogue) } catch {
      // The lines are those of a file that is not written.
      throw DiagnosticsError(
        error.diagnostics.map { fault in
          var fault = fault
          fault.line = nil
          return fault
        })
    }
    var expected = project
    (expected.name, expected.version) = (settings.name, settings.version)
    (expected.answers.modes, expected.operatorLanguage) = (settings.answers, settings.operatorLanguage)
    if parsed != expected { throw form }
    let isReplaced: Bool
    do throws(SystemError) { isReplaced = try Files.replace(path, with: edited, ifStill: bytes) } catch {
      throw DiagnosticsError(
        path: path, message: "cannot be written: \(error.cause)", remedy: "nothing was changed; try again")
    }
    if !isReplaced { throw DiagnosticsError([.conflict(path)]) }
  }
}
