import Board
import Playback

extension SoundConfiguration {
  /// What the board says of its loudspeaker, in the player's words.
  public init(_ sound: Board.Sound, pcm: String) {
    self.init(pcm: pcm)
    channels = sound.channels
    map =
      switch sound.map {
      case .both: .both
      case .left: .left
      case .right: .right
      }
    period = sound.period
    buffer = sound.buffer
    rewind = sound.rewind
    stream =
      switch sound.stream {
      case .prepared: .prepared
      case .running: .running(sleep: sound.sleep * 60_000)
      }
    lead = sound.lead * 48
    gain = sound.gain
    volume = sound.volume.standard
    mixer = sound.mixer.map { Mixer(card: $0.card, element: $0.element) }
  }
}
