import Board
import Glibc
import Panel
import Playback

/// The card of a board: whether it is there, and whether it does what the board says of it.
struct SoundChecks {
  private let sound: Board.Sound
  private let pcm: String

  init(_ board: Board, pcm: String?) {
    sound = board.sound
    self.pcm = pcm ?? board.sound.pcm
  }

  func run() -> [Check] {
    let configuration = SoundConfiguration(sound, pcm: pcm)
    switch CardProbe.look(configuration) {
    case .failure(let failure): return [Check("card", .error, "\(pcm): \(failure.cause)", remedy: remedy(failure.code))]
    case .success(let probe):
      let kind = probe.isHardware ? "the card itself" : "a plugin before the card"
      return [
        Check("card", .ok, "\(pcm): there, \(kind), holds \(probe.buffer) frames"), rates(probe), rewind(probe),
      ] + mixer(configuration)
    }
  }

  private func remedy(_ code: CInt) -> String {
    switch code {
    case EBUSY: "another program has it: stop that one (a running firstwordd is asked by 'firstword ctl status')"
    case EACCES, EPERM: "add this user to the group audio"
    case EINVAL: "it cannot do what the board asks (48 kHz, 16 bits, \(sound.channels) channels): correct 'sound'"
    default: "plug it in; 'aplay -L' lists the names for 'pcm' in the board file"
    }
  }

  private func rates(_ probe: CardProbe) -> Check {
    let text =
      "\(probe.rates.lowerBound) to \(probe.rates.upperBound) Hz, "
      + "\(probe.channels.lowerBound) to \(probe.channels.upperBound) channels"
    if !probe.hasRate {
      return Check(
        "card rates", .error, "\(text): not 48000 Hz",
        remedy: "put 'plughw:' in the place of 'hw:' in the board file, so that libasound resamples")
    }
    if !probe.channels.contains(sound.channels) {
      return Check(
        "card rates", .warning, "\(text): not the board's \(sound.channels)",
        remedy: "correct 'channels' in the board file")
    }
    return Check("card rates", .ok, "\(text), 48000 among them")
  }

  private func rewind(_ probe: CardProbe) -> Check {
    let text = "gave back \(probe.rewound) of \(probe.queued) frames"
    if !sound.rewind {
      return Check("card rewind", .ok, "\(text); the board does not ask for it")
    }
    if probe.rewound == 0 {
      return Check(
        "card rewind", .warning, "\(text): a stop halts the card in mid-phrase",
        remedy: "write 'rewind: false' and a buffer of two or three periods in the board file")
    }
    return Check("card rewind", .ok, text)
  }

  private func mixer(_ configuration: SoundConfiguration) -> [Check] {
    guard let mixer = configuration.mixer else { return [] }
    let name = "\(mixer.card) \(mixer.element)"
    if let cause = CardProbe.setMixer(mixer, volume: sound.volume.standard) {
      return [
        Check(
          "mixer", .error, "\(name): \(cause)",
          remedy: "'amixer -D \(mixer.card) scontrols' lists the names for 'mixer'")
      ]
    }
    return [Check("mixer", .ok, "\(name): set to \(sound.volume.standard) dB")]
  }
}
