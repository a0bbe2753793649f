import KitBuilder
import Posix
import Testing

@testable import RecordingSession

@Suite("The recording session") struct RecordingSessionTests {
  @Test("measures the room for two seconds, then is ready")
  func room() {
    var driver = SessionDriver()
    #expect(driver.session.commands == [.quit])
    driver.hear(seconds: 1.9)
    #expect(driver.session.phase == .measuringRoom)
    driver.hear(seconds: 0.2)
    #expect(driver.session.phase == .ready)
    #expect(abs((driver.session.room?.level ?? 0) + 65) < 2)
    #expect(driver.trace.isEmpty)
  }

  @Test("measures the room anew after lost audio")
  func tornRoom() {
    var driver = SessionDriver()
    driver.hear(seconds: 1.9)
    driver.send(.audio([0], isTorn: true))
    driver.hear(seconds: 1.9)
    #expect(driver.session.phase == .measuringRoom)
  }

  @Test("reports a loud room, and measures again or continues as the person chooses")
  func loudRoom() {
    var driver = SessionDriver()
    driver.hear(seconds: 2.1, noise: 0.05)
    #expect(driver.session.phase == .roomFindings)
    #expect(driver.session.roomFindings.map(\.code) == [.noiseFloor])
    driver.send(.command(.measureRoom))
    #expect(driver.session.phase == .measuringRoom)
    driver.hear(seconds: 2.1, noise: 0.05)
    driver.send(.command(.ignoreRoom))
    #expect(driver.session.phase == .ready)
  }

  @Test("counts down, records from 0.3 s before the end of the countdown, and ends by silence")
  func take() {
    var driver = SessionDriver.ready()
    driver.send(.command(.record))
    #expect(driver.session.phase == .countdown && driver.session.countdownLeft == 3)
    driver.hear(seconds: 2.5)
    #expect(driver.session.countdownLeft == 1)
    driver.hear(seconds: 0.5)
    #expect(driver.session.phase == .recording && !driver.session.hasSpeech)
    driver.hear(seconds: 2, amplitude: 0.3)
    #expect(driver.session.hasSpeech)
    driver.hear(seconds: 2.3)
    #expect(driver.session.phase == .recording)
    driver.hear(seconds: 0.4)
    #expect(driver.session.phase == .writing)
    #expect(driver.trace == ["stop", "write safe-here"])
    let seconds = Double(driver.written.samples.count) / Double(SessionDriver.rate)
    // The pre-roll, the speech, and the silence that ended it.
    #expect(abs(seconds - (0.3 + 2 + driver.session.endSilence)) < 0.1)
    #expect(driver.written.bits == 24)
    driver.send(.takeWritten(driver.draft, SessionDriver.trial()))
    #expect(driver.session.phase == .reviewing)
    #expect(driver.trace.last == "play [1]")
  }

  @Test("cuts a take that nobody ends at its maximum")
  func maximum() {
    var driver = SessionDriver.ready()
    driver.send(.command(.record))
    driver.hear(seconds: 3.1)
    let left = RecordingSession.maximumTake - driver.session.elapsed
    driver.hear(seconds: left - 0.1)
    #expect(driver.session.phase == .recording)
    driver.hear(seconds: 0.2)
    #expect(driver.session.phase == .writing)
  }

  @Test("keeps a take and goes on to the next message without a recording")
  func keep() {
    var driver = SessionDriver.reviewing(recorded: ["thank-you"])
    driver.send(.command(.keep))
    #expect(driver.session.phase == .keeping && driver.session.commands.isEmpty)
    #expect(driver.trace.last == "keep .safe-here.wav as safe-here")
    driver.send(.takeKept(path: "03.wav", former: []))
    #expect(driver.session.notice == .kept(path: "03.wav", former: []))
    #expect(driver.session.phase == .ready && driver.session.item.prompt.id == "goodbye")
    #expect(driver.session.keptCount == 1 && driver.session.missingCount == 1)
  }

  @Test("ends after the last message, and drops nothing that was kept")
  func last() {
    var driver = SessionDriver.reviewing(recorded: ["thank-you", "goodbye"])
    driver.send(.command(.keep))
    driver.send(.takeKept(path: "03.wav", former: []))
    #expect(driver.session.isEnded && driver.session.missingCount == 0)
    #expect(!driver.trace.contains { $0.hasPrefix("drop") })
  }

