import ArgumentParser
import Catalogue
import KitBuilder
import Posix

struct CheckProject: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look at every recording of a project and say what is wrong with it.",
    discussion: "Exit status: 0 no errors; 1 findings of severity error; 2 the project cannot be checked.")

  @Argument(help: "The project's folder.")
  var folder: String

  @Flag(help: "For machines.")
  var json = false

  @OptionGroup var words: CatalogueOption

  func run() throws {
    let build = try KitBuild(folder: folder, catalogue: Catalogue.locate(words.catalogue))
    let progress = SharedProgress("checked")
    let report = build.check { progress.show($0, of: $1) }
    progress.end()
    if json {
      try printJSON(report)
    } else {
      show(report.findings)
      let errors = report.findings.filter { $0.severity == .error }.count
      let warnings = report.findings.filter { $0.severity == .warning }.count
      print("\(report.recordings) recordings, \(Int(report.duration)) s: \(errors) errors, \(warnings) warnings")
    }
    if report.hasErrors { throw ExitCode(1) }
  }

  /// Errors and warnings a line each; notes of one kind are counted, for hundreds of them would hide the rest.
  private func show(_ findings: [CheckFinding]) {
    for finding in findings where finding.severity != .note {
      print(Terminal.paint("\(finding)", finding.severity == .error ? .red : .yellow))
    }
    let notes = Dictionary(grouping: findings.filter { $0.severity == .note }, by: \.code.rawValue)
    for (_, same) in notes.sorted(by: { $0.key < $1.key }) {
      guard let first = same.first else { continue }
      print(same.count == 1 ? "\(first)" : "\(first) (and \(same.count - 1) more like it)")
    }
  }
}
