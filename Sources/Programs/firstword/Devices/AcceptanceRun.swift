import ArgumentParser
import Board
import Control
import Diagnostics
import Encoding
import Glibc
import Image
import Kit
import Pages
import Posix
import SelfTest
import Store

/// `firstword doctor --acceptance`: follows the running daemon while a person presses each button, and writes the
/// sheet.
struct AcceptanceRun {
  /// The sheet to write.
  let sheet: String
  /// The board that the daemon plays on.
  let board: Board
  /// The path of the compiled board; nil where it was given in YAML.
  let boardFile: String?
  /// The record of the card.
  let card: String
  let socket: String
  let store: String?
  /// Seconds without a press after which the run ends.
  let seconds: Int
  let json: Bool

  /// The result for programs.
  private struct Report: Encodable {
    var sheet: String
    var facts: [String: String]
    var buttons: [Acceptance.Row]
    var checks: [Diagnostic]
    var errors: Int
    var warnings: Int
  }

  /// Runs to the end, and writes the sheet.
  func run() throws {
    let client = try ControlClient(path: socket)
    let hello = try client.ask(.hello).hello
    guard let status = try client.ask(.status).status else {
      throw Failure.impossible("\(socket): the daemon reports no status; is it of the same release?")
    }
    let record = try cardRecord()
    var acceptance = Acceptance(board)
    try follow(client, &acceptance)
    guard let end = try client.ask(.status).status else { throw Failure.impossible("\(socket): no status") }

    var checks = acceptance.findings + differences(record, status)
    var subject = SelfTest.Subject()
    subject.store = store
    var progress = Terminal.Progress("verified")
    checks += SelfTest(subject).run { progress.show($0, of: $1) }
    progress.end()
    if !end.sound {
      let cause = end.speaker.cause ?? "it is not opened yet"
      checks.append(Diagnostic(path: "sound", message: "no sound card: \(cause)", remedy: "see 'pcm:' of the board"))
    }
    for button in end.buttons where button.state != .good {
      checks.append(
        Diagnostic(
          path: "button \(button.button)", message: "\(button.line) is \(button.state.rawValue)",
          remedy: "look at its wire"))
    }
    checks.sort()
    let facts = self.facts(hello, end, record)
    let page = AcceptancePage(
      serial: record?.serial, facts: facts,
      buttons: acceptance.rows.map { row in
        let label = row.label.map { " [\($0)]" } ?? ""
        return AcceptancePage.Button(
          name: row.button + label + (row.isListeners ? " (listener)" : ""), isPressed: row.presses > 0,
          heard: row.heard, faults: row.faults)
      }, checks: checks)
    try Files.replace(sheet, with: Array(page.page.document.utf8))
    if json {
      try printJSON(
        Report(
          sheet: sheet, facts: Dictionary(facts.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
          buttons: acceptance.rows, checks: checks, errors: checks.errors, warnings: checks.warnings))
    } else {
      show(facts, acceptance, checks)
    }
    if checks.errors > 0 { throw ExitCode(1) }
  }

  /// Waits until each button was pressed, or the person ends it, or nothing is pressed for `seconds`.
  private func follow(_ client: ControlClient, _ acceptance: inout Acceptance) throws {
    _ = try client.ask(.subscribe)
    Terminal.remark(
      "press each of \(counted(acceptance.rows.count, "button")) once, and let a message end; Return ends the test")
    let isWatched = isatty(0) == 1
    var deadline = Monotonic.now.adding(milliseconds: seconds * 1000)
    while !acceptance.isComplete, Monotonic.now < deadline {
      var poll = Poll()
      _ = poll.add(client.descriptor, events: Int32(POLLIN))
      let keyboard = isWatched ? poll.add(0, events: Int32(POLLIN)) : nil
      try poll.wait(until: deadline)
      if let keyboard, poll.answer(keyboard) != 0 { return }
      for event in try client.takeEvents() {
        let before = acceptance.missing.count
        if acceptance.take(event) { deadline = .now.adding(milliseconds: seconds * 1000) }
        if !json, event.event == "press", let button = event.button, acceptance.missing.count < before {
          print("pressed \(filled(button, 20)) \(acceptance.missing.count) to go")
        }
      }
    }
  }

  /// Reads what `firstword image` put on the card; nil on a device that was set up otherwise.
  private func cardRecord() throws -> CardRecord? {
    if !Files.exists(card) { return nil }
    let bytes = try Files.read(card, limit: 1 << 20)
    do throws(DocumentError) { return try CardRecord(json: bytes) } catch {
      throw Failure.impossible("\(card): \(error)")
    }
  }

  /// Returns what is no longer as the card was made.
  private func differences(_ record: CardRecord?, _ status: DaemonStatus) -> [Diagnostic] {
    guard let record else { return [] }
    var found: [Diagnostic] = []
    func warn(_ message: String) {
      found.append(Diagnostic(.warning, path: card, message: message, remedy: "make sure that this was meant"))
    }
    if status.kit != "\(record.kit) \(record.version)" {
      warn("the card was made with \(record.kit) \(record.version), and the device plays \(status.kit)")
    }
    if let boardFile, let bytes = try? Files.read(boardFile, limit: 1 << 20), Digest.sha256(bytes) != record.boardHash {
      warn("\(boardFile) is not the board that was put on the card")
    }
    if let state, Set(state.keys.filter { !$0.retired }.map(\.key)) != Set(record.keys.map(\.key)) {
      warn("the device trusts other keys than the card was made with")
    }
    return found
  }

  private var state: StoreState? { store.flatMap { try? Store($0).state() } }

  /// Returns what is known of the device, for the sheet.
  private func facts(
    _ hello: Hello?, _ status: DaemonStatus, _ record: CardRecord?
  ) -> [(name: String, value: String)] {
    let model = (try? Files.read("/proc/device-tree/model", limit: 1024)).map {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    var facts: [(name: String, value: String)] = [
      ("Date and time", "\(WallTime.now)"), ("Computer", model ?? "unknown"),
      ("Daemon", hello?.program ?? "unknown"), ("Program", "firstword \(programVersion)"),
      ("Board", "\(status.board), for \(status.use == "field" ? "the field" : "trials")"),
    ]
    if let boardFile, let bytes = try? Files.read(boardFile, limit: 1 << 20) {
      facts.append(("SHA-256 of the board", Digest.sha256(bytes)))
    }
    facts.append(("Kit", status.kit + (status.draft ? " DRAFT" : "")))
    facts.append(("Signed by", status.signer ?? "no trusted key"))
    if let state, let active = state.active, let kit = state.kit(named: active) {
      facts.append(("SHA-256 of kit.json", kit.sha256))
      facts.append(
        (
          "Trusted keys",
          state.keys.filter { !$0.retired }.compactMap { PublicKey(base64: $0.key)?.id.description }
            .joined(separator: ", ")
        ))
    }
    facts.append(("Sound", "\(status.pcm), \(status.speaker.volume) dB, \(counted(status.underruns, "underrun"))"))
    facts.append(("Journal", journal(status.journal)))
    if let record { facts.append(("Base image", record.image)) }
    return facts
  }

  private func journal(_ status: JournalStatus) -> String {
    switch status.state {
    case .written: "line \(status.number ?? 0), SHA-256 \(status.hash ?? "")"
    case .failing: "NOT WRITTEN: \(status.cause ?? "")"
    case .off, .none: "off"
    }
  }

  private func show(_ facts: [(name: String, value: String)], _ acceptance: Acceptance, _ checks: [Diagnostic]) {
    for fact in facts { print("\(filled(fact.name, 22)) \(fact.value)") }
    for row in acceptance.rows {
      let mark = row.presses > 0 ? "pressed" : "NOT PRESSED"
      print("  \(filled(row.button, 20)) \(mark)  \(row.heard.joined(separator: ", "))")
    }
    for check in checks where check.severity != .note { Terminal.remark("\(check)") }
    print("\(sheet)  the sheet to print and sign; \(checks.summary)")
  }
}
