import Board
import Control
import SelfTest
import Testing

@Suite("An acceptance")
struct AcceptanceTests {
  private static func board() -> Board {
    Board(
      name: "b", use: .trial, sound: Board.Sound(pcm: "null"),
      lines: Board.Lines(
        lockout: 20, poll: 10,
        buttons: [
          Board.Line(chip: "c", line: 1, button: .control(.stop)),
          Board.Line(chip: "c", line: 2, button: .control(.nextLanguage), hold: .control(.finder), label: "language"),
          Board.Line(chip: "c", line: 3, button: .control(.answerYes), by: .listener),
        ]), inputs: [Board.Input(name: "pad", keys: [Board.Key(code: 79, button: .prompt("safe-here"))])])
  }

  private func press(_ acceptance: inout Acceptance, _ button: String, at milliseconds: Int64) {
    acceptance.take(ControlEvent("press", monotonic: milliseconds * 1_000_000, button: button))
  }

  private func play(_ acceptance: inout Acceptance, _ prompt: String, _ end: String, at milliseconds: Int64) {
    let start = ControlEvent("started", monotonic: milliseconds * 1_000_000, language: "ro", prompt: prompt)
    acceptance.take(start)
    acceptance.take(ControlEvent(end, monotonic: (milliseconds + 900) * 1_000_000, language: "ro", prompt: prompt))
  }

  @Test("is complete when each button and key was pressed in any order, and the last message has ended")
  func complete() {
    var acceptance = Acceptance(Self.board())
    #expect(acceptance.rows.map(\.button) == ["stop", "next-language", "answer-yes", "safe-here"])
    press(&acceptance, "next-language", at: 1000)
    play(&acceptance, "language-name", "completed", at: 1012)
    press(&acceptance, "finder", at: 3000)
    press(&acceptance, "answer-yes", at: 4000)
    press(&acceptance, "stop", at: 5000)
    #expect(acceptance.missing == ["safe-here"] && !acceptance.isComplete)
    press(&acceptance, "safe-here", at: 6000)
    acceptance.take(ControlEvent("started", monotonic: 6_020_000_000, language: "ro", prompt: "safe-here"))
    #expect(acceptance.missing.isEmpty && !acceptance.isComplete)
    acceptance.take(ControlEvent("completed", monotonic: 7_000_000_000, language: "ro", prompt: "safe-here"))
    #expect(acceptance.isComplete && acceptance.findings.isEmpty)
    let language = acceptance.rows[1]
    #expect(language.presses == 2 && language.heard == ["ro language-name completed"] && language.milliseconds == 12)
    #expect(acceptance.rows[2].isListeners && language.label == "language")
  }

  @Test("without a message to its end, with a button that nobody pressed, or with a fault it has findings")
  func findings() {
    var acceptance = Acceptance(Self.board())
    press(&acceptance, "safe-here", at: 1000)
    play(&acceptance, "safe-here", "interrupted", at: 1010)
    acceptance.take(ControlEvent("sound-lost", detail: "it was unplugged"))
    press(&acceptance, "stop", at: 3000)
    acceptance.take(ControlEvent("signal", monotonic: 3_005_000_000, reason: "no-language"))
    #expect(acceptance.rows[3].faults == ["sound-lost: it was unplugged"])
    #expect(acceptance.rows[0].heard == ["signal (no-language)"])
    let places = acceptance.findings.map(\.path)
    #expect(places == ["button safe-here", "button next-language", "button answer-yes", "sound"])
  }

  @Test("a message that the next button stops is that of the button before, and one before the first press nobody's")
  func stopped() {
    var acceptance = Acceptance(Self.board())
    acceptance.take(ControlEvent("started", monotonic: 0, language: "ro", prompt: "goodbye"))
    press(&acceptance, "safe-here", at: 1000)
    acceptance.take(ControlEvent("stopped", monotonic: 1_001_000_000, language: "ro", prompt: "goodbye"))
    acceptance.take(ControlEvent("started", monotonic: 1_010_000_000, language: "ro", prompt: "safe-here"))
    press(&acceptance, "next-language", at: 1500)
    acceptance.take(ControlEvent("stopped", monotonic: 1_501_000_000, language: "ro", prompt: "safe-here"))
    play(&acceptance, "language-name", "completed", at: 1510)
    #expect(acceptance.rows[3].heard == ["ro safe-here stopped"])
    #expect(acceptance.rows[1].heard == ["ro language-name completed"])
    #expect(acceptance.rows[0].heard.isEmpty && !acceptance.isSounding)
  }

  @Test("ignores what the board has not, and what was played before the first press")
  func strange() {
    var acceptance = Acceptance(Self.board())
    play(&acceptance, "safe-here", "completed", at: 100)
    press(&acceptance, "louder", at: 1000)
    #expect(acceptance.missing.count == 4 && acceptance.rows.allSatisfy { $0.heard.isEmpty })
  }
}
