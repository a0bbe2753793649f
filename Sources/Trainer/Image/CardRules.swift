import Board
import Catalogue
import Diagnostics
import Encoding
import Kit
import Wiring

/// The rules for what may go onto one card together.
struct CardRules: Sendable {
  let base: BaseDescription
  let source: BoardSource
  let sound: SoundOutput
  let kit: KitFile
  let settings: CardSettings

  private var manifest: KitManifest { kit.manifest }

  /// The labels of the GPIO chips of the computers that the image starts.
  private static let chips = ["pinctrl-bcm2835", "pinctrl-bcm2711"]

  /// A volume in dB below which a message is hardly heard beside a person who speaks.
  private static let faint = -30.0

  /// The board with the changes of the settings.
  var board: Board {
    var board = source.board
    if !settings.keepsJournal { board.journal.isKept = false }
    if let volume = settings.volume { board.sound.volume.standard = volume }
    return board
  }

  /// What forbids the card.
  var refusals: [Diagnostic] { draft + languages + answers + computer + volume + serial }

  private func ofBoard(_ message: String, _ remedy: String, line: Int? = nil) -> Diagnostic {
    Diagnostic(path: source.path, line: line, message: message, remedy: remedy)
  }

  private func ofKit(_ message: String, _ remedy: String) -> Diagnostic {
    Diagnostic(path: kit.path, message: message, remedy: remedy)
  }

  private var draft: [Diagnostic] {
    if !manifest.draft { return [] }
    if source.board.use == .field {
      return [ofKit("it is a DRAFT, and the board is for the field", "build a release ('firstword build --release')")]
    }
    if settings.allowsDraft { return [] }
    return [ofKit("it is a DRAFT", "build a release, or add --allow-draft for a trial with people who know it")]
  }

  /// Several languages need a way to choose one, and the responder's own language must be there.
  private var languages: [Diagnostic] {
    var found: [Diagnostic] = []
    if source.board.weaknesses.contains(.noLanguageChoice) {
      let weakness = Board.Weakness.noLanguageChoice
      found.append(ofBoard(weakness.message, weakness.remedy))
    }
    if let language = settings.language, manifest.operatorLanguage != language {
      let speaks = manifest.operatorLanguage.map { "it speaks '\($0)' to the responder" } ?? "it only plays tones"
      found.append(
        ofKit("\(speaks), not '\(language)'", "set 'operator-language: \(language)' in kit.yaml, and build it again"))
    }
    return found
  }

  /// A kit that knows no other answers than the listener's own buttons needs such buttons.
  private var answers: [Diagnostic] {
    let weaknesses = source.board.weaknesses(withAnswers: manifest.answers.modes)
    if manifest.answers.modes != [.buttons] || !weaknesses.contains(.noListenerButtons) { return [] }
    return [ofBoard(Board.Weakness.noListenerButtons.message, Board.Weakness.noListenerButtons.remedy)]
  }

  /// The image starts some computers only.
  private var computer: [Diagnostic] {
    if let header = source.header, header.name != "raspberry-pi" {
      return [
        ofBoard(
          "the board is a '\(header.name)', and the image starts a Raspberry Pi only",
          "install the Debian packages on that computer", line: header.line)
      ]
    }
    if let line = source.board.lines.buttons.firstIndex(where: { $0.chip == "pinctrl-rp1" }) {
      return [
        ofBoard(
          "its lines are a Raspberry Pi 5's, which the image does not start from a card",
          "take a Raspberry Pi 3, 4 or Zero 2 W", line: source.buttonLines[line])
      ]
    }
    return []
  }

  private var volume: [Diagnostic] {
    let allowed = source.board.sound.volume
    guard let volume = settings.volume, !(allowed.floor...allowed.ceiling).contains(volume) else { return [] }
    return [
      ofBoard(
        "a volume of \(volume) dB is outside of the board's \(allowed.floor) to \(allowed.ceiling) dB",
        "give --volume within them, or change 'volume' in the board file")
    ]
  }

  private var serial: [Diagnostic] {
    guard let serial = settings.serial else { return [] }
    do throws(DocumentError) {
      try Rule.word(serial, "--serial", alphabet: Rule.names, limit: 40)
      return []
    } catch {
      return [
        Diagnostic(path: "--serial", message: error.why, remedy: "use letters, digits and hyphens, 40 at most")
      ]
    }
  }

  // MARK: - Warnings

  /// What the device cannot do with this kit, or what is unusual.
  var warnings: [Diagnostic] {
    var found: [Diagnostic] = []
    func warn(_ path: String, _ message: String, _ remedy: String, line: Int? = nil) {
      found.append(Diagnostic(.warning, path: path, line: line, message: message, remedy: remedy))
    }
    for weakness in source.board.weaknesses(withAnswers: manifest.answers.modes) {
      warn(source.path, weakness.message, weakness.remedy)
    }
    if manifest.operatorLanguage == nil {
      warn(
        kit.path, "the device does not speak to the responder: it plays tones", "add the operator's lines to the kit")
    }
    let foreign = source.board.lines.buttons.firstIndex { !Self.chips.contains($0.chip) && $0.chip != "pinctrl-rp1" }
    if let foreign {
      warn(
        source.path, "none of the image's computers has a chip '\(source.board.lines.buttons[foreign].chip)'",
        "write \(Self.chips.joined(separator: " or ")) for a Raspberry Pi", line: source.buttonLines[foreign])
    }
    let level = board.sound.gain + board.sound.volume.standard
    if level < Self.faint {
      warn(source.path, "with \(level) dB the messages are hardly heard", "raise 'gain' or 'volume'")
    }
    switch sound {
    case .jack:
      warn(
        source.path, "the headphone jack is untried with this image", "take a USB or I2S sound card",
        line: source.soundLine)
    case .unknown:
      warn(
        source.path, "'\(source.board.sound.pcm)' does not show which sound card it is",
        "name the card itself, such as hw:CARD=Device", line: source.soundLine)
    case .usb, .i2s: break
    }
    if base.login == true {
      warn("the base image", "somebody with a keyboard or a network can log in", "use the published image in the field")
    }
    return found
  }
}
