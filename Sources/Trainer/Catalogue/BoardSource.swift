import Board
import Diagnostics

/// A board with what its file says beside the compiled board: the header, and the lines of the file for findings.
public struct BoardSource: Sendable {
  /// The path of the file, as the user named it.
  public let path: String
  /// The board.
  public let board: Board
  /// The header that the lines are wired to; nil where the file names none.
  public let header: BoardHeader?
  /// The line in the file of each button of `board.lines`, from 1.
  public let buttonLines: [Int]
  /// The line in the file of each LED of the board, from 1.
  public let ledLines: [Int]
  /// The line in the file of `pcm:`, from 1.
  public let soundLine: Int
}

/// What a board file says about its header: `header: raspberry-pi`, or a mapping.
public struct BoardHeader: Equatable, Sendable {
  /// The sound path that the file gives outright.
  public enum Sound: String, CaseIterable, Sendable {
    /// A USB sound card.
    case usb
    /// A card on the I2S pins.
    case i2s
    /// The headphone jack of the board itself.
    case jack
  }

  /// The header's name: `raspberry-pi`.
  public var name: String
  /// The model of the board: `zero-2-w`; nil for the first that fits.
  public var model: String?
  /// The functions that are switched off on the device, so that their pins are free: `spi`.
  public var disabled: [String]
  /// How the sound leaves the board; nil where `pcm:` shows it.
  public var sound: Sound?
  /// The line in the file, from 1.
  public var line: Int

  /// Creates the part of a board file.
  public init(name: String, model: String? = nil, disabled: [String] = [], sound: Sound? = nil, line: Int = 1) {
    self.name = name
    self.model = model
    self.disabled = disabled
    self.sound = sound
    self.line = line
  }

  /// Reads `header:`; nil after adding the errors to the log.
  init?(_ field: Field) {
    if field.isScalar {
      guard let name = field.identifier() else { return nil }
      self.init(name: name, line: field.line)
      return
    }
    guard let map = field.mapping(["name"], optional: ["model", "disabled", "sound"]) else { return nil }
    let name = map["name"]?.identifier()
    let model = map["model"].or(String?.none) { $0.identifier().map(String?.some) }
    let disabled = map["disabled"].or([]) { $0.items(count: 1...20) { $0.identifier() } }
    let sound = map["sound"].or(Sound?.none) { $0.word(Sound.self).map(Sound?.some) }
    guard let name, let model, let disabled, let sound else { return nil }
    self.init(name: name, model: model, disabled: disabled, sound: sound, line: field.line)
  }
}

extension BoardFile {
  /// Reads a board with its header and the lines of the file.
  ///
  /// - Parameters:
  ///   - path: the YAML file.
  ///   - catalogue: the prompts, sequences and modules that buttons may name.
  /// - Throws: `DiagnosticsError` with every error of the file.
  public static func source(_ path: String, catalogue: Catalogue) throws(DiagnosticsError) -> BoardSource {
    let board = try read(path, catalogue: catalogue)
    let root = YAMLFile.read(path, log: DiagnosticLog())
    func value(_ key: String, of field: Field?) -> Field? { field?.entries()?.first { $0.key == key }?.value }
    func items(_ field: Field?) -> [Int] { field?.list(0...1000)?.map(\.line) ?? [] }
    return BoardSource(
      path: path, board: board, header: value("header", of: root).flatMap { BoardHeader($0) },
      buttonLines: items(value("buttons", of: value("lines", of: root))), ledLines: items(value("leds", of: root)),
      soundLine: value("pcm", of: value("sound", of: root))?.line ?? 1)
  }
}
