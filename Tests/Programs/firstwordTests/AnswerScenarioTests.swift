import Foundation
import Journal
import Kit
import Posix
import Simulator
import TestSupport
import Testing

/// The shipped scenarios of a contact in each answer mode, on the shipped daemon and board, and what is left of them.
@Suite("A contact in each answer mode", .serialized, .enabled(if: Lines.available))
struct AnswerScenarioTests {
  private let sandbox: Sandbox
  private var kit: String { sandbox.directory + "/guided.kit" }

  init() throws {
    sandbox = try Sandbox()
    try GuidedKit.write(
      to: sandbox.directory + "/guided.kit", key: sandbox.directory + "/key.key", modes: AnswerMode.allCases)
  }

  /// Answers of each scenario's journal: the event, the answer, and by whom.
  private static let expected: [String: [String]] = [
    "card": [
      "early-answer yes responder", "answer no responder", "answer unclear responder", "early-answer yes responder",
      "answer declined responder",
    ],
    "hand": ["answer none responder", "answer yes responder", "answer stop responder"],
    "tap": ["answer unclear responder", "answer no responder"],
    "buttons": [
      "early-answer yes listener", "answer yes listener", "answer none responder", "answer stop listener",
    ],
  ]

  @Test(
    "passes, and the journal and the hand-over sheet say what was answered, how and by whom",
    arguments: AnswerMode.allCases)
  func contact(_ mode: AnswerMode) throws {
    let path = "\(SourceTree.path)/Hardware/scenarios/answers/\(mode.rawValue).yaml"
    let journal = sandbox.directory + "/contact.jsonl"
    let outcome = try Program.run(
      [
        "test", kit, "--trust", sandbox.publicKey, "--board",
        "\(SourceTree.path)/Hardware/boards/listener-buttons.yaml", "--scenario", path, "--journal", journal,
      ], in: sandbox.directory)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let reading = try JournalReading([journal])
    #expect(reading.findings.isEmpty)
    let answers = JournalSession.all(in: reading.entries).flatMap(\.acts).filter { $0.answer != nil }
    let lines = answers.map { act -> String in
      "\(act.kind == .early ? "early-answer" : "answer") \(act.answer ?? "") \(act.by?.rawValue ?? "")"
    }
    #expect(lines == Self.expected[mode.rawValue])
    let sheet = sandbox.directory + "/sheet.html"
    for redacted in [false, true] {
      let exported = try Program.run(
        ["journal", "export", journal, "--session", "last", "--kit", kit, "--sheet", sheet]
          + (redacted ? ["--redacted"] : []), in: sandbox.directory)
      #expect(exported.status == 0, "\(exported.errors)")
      let text = String(decoding: try Files.read(sheet), as: UTF8.self)
      let rows = text.components(separatedBy: "<b>Answer:").count - 1
      #expect(rows == (redacted ? 0 : lines.filter { $0.hasPrefix("answer") }.count))
      #expect(text.contains("with a button of their own") == (mode == .buttons && !redacted))
      #expect(text.contains("is an answer to no question") == (lines.contains { $0.hasPrefix("early") } && !redacted))
    }
  }
}
