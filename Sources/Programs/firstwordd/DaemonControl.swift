import Board
import Buttons
import Console
import Control
import Kit
import Panel
import Playback
import Posix

// The control socket: requests, status and state.

extension Daemon {
  /// The state of the console, for the socket.
  var state: ConsoleState {
    let (progress, message) = (console.progress, console.playing)
    return ConsoleState(
      language: console.language, voice: console.speaker, playing: message?.prompt,
      playingLanguage: message?.language, activity: console.underWay?.name, step: progress?.step, steps: progress?.of,
      candidate: console.candidate, children: console.isForChildren, answerMode: console.answerMode.rawValue,
      answerModes: console.answerModes.map(\.rawValue), led: "\(indication)", volume: knob.decibels,
      quiet: knob.isQuiet)
  }

  /// Publishes the state to the subscribers if it has changed.
  func publishState() {
    if server == nil { return }
    let state = state
    if state == publishedState { return }
    publishedState = state
    server?.publish(ControlEvent("state", monotonic: Monotonic.now.nanoseconds, state: state))
  }

  /// Returns the reply to a request.
  func answer(_ verb: Request.Verb, _ request: Request) -> Reply {
    switch verb {
    case .hello:
      return Reply(id: request.id, ok: true, hello: Hello(program: "firstwordd \(programVersion)"))
    case .status:
      return Reply(id: request.id, ok: true, status: status)
    case .subscribe:
      return Reply(id: request.id, ok: true, state: state)
    case .stop:
      press(.init(.control(.stop), by: "socket", at: .now))
      return .done(request.id)
    case .reload:
      search.begin()
      return .done(request.id)
    case .notice: return take(request)
    case .press:
      guard let name = request.button else {
        return .failed(
          request.id, "bad-request", "press needs a \"button\": a control, a module, or the id of a prompt or sequence")
      }
      if case .prompt(let id) = Button(name), !console.knows(id) {
        let names = Button.names.joined(separator: ", ")
        return .failed(
          request.id, "unknown-button",
          "\"\(name)\" is no prompt, sequence or module of this kit, and none of: \(names)")
      }
      if Button(name).isChord {
        return .failed(
          request.id, "bad-request", "\"\(name)\" is only given on the device itself, together with stop")
      }
      let person = request.by.map(Board.Person.init(rawValue:)) ?? .responder
      guard let person, person == .responder || Button(name).isForListener else {
        return .failed(
          request.id, "bad-request", "\"by\" is listener or responder, and a listener can only press an answer")
      }
      press(.init(Button(name), by: "socket", at: .now, of: person))
      return .done(request.id)
    }
  }

  private var status: DaemonStatus {
    let unavailable = formulaFaults
    return DaemonStatus(
      kit: kit.name, draft: kit.manifest.draft, drafts: acceptsDrafts,
      passedOver: passedOver.isEmpty ? nil : passedOver.map(\.description), storeFault: storeFault,
      unavailable: unavailable.isEmpty ? nil : unavailable,
      signer: kit.signer?.description,
      board: board.name, use: board.use.rawValue, pcm: pcm, sound: hasSound, realTime: player.isRealTime,
      underruns: underruns,
      speaker: SpeakerStatus(
        cause: soundCause, mixerCause: player.mixerCause, stocked: cache.isFilled, memoryLocked: memoryLocked,
        stop: player.rewinds ? .rewind : .drop, stream: board.sound.stream.rawValue, volume: knob.decibels,
        quiet: knob.isQuiet),
      journal: journalStatus, language: console.language, playing: console.playing?.prompt, state: state,
      presses: presses,
      buttons: panel.buttonStatus, inputs: panel.inputStatus, leds: panel.ledStatus,
      latencies: panel.latencyStatus)
  }
}
