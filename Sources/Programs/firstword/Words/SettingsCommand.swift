import ArgumentParser
import Catalogue
import Kit
import KitBuilder
import Project

struct SettingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings",
    abstract: "Show or change what a project's kit is called, and how its device speaks and is answered.",
    discussion: """
        firstword settings --project shelter
        firstword settings --project shelter --kit-version 1.1 --answers card,hand
        firstword settings --project shelter --operator-voice none

      Only the values are changed in kit.yaml: its comments stay. All other settings are explained in that file.
      """)

  @Option(help: ArgumentHelp("The kit's name: letters, digits and hyphens.", valueName: "NAME"))
  var name: String?

  @Option(
    name: .customLong("kit-version"),
    help: ArgumentHelp("The kit's version: numbers joined by points. Raise it for every kit.", valueName: "VERSION"))
  var version: String?

  @Option(
    help: ArgumentHelp(
      "How listeners answer, the default first: card, hand, tap, buttons, separated by commas.", valueName: "MODES"))
  var answers: String?

  @Option(
    name: .customLong("operator-voice"),
    help: ArgumentHelp(
      "The language in which the device speaks to the responder, or 'none' for tones: en, french, …",
      valueName: "LANG"))
  var operatorLanguage: String?

  @Flag(help: "Print the settings as JSON.")
  var json = false

  @OptionGroup var project: ProjectOption

  private struct Report: Encodable {
    var name: String
    var version: String
    var answers: [String]
    var operatorVoice: String?

    init(_ settings: ProjectSettings) {
      name = settings.name
      version = settings.version
      answers = settings.answers.map(\.rawValue)
      operatorVoice = settings.operatorLanguage
    }
  }

  func run() throws {
    try project.check()
    var settings = ProjectSettings(try project.load().project)
    if name != nil || version != nil || answers != nil || operatorLanguage != nil {
      let lock = try lockProject(project.directory)
      defer { lock.end() }
      // Another program may have changed them while this one waited for the lock.
      let workspace = try project.load()
      let old = ProjectSettings(workspace.project)
      settings = try changed(old, workspace.catalogue)
      try ProjectFile.change(
        project.path(ProjectFile.name), to: settings, from: old, catalogue: workspace.catalogue)
    }
    let report = Report(settings)
    if json { return try printJSON(report) }
    var table = Table(["setting", "value"])
    table.add(["name", report.name])
    table.add(["version", report.version])
    table.add(["answers", report.answers.joined(separator: ", ")])
    table.add(["operator-voice", report.operatorVoice ?? "none: tones"])
    table.print()
  }

  /// Returns settings with the options of this command.
  private func changed(_ old: ProjectSettings, _ catalogue: Catalogue) throws -> ProjectSettings {
    var settings = old
    if let name { settings.name = name }
    if let version { settings.version = version }
    if let answers {
      settings.answers = try answers.split(separator: ",", omittingEmptySubsequences: false).map { word in
        let text = word.filter { $0 != " " }
        guard let mode = AnswerMode(rawValue: text) else {
          let known = AnswerMode.allCases.map(\.rawValue)
          throw Failure.impossible(
            "'\(text)' is not an answer mode\(Spelling.hint(text, known)); choose from \(known.joined(separator: ", "))"
          )
        }
        return mode
      }
    }
    if let operatorLanguage {
      settings.operatorLanguage =
        try operatorLanguage == "none" ? nil : New.operatorLanguage(operatorLanguage, catalogue)
    }
    return settings
  }
}
