import Glibc
import Playback
import Posix

/// Plays clips to a person who answers at the keyboard, and may answer before the end.
final class Ear {
  private let pcm: String
  private let player: Player
  /// Why there is no sound; told once.
  private(set) var silence: String?
  private var token: UInt32 = 0

  /// - Parameter pcm: of ALSA. Waits until its card has answered, one way or the other.
  init(pcm: String) throws {
    self.pcm = pcm
    player = try Player(SoundConfiguration(pcm: pcm))
    var isFound = false
    while !isFound && silence == nil {
      var poll = Poll()
      _ = poll.add(player.eventDescriptor, events: POLLIN)
      try poll.wait(until: nil)
      for event in player.takeEvents() {
        if event.kind == .found { isFound = true }
        hear(event)
      }
    }
  }

  /// Whether something can be heard.
  var works: Bool { silence == nil }

  /// Begins to play a clip; what sounds already ends.
  func play(_ clip: [UInt8]) throws {
    guard works else { return }
    token += 1
    _ = player.play(try PreparedClip(clip), token: token)
  }

  /// Asks, and waits for a line; what sounds goes on until then. Nil at the end of input.
  func line(_ question: String) throws -> String? {
    Terminal.write(2, question)
    while true {
      var poll = Poll()
      let keyboard = poll.add(0, events: POLLIN)
      _ = poll.add(player.eventDescriptor, events: POLLIN)
      try poll.wait(until: nil)
      for event in player.takeEvents() { hear(event) }
      guard poll.answer(keyboard) != 0 else { continue }
      let line = Terminal.line()
      player.stop()
      return line
    }
  }

  private func hear(_ event: PlaybackEvent) {
    guard [.lost, .failed].contains(event.kind), silence == nil else { return }
    let cause = Player.cause(event.code)
    silence = cause
    Terminal.remark(
      "no sound from '\(pcm)' (\(cause)): recordings are left out, for nobody can approve what was not heard; "
        + "'aplay -L' lists the cards, --pcm chooses one")
  }
}
