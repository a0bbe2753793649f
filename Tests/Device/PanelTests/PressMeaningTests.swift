import Board
import Buttons
import Posix
import Testing

@testable import Panel

@Suite("The meaning of a press") struct PressMeaningTests {
  /// Returns what is requested by changes of a button, each with its milliseconds, and the time of the press.
  private func requests(
    _ name: String, hold: String?, _ changes: [(ButtonEvent.Kind, Int)]
  ) -> [String] {
    var meaning = PressMeaning(Button(name), hold: hold.map { Button($0) })
    return changes.compactMap { kind, milliseconds in
      meaning.change(kind, at: Monotonic(nanoseconds: 0).adding(milliseconds: milliseconds)).map {
        "\($0.button) \($0.time.nanoseconds / 1_000_000)"
      }
    }
  }

  private static let short: [(ButtonEvent.Kind, Int)] = [(.pressed, 0), (.released, 100)]
  private static let long: [(ButtonEvent.Kind, Int)] = [(.pressed, 0), (.held, 800), (.released, 900)]

  @Test("a message acts at once, and its long press after it")
  func message() {
    #expect(requests("safe-here", hold: "first-contact", Self.short) == ["safe-here 0"])
    #expect(requests("safe-here", hold: "first-contact", Self.long) == ["safe-here 0", "first-contact 800"])
    #expect(requests("safe-here", hold: nil, Self.long) == ["safe-here 0"])
  }

  @Test(
    "an answer whose button has a second meaning acts on release, as of its press; held, the second acts alone"
  )
  func answer() {
    #expect(requests("answer-unclear", hold: "answer-declined", Self.short) == ["answer-unclear 0"])
    #expect(requests("answer-unclear", hold: "answer-declined", Self.long) == ["answer-declined 800"])
    #expect(
      requests("answer-unclear", hold: "answer-declined", Self.long + Self.short)
        == ["answer-declined 800", "answer-unclear 0"])
    #expect(requests("answer-none", hold: "mark-wrong", Self.long) == ["mark-wrong 800"])
  }

  @Test("an answer without a second meaning, and a listener's stop, act at once")
  func immediate() {
    #expect(requests("answer-yes", hold: nil, [(.pressed, 0)]) == ["answer-yes 0"])
    #expect(requests("answer-stop", hold: "answer-declined", [(.pressed, 0)]) == ["answer-stop 0"])
  }

  @Test("while stop is held down a press has its other meaning, alone and at once, also of an answer")
  func withStop() {
    var meaning = PressMeaning(Button("answer-no"), hold: Button("answer-declined"), withStop: Button("mark-wrong"))
    func change(_ kind: ButtonEvent.Kind, _ isStopHeld: Bool) -> String? {
      meaning.change(kind, at: Monotonic(nanoseconds: 0), isStopHeld: isStopHeld)?.button.description
    }
    #expect(change(.pressed, true) == "mark-wrong")
    #expect(change(.held, true) == nil)
    #expect(change(.released, false) == nil)
    #expect(change(.pressed, false) == nil)
    #expect(change(.released, true) == "answer-no", "pressed before stop was")
    var plain = PressMeaning(Button("repeat"), hold: nil)
    #expect(plain.change(.pressed, at: Monotonic(nanoseconds: 0), isStopHeld: true)?.button == .control(.again))
  }

  @Test("an answer whose button is stuck is none")
  func stuck() {
    #expect(
      requests(
        "answer-unclear", hold: "answer-declined", [(.pressed, 0), (.stuck, 500), (.released, 600), (.freed, 600)])
        == [])
  }
}
