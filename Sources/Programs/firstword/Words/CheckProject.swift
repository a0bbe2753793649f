import ArgumentParser
import Catalogue
import KitBuilder
import Pages
import Posix
import Project

struct CheckProject: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look at every recording of a project and say what is wrong with it.",
    discussion: """
      Tells what is missing, unreadable, cut off, too quiet, noisy, broken by gaps, too long or short for its text, or
      the same sound under two names, and what to do about each. kit.yaml can draw the lines elsewhere (check:).

        firstword check --project shelter --html check.html    # one page to look at and listen to, with all recordings
        firstword check --project shelter --junit check.xml    # for continuous integration

      Exit status: 0 no errors; 1 findings of severity error; 2 the project cannot be checked.
      """)

  @Flag(help: "For machines: every finding with measure, threshold and remedy, and the levels of each recording.")
  var json = false

  @Option(help: ArgumentHelp("Write the findings as JUnit's XML too.", valueName: "FILE.xml"))
  var junit: String?

  @Option(
    help: ArgumentHelp("Write a page with waveforms and players too; it needs no network.", valueName: "FILE.html"))
  var html: String?

  @Option(help: ArgumentHelp("Day that approvals must be valid on; today without it.", valueName: "YYYY-MM-DD"))
  var date: String?

  @OptionGroup var kept: CacheOption
  @OptionGroup var project: ProjectPlace

  func run() throws {
    let workspace = try project.load(day: date ?? Day.today())
    let build = KitBuild(workspace, cache: kept.cache)
    let progress = SharedProgress("checked")
    let report = build.check { progress.show($0, of: $1) }
    progress.end()
    let views = CheckViews(workspace, report)
    if let junit { try Files.replace(junit, with: Array(views.junit.document.utf8)) }
    if let html { try writePage(views, build, to: html) }
    if json {
      try printJSON(report)
    } else {
      show(report.findings)
      print("\(views.extent)")
    }
    if report.hasErrors { throw ExitCode(1) }
  }

  private func writePage(_ views: CheckViews, _ build: KitBuild, to path: String) throws {
    let progress = SharedProgress("drawn")
    let previews = build.previews { progress.show($0, of: $1) }
    progress.end()
    try Files.replace(path, with: Array(views.page(previews).page.document.utf8))
  }

  private func show(_ findings: [CheckFinding]) {
    for line in FindingLines(findings).lines {
      switch line.severity {
      case .error: print(Terminal.paint(line.text, .red))
      case .warning: print(Terminal.paint(line.text, .yellow))
      case .note: print("\(line.text)")
      }
    }
  }
}
