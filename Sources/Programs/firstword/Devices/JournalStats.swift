import ArgumentParser
import Diagnostics
import Journal
import Kit

extension JournalCommand {
  struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Count what many devices played, without data about persons.",
      discussion: """
          firstword journal stats */journal.jsonl* --kit shelter.kit

        Files whose lines continue each other are one journal; a copy counts once. So that no person can be identified, \
        counts below five are shown as '<5', and all others are rounded to multiples of five. --exact shows exact \
        counts, for people who may read the journals anyway.

        Exit status: 0 done; 1 done, but a journal is not intact; 2 a file could not be read.
        """)

    @OptionGroup var journal: JournalFiles

    @Option(help: ArgumentHelp("A kit, for the names of languages and messages.", valueName: "FILE.kit"))
    var kit: String?

    @Flag(help: "Show exact counts.")
    var exact = false

    @Flag(help: "Print JSON; a hidden count is null.")
    var json = false

    func run() throws {
      var progress = Terminal.Progress("read")
      let journals = try JournalReading.journals(journal.files) { progress.show($0, of: $1) }
      progress.end()
      let kit = try self.kit.map(openKit)
      let statistics = JournalStatistics(journals, isExact: exact)
      if json { try printJSON(statistics) } else { show(statistics, kit) }
      for reading in journals { warn(reading) }
      if journals.contains(where: { !$0.findings.isEmpty }) { throw ExitCode(1) }
    }

    private func show(_ statistics: JournalStatistics, _ kit: KitFile?) {
      let finder = statistics.finder
      let heads = ["sessions", "messages", "stopped", "interrupted", "answers"]
      func cells(_ sums: JournalStatistics.Sums) -> [String] {
        [sums.sessions, sums.messages, sums.stopped, sums.interrupted, sums.answers].map(\.description)
      }
      var weeks = Table(["week"] + heads)
      for week in statistics.weeks { weeks.add([week.week] + cells(week.sums)) }
      weeks.add(["all"] + cells(statistics.total))
      weeks.print()
      print("finder: begun \(finder.begun), found \(finder.found), none of these \(finder.noneFound)\n")
      var languages = Table(["language"] + heads + [""])
      for language in statistics.languages {
        languages.add([language.tag] + cells(language.sums) + [kit?.bundle(language.tag)?.english ?? ""])
      }
      languages.print()
      print("")
      let answers = ["yes", "no", "none", "unclear", "declined", "stop"]
      var prompts = Table(["message", "played", "stopped", "interrupted"] + answers + ["missing", ""])
      for prompt in statistics.prompts {
        prompts.add(
          [prompt.id, "\(prompt.played)", "\(prompt.stopped)", "\(prompt.interrupted)"]
            + answers.map { "\(prompt.answers[$0].map(\.description) ?? "")" }
            + ["\(prompt.missing)", kit?.manifest.prompt(prompt.id)?.title ?? ""])
      }
      prompts.print()
      if let marked = statistics.marked, !marked.isEmpty {
        print("")
        var wrong = Table(["marked as wrong", "language", "form", "times", "clip"])
        for clip in marked {
          wrong.add([
            clip.prompt, clip.language, clip.form ?? "", "\(clip.count)", clip.clip.map { "\($0.prefix(12))" } ?? "",
          ])
        }
        wrong.print()
      }
      Terminal.remark(
        """
        \(counted(statistics.journals, "journal")); weeks are those of UTC; answers are as the responders judged \
        them\(statistics.isExact ? "" : "; counts are rounded to fives")
        """)
    }
  }
}
