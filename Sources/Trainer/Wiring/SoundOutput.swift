import Board
import Catalogue

/// How the sound leaves a board.
public enum SoundOutput: Equatable, Sendable {
  /// A USB sound card.
  case usb
  /// A card or amplifier on the I2S pins.
  case i2s
  /// The headphone jack of the board itself.
  case jack
  /// `pcm:` does not show it: `default`, or a card that this list does not know.
  case unknown

  /// Determines the output from the name of the PCM, unless the board file gives it outright.
  ///
  /// - Parameters:
  ///   - sound: the sound of the board.
  ///   - given: `sound:` in `header:`.
  public init(_ sound: Board.Sound, given: BoardHeader.Sound? = nil) {
    switch given {
    case .usb: self = .usb
    case .i2s: self = .i2s
    case .jack: self = .jack
    case nil:
      let name = sound.pcm.lowercased()
      func contains(_ words: [String]) -> Bool { words.contains { name.contains($0) } }
      if contains(Self.i2sCards) {
        self = .i2s
      } else if contains(["card=headphones", "card=bcm2835", "card=alsa,", "analog"]) {
        self = .jack
      } else if contains(["card=device", "usb"]) {
        self = .usb
      } else {
        self = .unknown
      }
    }
  }

  /// Parts of the names that drivers give to cards on the I2S pins, in lower case.
  private static let i2sCards = [
    "hifiberry", "max98357", "pcm5102", "pcm512", "iqaudio", "rpidac", "rpi_dac", "i2s", "googlevoi", "simplecar",
    "audioinjector", "justboom", "bossdac", "wm8960", "seeed2mic", "wm8804",
  ]
}
