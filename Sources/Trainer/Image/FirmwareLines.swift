import Board
import Diagnostics
import Wiring

/// The lines of `firstword.txt`, which the firmware of a Raspberry Pi reads after `config.txt`: the overlay of the
/// sound card, and the pulls of lines whose board file leaves them as they are.
struct FirmwareLines: Equatable, Sendable {
  /// The lines, without line ends.
  let lines: [String]
  /// The name of the PCM of an I2S card without an overlay in the image; nil if there is none.
  let strangeCard: String?

  /// The image's overlays, by a part of the card's name in lower case.
  private static let overlays = [
    ("max98357a", "firstword-max98357a"), ("pcm5102a", "firstword-pcm5102a"), ("sndrpihifiberry", "firstword-pcm5102a"),
  ]

  /// Decides the lines for a board.
  init(board: Board, sound: SoundOutput) {
    var lines: [String] = []
    let pcm = board.sound.pcm.lowercased()
    var strangeCard: String?
    switch sound {
    case .i2s:
      if let overlay = Self.overlays.first(where: { pcm.contains($0.0) }) {
        lines.append("dtoverlay=\(overlay.1)")
      } else {
        strangeCard = board.sound.pcm
      }
    case .jack: lines.append("dtparam=audio=on")
    case .usb, .unknown: break
    }
    for (level, pull) in [(Board.ActiveLevel.low, "pu"), (.high, "pd")] {
      let own = board.lines.buttons.filter { line in
        line.chip.hasPrefix("pinctrl-bcm") && line.bias == nil && line.active == level
      }
      if !own.isEmpty { lines.append("gpio=\(own.map { String($0.line) }.joined(separator: ","))=ip,\(pull)") }
    }
    self.lines = lines
    self.strangeCard = strangeCard
  }

  /// Returns what forbids these lines with an image.
  func refusals(base: BaseImage, boardFile: String, soundLine: Int) -> [Diagnostic] {
    if let strangeCard {
      return [
        Diagnostic(
          path: boardFile, line: soundLine, message: "the image has no overlay for the I2S card '\(strangeCard)'",
          remedy: "use a MAX98357A (hw:CARD=MAX98357A), a PCM5102A (hw:CARD=sndrpihifiberry) or a USB card")
      ]
    }
    if lines.isEmpty { return [] }
    guard let config = base.description.config else {
      return [
        Diagnostic(
          path: base.path, message: "the image has no place for \(lines.joined(separator: ", "))",
          remedy: "use an image of this release")
      ]
    }
    return content(length: config.length) == nil
      ? [Diagnostic(path: boardFile, message: "its lines need more room than firstword.txt has", remedy: "set 'bias:'")]
      : []
  }

  /// Returns the content of the file, filled up with a comment; nil if it does not fit.
  ///
  /// - Parameter length: the length of the file in bytes, which stays.
  func content(length: Int) -> [UInt8]? { Self.content(lines, length: length) }

  /// Returns the content of a file with these lines, filled up with a comment; nil if they do not fit.
  static func content(_ lines: [String], length: Int) -> [UInt8]? {
    let text = Array(lines.map { $0 + "\n" }.joined().utf8)
    if text.count + 1 > length { return nil }
    return text + [UInt8](repeating: UInt8(ascii: "#"), count: length - text.count - 1) + [10]
  }
}
