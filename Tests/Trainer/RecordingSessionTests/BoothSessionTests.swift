import KitBuilder
import Posix
import Testing

@testable import RecordingSession

/// What a session does for a front end that keeps takes, records by itself, or goes to any message.
@Suite("The recording session of a booth") struct BoothSessionTests {
  @Test("'bad, again' drops the take that is recorded or under review, and records at once without a countdown")
  func again() {
    var driver = SessionDriver.ready()
    driver.send(.command(.record))
    driver.hear(seconds: 3.1)
    driver.hear(seconds: 1, amplitude: 0.3)
    driver.send(.command(.again))
    #expect(driver.session.phase == .recording && driver.session.elapsed == 0 && !driver.session.hasSpeech)
    driver.hear(seconds: 0.5, amplitude: 0.3)
    driver.send(.command(.finish))
    #expect(driver.written.samples.count == SessionDriver.rate / 2)
    driver.send(.takeWritten(driver.draft, SessionDriver.trial()))
    driver.send(.command(.again))
    #expect(driver.trace.suffix(2) == ["stop", "drop .safe-here.wav"])
    #expect(driver.session.phase == .recording && driver.session.take == nil)
    driver.send(.command(.cancel))
    #expect(driver.session.phase == .ready)
  }

  @Test("'bad, again' without a microphone leaves the take under review as it is")
  func againWithoutMicrophone() {
    var driver = SessionDriver.reviewing()
    driver.send(.microphoneLost(cause: "No such device"))
    driver.send(.command(.again))
    #expect(driver.session.phase == .reviewing && driver.session.notice == .noMicrophone && driver.session.take != nil)
  }

  @Test("a take that is ended before any sound came is none")
  func empty() {
    var driver = SessionDriver { $0.countdown = 0 }
    driver.hear(seconds: 2.1)
    driver.send(.command(.record))
    driver.send(.command(.finish))
    #expect(driver.session.phase == .ready && driver.trace == ["stop"])
  }

  @Test("records at once where no countdown is wanted")
  func immediate() {
    var driver = SessionDriver { $0.countdown = 0 }
    driver.hear(seconds: 2.1)
    driver.send(.command(.record))
    #expect(driver.session.phase == .recording)
  }

  @Test("where takes are kept, another take, a skip, and the end drop none, and the end asks nothing")
  func kept() {
    func reviewing() -> SessionDriver {
      var driver = SessionDriver { $0.keepsTakes = true }
      driver.hear(seconds: 2.1)
      driver.recordTake()
      driver.send(.takeWritten(driver.draft, SessionDriver.trial()))
      return driver
    }
    for command in [RecordingSession.Command.record, .skip, .quit, .quitNow] {
      var driver = reviewing()
      driver.send(.command(command))
      #expect(driver.session.take == nil && !driver.trace.contains { $0.hasPrefix("drop") }, "\(command)")
    }
    var bad = reviewing()
    bad.send(.command(.again))
    #expect(bad.trace.last == "drop .safe-here.wav")
    // A take that is written after the end stays too.
    var late = SessionDriver { $0.keepsTakes = true }
    late.hear(seconds: 2.1)
    late.recordTake()
    late.send(.command(.quitNow))
    late.send(.takeWritten(late.draft, SessionDriver.trial()))
    #expect(!late.trace.contains { $0.hasPrefix("drop") })
  }

  @Test("an earlier take is reviewed and kept like a new one")
  func chosen() {
    var driver = SessionDriver { $0.keepsTakes = true }
    driver.hear(seconds: 2.1)
    driver.send(.takeChosen(driver.draft, SessionDriver.trial(clip: [9])))
    #expect(driver.session.phase == .reviewing && driver.trace == ["stop", "play [9]"])
    driver.send(.command(.keep))
    #expect(driver.trace.last == "keep .safe-here.wav as safe-here")
    // Not in the middle of something else.
    driver.send(.takeChosen(driver.draft, SessionDriver.trial(clip: [8])))
    #expect(driver.session.phase == .keeping && driver.trace.last == "keep .safe-here.wav as safe-here")
  }

  @Test("any message can be chosen while nothing is recorded")
  func item() {
    var driver = SessionDriver.ready(recorded: ["goodbye"])
    driver.send(.itemChosen(2))
    #expect(driver.session.item.prompt.id == "goodbye" && driver.session.phase == .ready)
    for index in [-1, 3, .max] {
      driver.send(.itemChosen(index))
      #expect(driver.session.position == 2)
    }
    driver.send(.command(.record))
    driver.send(.itemChosen(0))
    #expect(driver.session.position == 2 && driver.session.phase == .countdown)
  }

  @Test("begins with a recorded message where that one is asked for")
  func opensFirst() {
    let all = Set(SessionDriver.prompts.map(\.1))
    let driver = SessionDriver(recorded: all, first: 1) { $0.opensFirst = true }
    #expect(!driver.session.isEnded && driver.session.item.prompt.id == "thank-you")
  }

  @Test("a front end that records by itself hands over the room and whole takes")
  func takes() {
    var driver = SessionDriver { $0.input = .takes }
    driver.send(.room(driver.noise(seconds: 2.1)))
    #expect(driver.session.phase == .ready && abs((driver.session.room?.level ?? 0) + 65) < 2)
    let take = driver.noise(seconds: 1)
    driver.send(.take(take, bits: 16, isTorn: false))
    #expect(driver.trace.isEmpty, "a take that nobody asked for")
    driver.send(.command(.record))
    #expect(driver.session.phase == .recording && driver.session.commands == [.again, .cancel])
    driver.send(.command(.finish))
    #expect(driver.session.phase == .recording)
    driver.send(.take(take, bits: 16, isTorn: true))
    #expect(driver.session.phase == .ready && driver.session.notice == .audioLost && driver.written.samples.isEmpty)
    driver.send(.command(.record))
    driver.send(.take(take, bits: 16, isTorn: false))
    #expect(driver.session.phase == .writing && driver.written.samples == take && driver.written.bits == 16)
    #expect(!driver.session.isMicrophoneStalled(at: driver.time.adding(milliseconds: 60_000)))
  }

  @Test("a wording that changes meanwhile is never recorded under its old text")
  func reworded() {
    let changed = SessionDriver.prompts.map { number, id in
      var item = SessionDriver.item(number: number, id: id)
      if id == "safe-here" { item.wording.text = "new" }
      return item
    }
    for var driver in [SessionDriver.reviewing(), .ready()] {
      if driver.session.phase == .ready {
        driver.send(.command(.record))
        driver.hear(seconds: 3.1)
      }
      driver.send(.itemsChanged(changed, recorded: ["goodbye"]))
      #expect(driver.session.phase == .ready && driver.session.notice == .reworded)
      #expect(driver.session.item.wording.text == "new" && driver.session.recorded == ["goodbye"])
    }
    // Another message's words change nothing here.
    var other = SessionDriver.reviewing()
    other.send(.command(.skip))
    other.recordTake()
    other.send(.takeWritten(other.draft, SessionDriver.trial()))
    other.send(.itemsChanged(changed, recorded: []))
    #expect(other.session.phase == .reviewing && other.session.notice == nil && other.session.take != nil)
    // The message was removed from the project.
    other.send(.itemsChanged([SessionDriver.item(number: 3, id: "safe-here")], recorded: []))
    #expect(other.session.position == 0 && other.session.phase == .ready && other.session.notice == .reworded)
  }
}
