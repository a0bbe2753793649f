import Board
import Buttons
import Console
import Control
import Journal
import Kit
import Panel
import Playback
import Posix

// The console's effects to the player, and the player's events to the console.

extension Daemon {
  /// Carries out effects, and those of messages that could not be played.
  ///
  /// - Parameter press: The press that caused them, if one did.
  func perform(_ effects: [Console.Effect], of press: FrontPanel.Press? = nil) {
    var unplayed = carryOut(effects, of: press)
    while !unplayed.isEmpty {
      let token = unplayed.removeFirst()
      unplayed += carryOut(console.handle(.ended(token, .failed, frames: 0, at: .now)), of: nil)
    }
    cache.fill(around: console.language, introductions: console.introductions)
  }

  /// Carries out effects: commands to the player first, the journal after them.
  ///
  /// - Returns: The tokens of messages that could not be played.
  private func carryOut(_ effects: [Console.Effect], of press: FrontPanel.Press?) -> [UInt32] {
    var unplayed: [UInt32] = []
    for effect in effects {
      switch effect {
      case .play(let message, let token):
        amplifier?.prepare()
        if !play(message, token) { unplayed.append(token) }
      case .stop: player.stop()
      case .signal(let signal): play(signal)
      case .turn(let turn):
        knob.turn(turn)
        player.setVolume(knob.decibels)
      case .journal: break
      }
    }
    if let press {
      if effects.contains(where: \.isHeard) { panel.recordLatency(of: press) }
      server?.publish(
        ControlEvent("press", monotonic: press.time.nanoseconds, button: press.button.description, detail: press.path))
    }
    for case .journal(let event) in effects { note(locatingCut(event.completingMessage(withClip))) }
    return unplayed
  }

  /// Returns the same event with the part of a question with a formula in which it was cut.
  private func locatingCut(_ event: JournalEvent) -> JournalEvent {
    guard case .ended(let message, _, _, _) = event, message.formula != nil, let question = clip(of: message) else {
      return event
    }
    return event.locatingCut(question: question.frames / 48, pause: kit.manifest.answers.pause)
  }

  /// Prepares the next clip of the cache. A formula that cannot be played makes its questions unavailable, before
  /// anybody requests one.
  func prepareNextClip() {
    guard let formula = cache.prepareNext() else { return }
    withdraw(formula.clip, of: formula.language, because: formula.cause)
  }

  private func withdraw(_ formula: Clip, of language: String, because cause: String) {
    say("\(cause)")
    note(
      .damaged(
        JournalMessage(
          language: language, prompt: formula.prompt, form: formula.form?.rawValue, voice: formula.voice,
          clip: formula.sha256, audience: .listener), cause: cause))
    damagedFormulas.append("\(language) \(formula.voice): '\(formula.item)' is damaged: its questions are unavailable")
    console.withdraw(formula.item, in: language, voice: formula.voice)
  }

  /// Why questions cannot be asked: formulas that the kit lacks, and damaged ones.
  var formulaFaults: [String] { kit.missingFormulas + damagedFormulas }

  /// Plays a message; returns false if it cannot be played, and then nothing sounds.
  private func play(_ message: Console.Message, _ token: UInt32) -> Bool {
    let item = KitLayout.item(message.prompt, message.form)
    guard let clip = kit.clip(of: item, in: message.language, voice: message.voice) else { return false }
    var formula: Clip?
    if let id = message.formula {
      formula = kit.clip(of: id, in: message.language, voice: message.voice)
      // A question without its formula would ask for an answer that nobody explained.
      if formula == nil { return false }
    }
    if let formula {
      // It may not have been prepared yet.
      do { _ = try cache.clip(formula) } catch {
        withdraw(formula, of: message.language, because: "\(error)")
        player.stop()
        return false
      }
    }
    do {
      guard let formula else { return player.play(try cache.clip(clip), token: token) }
      return player.play(try cache.clip(clip, then: formula), token: token)
    } catch {
      // A damaged clip is never played: the responder is given a signal.
      say("\(error)")
      note(.damaged(withClip(message.recorded), cause: "\(error)"))
      player.stop()
      return false
    }
  }

  private func play(_ signal: OperatorSignal) {
    let tone: Tone =
      switch signal {
      case .error: .error
      case .done: .done
      case .noLanguage, .notAvailable, .noneOfThese, .caution: .notAvailable
      }
    play(tone)
  }

  /// Returns the message with the hashes of its clips and its voice.
  private func withClip(_ message: JournalMessage) -> JournalMessage {
    let played = clip(of: message)
    var complete = message
    (complete.clip, complete.voice) = (played?.sha256, played?.voice)
    complete.formulaClip =
      message.formula.flatMap { kit.playedClip(of: $0, in: message.language, voice: message.voice) }?.sha256
    return complete
  }

  /// Returns the clip of a message that was played; of a question that of its words.
  private func clip(of message: JournalMessage) -> Clip? {
    let form = message.form.flatMap(Form.init(rawValue:)) ?? .base
    return kit.playedClip(
      of: KitLayout.item(message.prompt, form), in: message.language, voice: message.voice)
  }

  /// Takes an event of the player.
  func take(_ event: PlaybackEvent) {
    switch event.kind {
    case .started: perform(console.handle(.started(event.token, at: Monotonic(nanoseconds: event.time))))
    case .completed: end(event, .completed)
    case .stopped: end(event, .stopped)
    case .interrupted: end(event, .interrupted)
    case .truncated: end(event, .truncated)
    case .failed: end(event, .failed)
    case .lost:
      let cause = ClipPlayer.cause(event.code)
      // The audio thread reports a card that it loses, and the thread that looks for another reports it once more.
      if !hasSound && soundCause == cause { break }
      hasSound = false
      soundCause = cause
      say("\(pcm): no sound card (\(cause)); retried until one appears")
      note(.device(.soundLost, detail: "\(pcm): \(cause)"))
      Readiness.notify("STATUS=no sound card: \(pcm): \(cause); kit \(kit.name), board \(board.name)")
    case .found:
      if !hasSound {
        note(.device(.soundFound, detail: pcm))
        Readiness.notify("STATUS=kit \(kit.name), board \(board.name)")
      }
      hasSound = true
      soundCause = nil
    case .underrun:
      underruns += 1
    }
  }

  private func end(_ event: PlaybackEvent, _ outcome: MessageOutcome) {
    perform(
      console.handle(
        .ended(event.token, outcome, frames: event.frames, lost: event.lost, at: Monotonic(nanoseconds: event.time))))
  }

  /// What the LEDs show.
  var indication: Board.LED.State {
    if !hasSound { return .error }
    switch console.indication {
    case .ready:
      if notices.isBusy { return .waiting }
      if isStoreDamaged || notices.hasFailed || journal?.status.failure != nil { return .error }
      return kit.manifest.draft ? .draft : .ready
    case .playing: return .playing
    case .waiting: return .waiting
    case .error: return .error
    }
  }
}
