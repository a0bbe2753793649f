import Board
import Diagnostics
import Glibc
import Playback

/// The checks of the card of a board: presence, rates, rewind and mixer.
struct SoundChecks {
  private let sound: Board.Sound

  /// Prepares the checks.
  ///
  /// - Parameters:
  ///   - board: the board.
  ///   - pcm: the ALSA PCM to check instead of the board's; nil for the board's.
  init(_ board: Board, pcm: String?) {
    var sound = board.sound
    if let pcm { sound.pcm = pcm }
    self.sound = sound
  }

  /// Runs all checks, in silence.
  func run() -> [Diagnostic] {
    switch CardProbe.probe(sound) {
    case .failure(let failure):
      return [Diagnostic("card", .error, "\(sound.pcm): \(failure.cause)", remedy: remedy(failure.code))]
    case .success(let probe):
      let kind = probe.isHardware ? "the card itself" : "a plugin before the card"
      return [
        Diagnostic("card", .note, "\(sound.pcm): there, \(kind), holds \(probe.buffer) frames"), rates(probe),
        rewind(probe),
      ] + mixer()
    }
  }

  private func remedy(_ code: CInt) -> String {
    switch code {
    case EBUSY: "another program uses it: stop that program (ask a running firstwordd with 'firstword ctl status')"
    case EACCES, EPERM: "add this user to the group audio"
    case EINPROGRESS:
      "name the card itself ('hw:CARD=…') for 'pcm' in the board file; 'default' and plugins may wait for a sound server"
    case EINVAL:
      "it does not support what the board asks for (48 kHz, 16 bits, \(sound.channels) channels): correct 'sound'"
    default: "plug it in; 'aplay -L' lists the names for 'pcm' in the board file"
    }
  }

  private func rates(_ probe: CardProbe) -> Diagnostic {
    let text =
      "\(probe.rates.lowerBound) to \(probe.rates.upperBound) Hz, "
      + "\(probe.channels.lowerBound) to \(probe.channels.upperBound) channels"
    if !probe.hasRate {
      return Diagnostic(
        "card rates", .error, "\(text): not 48000 Hz",
        remedy: "replace 'hw:' by 'plughw:' in the board file, so that libasound resamples")
    }
    if !probe.channels.contains(sound.channels) {
      return Diagnostic(
        "card rates", .warning, "\(text): not the board's \(sound.channels)",
        remedy: "correct 'channels' in the board file")
    }
    return Diagnostic("card rates", .note, "\(text), 48000 among them")
  }

  private func rewind(_ probe: CardProbe) -> Diagnostic {
    let text = "rewound \(probe.rewound) of \(probe.queued) frames"
    if !sound.rewind {
      return Diagnostic("card rewind", .note, "\(text); the board does not ask for it")
    }
    if probe.rewound == 0 {
      return Diagnostic(
        "card rewind", .warning, "\(text): a stop halts the card abruptly",
        remedy: "write 'rewind: false' and a buffer of two or three periods in the board file")
    }
    return Diagnostic("card rewind", .note, text)
  }

  private func mixer() -> [Diagnostic] {
    guard let mixer = sound.mixer else { return [] }
    let name = "\(mixer.card) \(mixer.element)"
    if let cause = CardProbe.setMixer(mixer, volume: sound.volume.standard) {
      return [
        Diagnostic(
          "mixer", .error, "\(name): \(cause)",
          remedy: "'amixer -D \(mixer.card) scontrols' lists the names for 'mixer'")
      ]
    }
    return [Diagnostic("mixer", .note, "\(name): set to \(sound.volume.standard) dB")]
  }
}
