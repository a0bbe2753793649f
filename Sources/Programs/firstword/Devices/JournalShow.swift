import ArgumentParser
import Diagnostics
import Foundation
import Journal
import Kit
import Pages
import Posix

extension JournalCommand {
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what was played, session by session.",
      discussion: """
        A session lasts from the first press to ten minutes without one, or to the end of the daemon. The number of its \
        first line identifies it. With --kit, languages and messages have names.

          firstword journal show journal.jsonl* --kit shelter.kit --session last

        Answers are as the responder judged a sign, or as the listener pressed them. An answer that was pressed before \
        its question had sounded to its end, with how to answer, is an answer to none. A request for which nothing was \
        available shows why.

        Exit status: 0 done; 1 done, but the journal is not intact; 2 a file could not be read.
        """)

    @OptionGroup var journal: JournalFiles
    @OptionGroup var sessions: SessionOption
    @OptionGroup var zone: ZoneOption

    @Option(help: ArgumentHelp("A kit, for the names of languages and messages.", valueName: "FILE.kit"))
    var kit: String?

    @Flag(help: "Print JSON: the sessions, and each setting of the clock and restart of the device. Times are in UTC.")
    var json = false

    private struct Document: Encodable {
      var sessions: [JournalSession]
      var breaks: [JournalBreak]
    }

    func run() throws {
      let reading = try journal.read()
      let kit = try self.kit.map(openKit)
      let all = JournalSession.all(in: reading.entries)
      let chosen = try sessions.chosen(all, zone.times)
      let breaks = JournalBreak.all(in: reading.entries).filter { each in
        sessions.isAll || chosen.contains { ($0.number...$0.last).contains(each.line) }
      }
      if json {
        try printJSON(Document(sessions: chosen, breaks: breaks))
      } else {
        let words = JournalWords(times: zone.times, kit: kit.map { .init($0.manifest, $0.bundles) })
        JournalStory(words: words).printAll(chosen, breaks)
      }
      warn(reading)
      if !reading.findings.isEmpty { throw ExitCode(1) }
    }
  }
}

/// Prints sessions as lines for people.
private struct JournalStory {
  let words: JournalWords

  /// Prints sessions, with the breaks before and within them, in the order of the journal.
  func printAll(_ sessions: [JournalSession], _ breaks: [JournalBreak]) {
    let times = words.times
    var breaks = breaks[...]
    func printBreaks(before line: Int) {
      while let each = breaks.first, each.line < line {
        breaks.removeFirst()
        print(Terminal.paint("\(times.day(each.time)) \(times.clock(each.time))  -- \(each.description)", .faint))
      }
    }
    for session in sessions {
      printBreaks(before: session.number)
      print(Terminal.paint(words.title(of: session), .bold))
      for act in session.acts {
        printBreaks(before: act.line)
        print("  \(times.clock(act.time))  \(filled(act.kind.rawValue, 9)) \(shown(act))")
      }
    }
    printBreaks(before: .max)
    if sessions.isEmpty { Terminal.remark("no session yet") }
  }

  private func shown(_ act: JournalAct) -> Printable {
    let parts = words.parts(of: act)
    if act.kind == .fault || act.isForResponder {
      return Terminal.paint(parts.map(\.text).joined(), act.kind == .fault ? .red : .faint)
    }
    return parts.map { $0.isBad ? Terminal.paint($0.text, .red) : "\($0.text)" }.joined()
  }
}
