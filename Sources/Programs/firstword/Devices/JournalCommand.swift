import ArgumentParser
import Diagnostics
import Encoding
import Foundation
import Journal
import Kit
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

        The daemon signs the last line with a key of its own, which it makes at its first start beside the journal: \
        'daemon.pub' is the public half, and 'heads.NAME' beside the journal NAME has the signatures: of the first line \
        after a start, of the last one a minute later at the latest, of the end of each full file, and of the last line at \
        an orderly end. Copy daemon.pub when you hand the device out, and give it later:

          firstword journal verify journal.jsonl* --device daemon.pub

        A journal that was written anew, or lacks lines that the device has signed, is not intact then. Lines after the \
        last signature, as after a power cut, are named. This protects against people who have the journal's files; \
        anyone who holds the device's card has the key too.

        Exit status: 0 intact; 1 not intact; 2 a file could not be read.
        """)

    @OptionGroup var journal: JournalFiles

    @Option(help: ArgumentHelp("SHA-256 of a line that must exist, as it was noted before.", valueName: "HASH"))
    var holds: [String] = []

    @OptionGroup var device: DeviceSignatureOption

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
      /// What the device's signatures say; absent without --device.
      var signatures: Signatures?
    }

    private struct Signatures: Encodable {
      /// The id of the device's key.
      var key: String
      /// The number of the last line that is signed; absent for none.
      var number: Int?
      /// When it was signed.
      var time: String?
      var findings: [String]
      var remarks: [String]
    }

    func validate() throws {
      for hash in holds where hash.count != 64 || !hash.allSatisfy(\.isHexDigit) {
        throw ValidationError("--holds '\(hash)' is not a SHA-256 of 64 hexadecimal digits")
      }
    }

    func run() throws {
      let reading = try journal.read()
      let missing = holds.filter { !reading.holds($0.lowercased()) }
      let signed = try device.key.map { (key: $0.id.description, verdict: try device.verdict(on: reading, by: $0)) }
      let isIntact = reading.findings.isEmpty && missing.isEmpty && signed?.verdict.findings.isEmpty ?? true
      if json {
        try printJSON(
          Result(
            intact: isIntact, files: reading.files, lines: reading.lines.count, number: reading.head?.number,
            hash: reading.head?.hash, findings: reading.findings, missing: missing, remarks: reading.remarks,
            signatures: signed.map {
              Signatures(
                key: $0.key, number: $0.verdict.last?.number, time: $0.verdict.last?.time,
                findings: $0.verdict.findings,
                remarks: $0.verdict.remarks)
            }))
      } else {
        for remark in reading.remarks { Terminal.remark("\(remark)") }
        for finding in reading.findings { Terminal.complain("\(finding)") }
        for hash in missing {
          Terminal.complain("no line has the SHA-256 \(hash): lines were removed, or the journal was written anew")
        }
        for remark in signed?.verdict.remarks ?? [] { Terminal.remark("\(remark)") }
        for finding in signed?.verdict.findings ?? [] { Terminal.complain("\(finding)") }
        let verdict: Printable = isIntact ? Terminal.paint("intact", .green) : Terminal.paint("NOT INTACT", .red)
        let head = reading.head.map { ", the last is \($0.number) with SHA-256 \($0.hash)" } ?? ""
        print("\(verdict): \(counted(reading.lines.count, "line"))\(head)")
        if let signed, let last = signed.verdict.last {
          print("signed up to line \(last.number) by the device's key \(signed.key), at \(last.time)")
        }
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

/// The device's key, and where its signatures of the journal are.
struct DeviceSignatureOption: ParsableArguments {
  @Option(
    name: .customLong("device"),
    help: ArgumentHelp("The device's key, as it was noted before: its daemon.pub.", valueName: "KEY.pub"))
  var keyPath: String?

  @Option(
    help: ArgumentHelp("The device's signatures; default: heads.NAME beside the journal NAME.", valueName: "FILE"))
  var heads: String?

  func validate() throws {
    if heads != nil && keyPath == nil { throw ValidationError("--heads needs --device KEY.pub") }
  }

  /// The key; nil without `--device`.
  var key: PublicKey? { get throws { try keyPath.map { try PublicKey(reading: $0) } } }

  /// Compares a journal with what its device has signed.
  func verdict(on reading: JournalReading, by key: PublicKey) throws -> JournalHeads.Verdict {
    let path = heads ?? reading.files.last.map { JournalHeads.path(ofFile: $0).string } ?? ""
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: JournalHeads.limit) } catch {
      if error.code != ENOENT { throw error }
      return JournalHeads.Verdict(findings: ["\(path): there are no signatures of the device"])
    }
    do throws(DocumentError) { return try JournalHeads(json: bytes).verdict(on: reading, signedBy: key) } catch {
      return JournalHeads.Verdict(findings: ["\(path): \(error)"])
    }
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
