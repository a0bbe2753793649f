import Board
import Posix
import Testing

@testable import Practice

@Suite("Presses of a practice")
struct ContactPressesTests {
  private let start = Monotonic(nanoseconds: 1_000_000_000)
  private func line(_ button: String, hold: String? = nil) -> Board.Line {
    Board.Line(chip: "practice", line: 0, button: Button(button), hold: hold.map(Button.init))
  }
  private func at(_ milliseconds: Int) -> Monotonic { start.adding(milliseconds: milliseconds) }

  @Test("a short tap stays down until the daemon has counted it, and longer than a contact bounces")
  func tap() {
    var presses = ContactPresses()
    let found1 = presses.press(3, of: line("stop"), before: 7, at: at(0))
    #expect(found1)
    #expect(presses.down == [3] && !presses.isWaiting)
    presses.release(3)
    #expect(presses.isWaiting)
    let found2 = presses.opened(counted: 8, at: at(30))
    #expect(found2.isEmpty)
    let found3 = presses.opened(counted: 7, at: at(300))
    #expect(found3.isEmpty)
    let found4 = presses.opened(counted: 8, at: at(301))
    #expect(found4 == [3])
    #expect(presses.down.isEmpty)
  }

  @Test("a contact opens although its press was not counted, after a while")
  func lost() {
    var presses = ContactPresses()
    _ = presses.press(0, of: line("7"), before: 7, at: at(0))
    presses.release(0)
    let found5 = presses.opened(counted: 7, at: at(1999))
    #expect(found5.isEmpty)
    let found6 = presses.opened(counted: 7, at: at(2000))
    #expect(found6 == [0])
  }

  @Test("an answer that waits for its release opens before it is counted")
  func answer() {
    var presses = ContactPresses()
    _ = presses.press(0, of: line("answer-yes", hold: "answer-none"), before: 7, at: at(0))
    presses.release(0)
    let found7 = presses.opened(counted: 7, at: at(100))
    #expect(found7.isEmpty)
    let found8 = presses.opened(counted: 7, at: at(120))
    #expect(found8 == [0])
  }

  @Test("a contact that is held stays down, and opens by itself only where the page is gone")
  func held() {
    var presses = ContactPresses()
    _ = presses.press(0, of: line("repeat", hold: "first-contact"), before: 7, at: at(0))
    let found9 = presses.press(0, of: line("repeat"), before: 7, at: at(10))
    #expect(!found9, "it is down already")
    let found10 = presses.opened(counted: 9, at: at(59_000))
    #expect(found10.isEmpty)
    let found11 = presses.opened(counted: 9, at: at(60_001))
    #expect(found11 == [0])
  }

  @Test("all contacts can be released at once")
  func all() {
    var presses = ContactPresses()
    _ = presses.press(0, of: line("stop"), before: 1, at: at(0))
    _ = presses.press(1, of: line("repeat"), before: 1, at: at(0))
    presses.releaseAll()
    let found12 = presses.opened(counted: 3, at: at(100))
    #expect(found12 == [0, 1])
  }
}
