import Glibc
import Playback
import Posix

/// Plays clips to a person who answers at the keyboard, and may answer before the end.
final class Ear {
  private let pcm: String
  private let consequence: String?
  private let player: Player
  /// Why there is no sound.
  private(set) var silence: String?
  private var token: UInt32 = 0
  /// The clip that was played last has come to its end.
  private(set) var isIdle = true

  /// - Parameters:
  ///   - pcm: of ALSA. Waits until its card has answered, one way or the other.
  ///   - consequence: what follows where there is no sound, told once with its cause; nothing is told without it.
  init(pcm: String, consequence: String? = nil) throws {
    self.pcm = pcm
    self.consequence = consequence
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
    isIdle = !player.play(try PreparedClip(clip), token: token)
  }

  func stop() { player.stop() }

  /// poll(2) it for POLLIN, then `attend`.
  var descriptor: CInt { player.eventDescriptor }

  /// Takes what the player tells.
  func attend() { for event in player.takeEvents() { hear(event) } }

  /// Asks, and waits for a line; what sounds goes on until then. Nil at the end of input.
  func line(_ question: String) throws -> String? {
    Terminal.write(2, question)
    while true {
      var poll = Poll()
      let keyboard = poll.add(0, events: POLLIN)
      _ = poll.add(player.eventDescriptor, events: POLLIN)
      try poll.wait(until: nil)
      attend()
      guard poll.answer(keyboard) != 0 else { continue }
      let line = Terminal.line()
      player.stop()
      return line
    }
  }

  private func hear(_ event: PlaybackEvent) {
    if event.token == token, [.completed, .stopped, .failed].contains(event.kind) { isIdle = true }
    guard [.lost, .failed].contains(event.kind), silence == nil else { return }
    let cause = Player.cause(event.code)
    silence = cause
    if let consequence {
      Terminal.remark(
        "no sound from '\(pcm)' (\(cause)): \(consequence); 'aplay -L' lists the cards, --pcm chooses one")
    }
  }
}
