import Capture
import Glibc
import Posix
import RecordingSession

/// Connects a recording session to the terminal, the microphone, the player and the project's files.
final class RecordTerminal {
  /// Milliseconds between two pictures of the screen.
  private static let frameInterval = 50
  /// Milliseconds between two reads of a microphone that wakes nobody.
  private static let readInterval = 20

  private(set) var session: RecordingSession
  private let voice: SpeakerVoice
  private let files: TakeFiles
  private let player: PreviewPlayer
  private let device: String
  private var microphone: Microphone?
  /// Why the microphone is lost.
  private(set) var loss: CaptureError?
  /// The answer to a key without a command.
  private var hint = ""

  /// - Parameter microphone: open; opened again under the same name when it was lost.
  init(
    _ session: RecordingSession, voice: SpeakerVoice, files: TakeFiles, microphone: Microphone, player: PreviewPlayer
  ) {
    self.session = session
    self.voice = voice
    self.files = files
    self.microphone = microphone
    self.player = player
    device = microphone.device
  }

  /// Runs the session until it ends, a signal arrives or the terminal goes. A take that is not kept is dropped.
  ///
  /// - Parameter signals: the signalfd(2) of the signals that end the session, and of SIGWINCH.
  func run(_ keyboard: Keyboard, _ signals: borrowing FileDescriptor) throws {
    defer { handle(.command(.quitNow)) }
    var shown = Monotonic(nanoseconds: 0)
    while !session.isEnded {
      let next = shown.adding(milliseconds: Self.frameInterval)
      if next <= .now {
        show()
        shown = .now
      }
      var poll = Poll()
      let signal = poll.add(signals.raw, events: POLLIN)
      let pressed = poll.add(0, events: POLLIN)
      let played = poll.add(player.descriptor, events: POLLIN)
      microphone?.add(to: &poll)
      let due = microphone == nil ? session.deadline : nil
      try poll.wait(until: max(next, due ?? Monotonic.now.adding(milliseconds: Self.readInterval)))
      if poll.answer(signal) != 0, signals.takeSignal() != SIGWINCH { return }
      if poll.answer(played) != 0 { player.takeEvents() }
      if poll.answer(pressed) != 0 {
        guard let keys = keyboard.keys() else { return }
        for key in keys { press(key) }
        shown = Monotonic(nanoseconds: 0)
      }
      if microphone != nil { read(poll) } else { handle(.tick) }
    }
  }

  private func show() {
    RecordScreen(session: session, voice: voice, player: player, loss: loss, hint: hint).show()
  }

  private func press(_ key: Keyboard.Key) {
    let command = RecordKeys.command(key, in: session.phase)
    hint = command == nil ? RecordKeys.hint(in: session.phase) : ""
    handle(.command(command ?? .dismissNotice))
  }

  private func read(_ poll: Poll) {
    do throws(CaptureError) {
      guard let sound = try microphone?.read(after: poll) else { return }
      handle(.audio(sound.samples, isTorn: sound.isTorn))
    } catch {
      (microphone, loss) = (nil, error)
      handle(.microphoneLost(cause: error.cause))
    }
  }

  private func handle(_ event: RecordingSession.Event) {
    for effect in session.handle(event, at: .now) { perform(effect) }
  }

  private func perform(_ effect: RecordingSession.Effect) {
    switch effect {
    case .openMicrophone: open()
    case .play(let clip): play(clip)
    case .stopPlayback: player.stop()
    case .writeTake, .keepTake, .dropTake, .loadRecording:
      // The check of a take lasts long enough to be announced.
      if case .writeTake = effect { show() }
      if let event = files.perform(effect) { handle(event) }
    }
  }

  private func open() {
    do throws(CaptureError) {
      let microphone = try Microphone(device: device)
      (self.microphone, loss) = (microphone, nil)
      handle(.microphoneOpened(bits: microphone.bits))
    } catch {
      loss = error
      handle(.microphoneLost(cause: error.cause))
    }
  }

  private func play(_ clip: [UInt8]) {
    do { try player.play(clip) } catch { handle(.playbackFailed(reason: "\(error)")) }
  }
}