  @Test("has ended from the start where every message is recorded, unless recorded ones are included")
  func nothingToDo() {
    let all = Set(SessionDriver.prompts.map(\.1))
    #expect(SessionDriver(recorded: all).session.isEnded)
    let driver = SessionDriver(recorded: all, first: 1, includesRecorded: true)
    #expect(!driver.session.isEnded && driver.session.item.prompt.id == "thank-you")
  }

  @Test("asks before it replaces a recording")
  func replace() {
    var driver = SessionDriver.ready(recorded: ["thank-you"])
    driver.send(.command(.next))
    driver.recordTake()
    driver.send(.takeWritten(driver.draft, SessionDriver.trial()))
    driver.send(.command(.keep))
    #expect(driver.session.phase == .confirmingReplacement)
    driver.send(.command(.cancel))
    #expect(driver.session.phase == .reviewing && driver.session.notice == .notReplaced)
    driver.send(.command(.keep))
    driver.send(.command(.replace))
    #expect(driver.trace.last == "keep .thank-you.wav as thank-you")
    driver.send(.takeKept(path: "40.wav", former: ["takes/40.1.wav"]))
    #expect(driver.session.notice == .kept(path: "40.wav", former: ["takes/40.1.wav"]))
  }

  @Test("holds the take under review where it cannot be kept, or another process writes to the project")
  func notKept() {
    for (event, notice) in [
      (RecordingSession.Event.takeNotKept(reason: "full"), RecordingSession.Notice.notKept(reason: "full")),
      (.projectBusy(holder: "process 7"), .projectBusy(holder: "process 7")),
    ] {
      var driver = SessionDriver.reviewing()
      driver.send(.command(.keep))
      driver.send(event)
      #expect(driver.session.phase == .reviewing && driver.session.notice == notice)
      driver.send(.command(.keep))
      #expect(driver.trace.filter { $0 == "keep .safe-here.wav as safe-here" }.count == 2)
    }
  }

  @Test("writes the same samples again after a full disk")
  func fullDisk() {
    var driver = SessionDriver.ready()
    driver.recordTake()
    let samples = driver.written.samples
    driver.send(.takeNotWritten(reason: "No space left on device"))
    #expect(driver.session.phase == .unwritten(reason: "No space left on device"))
    driver.hear(seconds: 0.5)
    driver.send(.command(.retryWriting))
    #expect(driver.session.phase == .writing && driver.written.samples == samples && !samples.isEmpty)
  }

  @Test("a lost microphone costs the take; it is opened again every half second, and the room is measured")
  func unplugged() {
    var driver = SessionDriver.ready()
    driver.send(.command(.record))
    driver.hear(seconds: 3.1)
    driver.send(.microphoneLost(cause: "No such device"))
    #expect(driver.session.phase == .ready && driver.session.notice == .microphoneLost)
    #expect(driver.session.microphoneLoss == "No such device")
    driver.send(.tick, after: 400)
    #expect(!driver.trace.contains("open"))
    driver.send(.tick, after: 100)
    #expect(driver.trace.last == "open")
    driver.send(.microphoneLost(cause: "Device or resource busy"))
    #expect(driver.session.deadline == driver.time.adding(milliseconds: 500))
    driver.send(.command(.record))
    #expect(driver.session.phase == .ready && driver.session.notice == .noMicrophone)
    driver.send(.microphoneOpened(bits: 16))
    #expect(driver.session.phase == .measuringRoom && driver.session.deadline == nil)
    driver.hear(seconds: 2.1)
    driver.recordTake()
    #expect(driver.written.bits == 16)
  }

  @Test("a take under review survives the microphone's loss and return")
  func unpluggedInReview() {
    var driver = SessionDriver.reviewing()
    driver.send(.microphoneLost(cause: "No such device"))
    driver.send(.command(.record))
    #expect(driver.session.phase == .reviewing && driver.session.notice == .noMicrophone)
    driver.send(.microphoneOpened(bits: 24))
    #expect(driver.session.phase == .reviewing && driver.session.trial != nil)
    #expect(!driver.trace.contains { $0.hasPrefix("drop") })
  }

