import Glibc
import Posix
import Testing

@testable import Buttons

/// Sources of several buttons on one descriptor, with their own time stamps.
@Suite("Buttons of any source")
struct ButtonSourceTests {
  private final class Script: ButtonSource {
    let indices: [Int]
    var pending: [ButtonReading] = []
    var levels: [Int: Bool] = [:]
    var failure: ButtonError?
    init(_ indices: [Int]) { self.indices = indices }

    func access(of index: Int) -> LineAccess { .timed(reason: "script \(index)") }
    func register(in poll: inout Poll) {}
    var deadline: Monotonic? { nil }
    func readings(after poll: Poll, now: Monotonic) throws(ButtonError) -> [ButtonReading] {
      if let failure { throw failure }
      defer { pending = [] }
      return pending
    }
    func isDown(at index: Int) throws(ButtonError) -> Bool? { levels[index] }
  }

  private func limits(_ count: Int) -> [Contact.Limits] { Array(repeating: .init(lockout: 20), count: count) }

  @Test("a press and its release in one event are both reported, with the source's times")
  func ownTimes() throws {
    let script = Script([0, 2])
    let other = Script([1])
    let buttons = try ButtonPanel([script, other], limits(3), now: at(0))
    #expect(buttons.access[2] == .timed(reason: "script 2"))
    script.pending = [
      ButtonReading(index: 2, isDown: true, time: at(100)), ButtonReading(index: 2, isDown: false, time: at(180)),
      ButtonReading(index: 0, isDown: true, time: at(190)),
    ]
    other.pending = [ButtonReading(index: 1, isDown: true, time: at(120))]
    #expect(
      buttons.events(after: Poll(), now: at(195)) == [
        ButtonEvent(index: 2, kind: .pressed, time: at(100)), ButtonEvent(index: 1, kind: .pressed, time: at(120)),
        ButtonEvent(index: 2, kind: .released, time: at(180)), ButtonEvent(index: 0, kind: .pressed, time: at(190)),
      ])
  }

  @Test("an edge that the hardware missed is found when the lock-out ends")
  func swallowedEdge() throws {
    let script = Script([0])
    let buttons = try ButtonPanel([script], limits(1), now: at(0))
    script.pending = [ButtonReading(index: 0, isDown: true, time: at(100))]
    #expect(buttons.events(after: Poll(), now: at(100)).map(\.kind) == [.pressed])
    script.levels[0] = false
    #expect(buttons.events(after: Poll(), now: at(119)) == [])
    #expect(buttons.deadline == at(120))
    #expect(
      buttons.events(after: Poll(), now: at(120)) == [ButtonEvent(index: 0, kind: .released, time: at(120))])
  }

  @Test("a source that fails fails all its buttons and no others")
  func failure() throws {
    let script = Script([0, 2])
    let other = Script([1])
    let buttons = try ButtonPanel([script, other], limits(3), now: at(0))
    script.pending = [ButtonReading(index: 2, isDown: true, time: at(10))]
    _ = buttons.events(after: Poll(), now: at(10))
    let error = ButtonError.lost(chip: "script", line: 2, SystemError("read", code: ENODEV))
    script.failure = error
    other.pending = [ButtonReading(index: 1, isDown: true, time: at(50))]
    #expect(
      buttons.events(after: Poll(), now: at(50)) == [
        ButtonEvent(index: 2, kind: .released, time: at(50)), ButtonEvent(index: 1, kind: .pressed, time: at(50)),
      ])
    #expect(buttons.takeFailures() == [0, 2].map { ButtonFailure(index: $0, error: error, time: at(50)) })
    #expect(buttons.deadline == at(70), "the other's lock-out only")
  }
}
