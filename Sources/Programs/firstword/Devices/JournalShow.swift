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
        JournalStory(times: zone.times, kit: kit).printAll(chosen, breaks)
      }
      warn(reading)
      if !reading.findings.isEmpty { throw ExitCode(1) }
    }
  }
}

/// Prints sessions as lines for people.
private struct JournalStory {
  let times: HandoverTimes
  let kit: KitFile?

  /// Prints sessions, with the breaks before and within them, in the order of the journal.
  func printAll(_ sessions: [JournalSession], _ breaks: [JournalBreak]) {
    var breaks = breaks[...]
    func printBreaks(before line: Int) {
      while let each = breaks.first, each.line < line {
        breaks.removeFirst()
        print(Terminal.paint("\(times.day(each.time)) \(times.clock(each.time))  -- \(each.description)", .faint))
      }
    }
    for session in sessions {
      printBreaks(before: session.number)
      let kit = session.kit?.split(separator: " ").prefix(2).joined(separator: " ") ?? "kit unknown"
      print(
        Terminal.paint(
          "Session \(session.number): \(times.day(session.start)) \(times.clock(session.start)) to "
            + "\(times.clock(session.end)) (\(times.name)), \(kit)", .bold))
      for act in session.acts {
        printBreaks(before: act.line)
        let text = self.text(act)
        let shown: Printable =
          act.kind == .fault
          ? Terminal.paint(text, .red) : act.isForResponder ? Terminal.paint(text, .faint) : "\(text)"
        print("  \(times.clock(act.time))  \(filled(act.kind.rawValue, 9)) \(shown)")
      }
    }
    printBreaks(before: .max)
    if sessions.isEmpty { Terminal.remark("no session yet") }
  }

  private func text(_ act: JournalAct) -> String {
    let language = act.language.map(name) ?? ""
    let prompt = act.prompt.map(title) ?? ""
    switch act.kind {
    case .played:
      let instead = act.insteadOf.map { ", instead of \($0)" } ?? ""
      return "\(language)  \(prompt)  \(outcome(act))\(instead)"
    case .answered:
      let about = act.about.map { " about \(title($0))" } ?? ""
      return "\(answer(act)) to \(prompt)\(about), \(source(of: act))"
    case .language: return language
    case .early:
      return "\(answer(act)) before \(prompt) had sounded to its end, which is an answer to none"
    case .found: return "\(language), \(source(of: act))"
    case .voice: return "\(act.voice ?? "") of \(language)"
    case .noneFound: return "no hand was raised"
    case .signalled:
      let reason = act.reason.map { "(\($0.text))" } ?? ""
      return [act.detail ?? "", language, prompt, reason].filter { !$0.isEmpty }.joined(separator: "  ")
    case .sequence: return "\(prompt) \(act.detail ?? "")"
    case .finder, .children, .answerMode, .fault: return act.detail ?? ""
    case .markedWrong: return "\(language)  \(prompt)  is wrong for this listener, as the responder judged it"
    case .unknown: return "\(act.detail ?? ""), which this version does not know"
    }
  }

  private func answer(_ act: JournalAct) -> String { act.answer.map(AnswerWords.english) ?? "" }

  private func source(of act: JournalAct) -> String {
    act.by == .listener ? "pressed by the listener" : "judged by the responder"
  }

  private func outcome(_ act: JournalAct) -> String {
    let lost = act.lostText.map { Terminal.paint("; \($0)", .red) } ?? ""
    let heard = (act.heardText ?? "an unknown time") + (act.partText.map { ", \($0)" } ?? "")
    switch act.outcome {
    case .completed: return "to its end\(act.heardText.map { ", \($0)" } ?? "")\(lost)"
    case .stopped: return "stopped after \(heard)\(lost)"
    case .interrupted: return "\(Terminal.paint("INTERRUPTED", .red)) by the sound card after \(heard)\(lost)"
    case .truncated: return "\(Terminal.paint("TRUNCATED", .red)) after \(heard): the rest cannot be decoded\(lost)"
    case .failed: return "FAILED"
    case .unknown, nil: return "its end is unknown"
    }
  }

  private func name(_ tag: String) -> String {
    kit?.bundle(tag).map { "\($0.autonym) (\($0.english))" } ?? tag
  }

  private func title(_ id: String) -> String {
    kit?.manifest.prompt(id).map { "\(KitLayout.dialled($0.number)) \($0.title)" } ?? id
  }
}
