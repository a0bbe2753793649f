import Board
import Diagnostics
import Glibc
import Playback
import Posix

/// Plays clips while the program asks questions at the keyboard. One thread uses it.
final class PreviewPlayer {
  private let pcm: String
  private let consequence: String?
  private let player: ClipPlayer
  /// Why the card gives no sound; `nil` while it works.
  private(set) var failure: String?
  private var token: UInt32 = 0
  /// Whether the last clip has ended.
  private(set) var isIdle = true

  /// Opens the card, and waits until it is open or refused.
  ///
  /// - Parameters:
  ///   - pcm: ALSA PCM.
  ///   - consequence: what the program does without sound; reported once with the cause. `nil` reports nothing.
  /// - Throws: when the player's threads or descriptors cannot be created.
  init(pcm: String, consequence: String? = nil) throws {
    self.pcm = pcm
    self.consequence = consequence
    player = try ClipPlayer(Board.Sound(pcm: pcm))
    var isFound = false
    while !isFound && failure == nil {
      var poll = Poll()
      _ = poll.add(player.eventDescriptor, events: POLLIN)
      try poll.wait(until: nil)
      for event in player.takeEvents() {
        if event.kind == .found { isFound = true }
        handle(event)
      }
    }
  }

  /// Whether clips can be heard.
  var works: Bool { failure == nil }

  /// Plays an Ogg Opus file instead of what plays now. Does nothing without sound.
  ///
  /// - Throws: when the file cannot be decoded.
  func play(_ clip: [UInt8]) throws {
    guard works else { return }
    token += 1
    isIdle = !player.play(try PreparedClip(clip), token: token)
  }

  /// Stops the playback.
  func stop() { player.stop() }

  /// Readable (POLLIN) when `takeEvents` has something to take.
  var descriptor: CInt { player.eventDescriptor }

  /// Takes the player's events, which update `failure` and `isIdle`.
  func takeEvents() { for event in player.takeEvents() { handle(event) } }

  /// Asks a question and reads a line from standard input. Playback continues until the line is complete.
  ///
  /// - Returns: the line; `nil` at the end of input.
  func line(_ question: Printable) throws -> String? {
    Terminal.write(2, question)
    while true {
      var poll = Poll()
      let keyboard = poll.add(0, events: POLLIN)
      _ = poll.add(player.eventDescriptor, events: POLLIN)
      try poll.wait(until: nil)
      takeEvents()
      guard poll.answer(keyboard) != 0 else { continue }
      let line = Terminal.line()
      player.stop()
      return line
    }
  }

  private func handle(_ event: PlaybackEvent) {
    if event.token == token, [.completed, .stopped, .failed].contains(event.kind) { isIdle = true }
    guard [.lost, .failed].contains(event.kind), failure == nil else { return }
    let cause = ClipPlayer.cause(event.code)
    failure = cause
    if let consequence {
      Terminal.remark(
        "no sound from '\(pcm)' (\(cause)): \(consequence); 'aplay -L' lists the cards, --pcm chooses one")
    }
  }
}
