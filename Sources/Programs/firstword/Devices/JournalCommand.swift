import ArgumentParser
import Diagnostics
import Foundation
import Journal
import Pages
import Posix
import Project

struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "Show, verify, export and count what a device played.",
    discussion: """
      A device keeps its journal in the file that firstwordd's --journal names, and full files under that name with a \
      number added. Name all of them, in any order.

        firstword journal verify journal.jsonl*
        firstword journal show journal.jsonl* --kit shelter.kit
        firstword journal export journal.jsonl* --session last --kit shelter.kit --sheet sheet.html
        firstword journal stats */journal.jsonl*

      Exit status: 0 done; 1 done, and the journal is not intact; 2 it could not be done.
      """,
    subcommands: [Show.self, Verify.self, Export.self, Stats.self])

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Report lines that were changed, removed, added or moved.",
      discussion: """
        Each line has its own hash and the hash of the line before, through all files. If the device removes old lines \
        by its policy, a line records that. A last line that a power cut tore is reported, and is no fault.

        A person who rewrites the whole journal can make all hashes fit again, and lines that are missing at the end \
        leave no trace. Against both, note the hash of the last line ('firstword ctl status' and each hand-over sheet \
        show it) and give it later:

          firstword journal verify journal.jsonl* --holds 5f1d…

        Exit status: 0 intact; 1 not intact; 2 a file could not be read.
        """)

    @OptionGroup var journal: JournalFiles

    @Option(help: ArgumentHelp("SHA-256 of a line that must exist, as it was noted before.", valueName: "HASH"))
    var holds: [String] = []

    @Flag(help: "Print JSON.")
    var json = false

    private struct Result: Encodable {
      var intact: Bool
      var files: [String]
      var lines: Int
      var number: Int?
      var hash: String?
      var findings: [JournalReading.Finding]
      var missing: [String]
      var remarks: [JournalReading.Finding]
    }

    func validate() throws {
      for hash in holds where hash.count != 64 || !hash.allSatisfy(\.isHexDigit) {
        throw ValidationError("--holds '\(hash)' is not a SHA-256 of 64 hexadecimal digits")
      }
    }

    func run() throws {
      let reading = try journal.read()
      let missing = holds.filter { !reading.holds($0.lowercased()) }
      let isIntact = reading.findings.isEmpty && missing.isEmpty
      if json {
        try printJSON(
          Result(
            intact: isIntact, files: reading.files, lines: reading.lines.count, number: reading.head?.number,
            hash: reading.head?.hash, findings: reading.findings, missing: missing, remarks: reading.remarks))
      } else {
        for remark in reading.remarks { Terminal.remark("\(remark)") }
        for finding in reading.findings { Terminal.complain("\(finding)") }
        for hash in missing {
          Terminal.complain("no line has the SHA-256 \(hash): lines were removed, or the journal was written anew")
        }
        let verdict: Printable = isIntact ? Terminal.paint("intact", .green) : Terminal.paint("NOT INTACT", .red)
        let head = reading.head.map { ", the last is \($0.number) with SHA-256 \($0.hash)" } ?? ""
        print("\(verdict): \(counted(reading.lines.count, "line"))\(head)")
        if isIntact, reading.lines.last?.entry?.event != .terminated {
          Terminal.remark(
            "the last line is not 'end': the device was on, lost its power, or later lines were removed")
        }
      }
      if !isIntact { throw ExitCode(1) }
    }
  }
}

/// The files of one journal.
struct JournalFiles: ParsableArguments {
  @Argument(help: ArgumentHelp("The journal's files, in any order.", valueName: "FILE"))
  var files: [String]

  func read() throws -> JournalReading {
    var progress = Terminal.Progress("read")
    defer { progress.end() }
    return try JournalReading(files) { progress.show($0, of: $1) }
  }
}

/// Reports that a journal is not intact, after it was used all the same.
func warn(_ reading: JournalReading) {
  guard let first = reading.findings.first else { return }
  let more = reading.findings.count > 1 ? " (and \(reading.findings.count - 1) more; 'firstword journal verify')" : ""
  Terminal.complain("NOT INTACT: \(first)\(more)")
}

/// The time zone of times for people.
struct ZoneOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Time zone of the times; by default that of this computer.", valueName: "Europe/Vienna"))
  var zone: String?

  func validate() throws {
    if let zone, TimeZone(identifier: zone) == nil { throw ValidationError("'\(zone)' is not a time zone") }
  }

  var times: HandoverTimes { HandoverTimes(zone.flatMap { TimeZone(identifier: $0) } ?? .current) }
}

/// Selects sessions; without options, all.
struct SessionOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Only the session with this line of the journal, or the last one.", valueName: "LINE|last"))
  var session: String?

  @Option(help: ArgumentHelp("Only sessions that began on this day or later, by --zone.", valueName: "YYYY-MM-DD"))
  var from: String?

  @Option(help: ArgumentHelp("Only sessions that began on this day or before, by --zone.", valueName: "YYYY-MM-DD"))
  var to: String?

  func validate() throws {
    if let session, session != "last", Int(session) == nil {
      throw ValidationError("--session takes the number of a line, or 'last'")
    }
    if session != nil && (from != nil || to != nil) { throw ValidationError("--session, or --from and --to") }
    for day in [from, to] {
      if let day, !Day.isDay(day) { throw ValidationError("'\(day)' is not a day; write it as 2026-05-31") }
    }
  }

  var isAll: Bool { session == nil && from == nil && to == nil }

  /// Returns the chosen sessions.
  ///
  /// - Parameter times: the zone whose days `--from` and `--to` name: that of the days that people are shown.
  func chosen(_ sessions: [JournalSession], _ times: HandoverTimes) throws -> [JournalSession] {
    var chosen = sessions
    if session == "last" {
      chosen = Array(sessions.suffix(1))
    } else if let line = session.flatMap({ Int($0) }) {
      chosen = sessions.filter { ($0.number...$0.last).contains(line) }
    }
    // Days in this form sort by date.
    if let from { chosen = chosen.filter { times.day($0.start) >= from } }
    if let to { chosen = chosen.filter { times.day($0.start) <= to } }
    if chosen.isEmpty && !isAll {
      let known = sessions.suffix(10).map { "\($0.number)" }.joined(separator: ", ")
      throw Failure.impossible(
        sessions.isEmpty
          ? "the journal has no session"
          : "no such session; the latest begin at lines \(known) ('journal show' lists all)")
    }
    return chosen
  }
}
