import Board
import Posix
import Testing

@testable import Panel

@Suite("A chord with stop") struct ChordWatchTests {
  private func time(_ milliseconds: Int) -> Monotonic { Monotonic(nanoseconds: 0).adding(milliseconds: milliseconds) }

  @Test("it acts once, when both buttons were down for long enough")
  func held() {
    var watch = ChordWatch(duration: 3000)
    #expect(watch.deadline == nil)
    watch.begin(4, .control(.powerOff), at: time(100))
    #expect(watch.deadline == time(3100))
    #expect(watch.take(at: time(3099)) == nil)
    let due = watch.take(at: time(3100))
    #expect(due?.button == .control(.powerOff) && due?.index == 4)
    #expect(watch.take(at: time(9000)) == nil && watch.deadline == nil)
  }

  @Test("it ends without effect when either button is released, and not by others")
  func released() {
    for (index, isStop) in [(4, false), (0, true)] {
      var watch = ChordWatch(duration: 3000)
      watch.begin(4, .control(.powerOff), at: time(0))
      watch.release(7, isStop: false)
      #expect(watch.deadline != nil)
      watch.release(index, isStop: isStop)
      #expect(watch.take(at: time(5000)) == nil)
    }
  }

  @Test("three buttons together mean nothing")
  func three() {
    var watch = ChordWatch(duration: 3000)
    watch.begin(4, .control(.powerOff), at: time(0))
    watch.begin(5, .control(.trustStick), at: time(10))
    #expect(watch.take(at: time(9000)) == nil)
  }

  @Test("the press of a chord means nothing else: not the button's own meaning, and not its long press")
  func press() {
    var meaning = PressMeaning(Button("repeat"), hold: Button("first-contact"), withStop: Button("power-off"))
    #expect(meaning.change(.pressed, at: time(0), isStopHeld: true) == nil)
    #expect(meaning.change(.held, at: time(800), isStopHeld: true) == nil)
    #expect(meaning.change(.released, at: time(900), isStopHeld: true) == nil)
    #expect(meaning.change(.pressed, at: time(2000))?.button == Button("repeat"))
  }
}

@Suite("The announcements of sticks") struct NoticeBoardTests {
  private func time(_ seconds: Int) -> Monotonic { Monotonic(nanoseconds: 0).adding(milliseconds: seconds * 1000) }

  @Test("an outcome waits until nothing plays, and comes once")
  func waits() {
    var board = NoticeBoard()
    board.begin(at: time(0))
    #expect(board.isBusy)
    board.end(.done)
    #expect(!board.isBusy)
    #expect(board.next(isIdle: false) == nil)
    #expect(board.next(isIdle: true) == .done)
    #expect(board.next(isIdle: true) == nil)
    #expect(!board.hasFailed)
  }

  @Test("a bad outcome shows until a button is pressed, or something else is begun")
  func bad() {
    for outcome in [NoticeBoard.Outcome.refused, .failed] {
      var board = NoticeBoard()
      board.end(outcome)
      #expect(!board.hasFailed, "nobody has heard it yet")
      #expect(board.next(isIdle: true) == outcome)
      #expect(board.hasFailed)
      board.press()
      #expect(!board.hasFailed)
    }
  }

  @Test("what never ends is forgotten, and a flood of outcomes is bounded")
  func bounds() {
    var board = NoticeBoard()
    board.begin(at: time(0), seconds: 20)
    board.pass(at: time(19))
    #expect(board.isBusy && board.deadline == time(20))
    board.pass(at: time(20))
    #expect(!board.isBusy && board.deadline == nil)
    for _ in 0..<100 { board.end(.done) }
    var count = 0
    while board.next(isIdle: true) != nil { count += 1 }
    #expect(count == 4)
  }
}

@Suite("The switch of an amplifier") struct AmplifierSwitchTests {
  private func time(_ milliseconds: Int) -> Monotonic { Monotonic(nanoseconds: 0).adding(milliseconds: milliseconds) }

  private func sound(_ stream: Board.Sound.Stream, sleep: Int = 10) -> Board.Sound {
    Board.Sound(
      pcm: "default", stream: stream, sleep: sleep, lead: 50,
      amplifier: .init(Board.Output(chip: "gpio", line: 4, active: .high), rest: 5))
  }

  @Test("with a prepared stream it is on from a request until seconds after the last sound")
  func prepared() {
    var amplifier = AmplifierSwitch(sound(.prepared), at: time(0))
    #expect(!amplifier.isOn && amplifier.deadline == nil)
    amplifier.sound(at: time(1000))
    #expect(amplifier.isOn && amplifier.deadline == nil)
    amplifier.calm(at: time(3000))
    amplifier.calm(at: time(4000))
    #expect(amplifier.deadline == time(8050), "rest and lead after the end")
    amplifier.pass(at: time(8049))
    #expect(amplifier.isOn)
    amplifier.pass(at: time(8050))
    #expect(!amplifier.isOn && amplifier.deadline == nil)
  }

  @Test("a sound in between keeps it on")
  func kept() {
    var amplifier = AmplifierSwitch(sound(.prepared), at: time(0))
    amplifier.sound(at: time(0))
    amplifier.calm(at: time(1000))
    amplifier.sound(at: time(6000))
    amplifier.pass(at: time(9000))
    #expect(amplifier.isOn && amplifier.deadline == nil)
  }

  @Test("a running stream keeps it on until the stream is halted, or for ever")
  func running() {
    var amplifier = AmplifierSwitch(sound(.running), at: time(0))
    #expect(amplifier.isOn)
    #expect(amplifier.deadline == time(600_000 + 5050))
    amplifier.sound(at: time(1))
    amplifier.calm(at: time(2))
    #expect(amplifier.deadline == time(600_000 + 5052))
    let always = AmplifierSwitch(sound(.running, sleep: 0), at: time(0))
    #expect(always.isOn && always.deadline == nil)
  }
}