  @Test("lost audio ends the take")
  func torn() {
    var driver = SessionDriver.ready()
    driver.send(.command(.record))
    driver.hear(seconds: 3.1)
    driver.send(.audio([1], isTorn: true))
    #expect(driver.session.phase == .ready && driver.session.notice == .audioLost)
  }

  @Test("a microphone that gives no audio for two seconds is stalled")
  func stalled() {
    let driver = SessionDriver.ready()
    #expect(!driver.session.isMicrophoneStalled(at: driver.time.adding(milliseconds: 2_000)))
    #expect(driver.session.isMicrophoneStalled(at: driver.time.adding(milliseconds: 2_001)))
  }

  @Test("quits with a take under review only at the second request in a row, and drops it")
  func quit() {
    var driver = SessionDriver.reviewing()
    driver.send(.command(.quit))
    #expect(driver.session.phase == .reviewing && driver.session.notice == .takeNotKept)
    driver.send(.command(.dismissNotice))
    driver.send(.command(.quit))
    #expect(!driver.session.isEnded)
    driver.send(.command(.quit))
    #expect(driver.session.isEnded)
    #expect(driver.trace.suffix(2) == ["stop", "drop .safe-here.wav"])
  }

  @Test("quitNow ends every phase; a take that is written later is dropped, and one that is kept stays")
  func quitNow() {
    for var driver in [SessionDriver(), .ready(), .reviewing()] {
      driver.send(.command(.quitNow))
      #expect(driver.session.isEnded)
    }
    var writing = SessionDriver.ready()
    writing.recordTake()
    writing.send(.command(.quitNow))
    #expect(writing.session.isEnded)
    writing.send(.takeWritten(writing.draft, SessionDriver.trial()))
    #expect(writing.trace.last == "drop .safe-here.wav")

    for isKept in [true, false] {
      var keeping = SessionDriver.reviewing()
      keeping.send(.command(.keep))
      keeping.send(.command(.quitNow))
      #expect(keeping.session.isEnded && !keeping.trace.contains("drop .safe-here.wav"))
      keeping.send(isKept ? .takeKept(path: "03.wav", former: []) : .takeNotKept(reason: "full"))
      #expect(keeping.trace.contains("drop .safe-here.wav") != isKept)
      #expect(keeping.session.keptCount == (isKept ? 1 : 0))
    }
  }

  @Test("ignores a command that its phase does not offer")
  func invalid() {
    for driver in [SessionDriver(), .ready(), .reviewing()] {
      for command in RecordingSession.Command.allCases
      where !driver.session.commands.contains(command) && command != .quitNow {
        var other = driver
        other.send(.command(command))
        #expect(other.session.phase == driver.session.phase, "\(command)")
        #expect(other.trace == driver.trace, "\(command)")
      }
    }
  }

  @Test("plays the take under review, else the recording, and says where there is none")
  func play() {
    var ready = SessionDriver.ready()
    ready.send(.command(.play))
    #expect(ready.trace == ["load safe-here"])
    ready.send(.recordingLoaded(clip: nil))
    #expect(ready.session.notice == .noRecording)
    ready.send(.recordingLoaded(clip: [7]))
    #expect(ready.trace.last == "play [7]")
    var reviewing = SessionDriver.reviewing()
    reviewing.send(.command(.play))
    #expect(reviewing.trace.suffix(2) == ["play [1]", "play [1]"])
    reviewing.send(.playbackFailed(reason: "no packets"))
    #expect(reviewing.session.notice == .notPlayable(reason: "no packets"))
  }

  @Test("skip drops the take and counts; previous and next stay within the messages")
  func skip() {
    var driver = SessionDriver.reviewing()
    driver.send(.command(.skip))
    #expect(driver.trace.last == "drop .safe-here.wav")
    #expect(driver.session.skippedCount == 1 && driver.session.position == 1)
    for _ in 0..<5 { driver.send(.command(.next)) }
    #expect(driver.session.position == 2)
    for _ in 0..<5 { driver.send(.command(.previous)) }
    #expect(driver.session.position == 0)
  }
}
