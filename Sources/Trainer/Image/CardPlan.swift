import Board
import BoardJSON
import Catalogue
import Diagnostics
import Encoding
import Kit
import Posix
import Wiring

/// A card that was thought through: its board, kit and keys fit each other and the base image.
public struct CardPlan: Sendable {
  /// The path of the board file.
  public let boardFile: String
  /// The board, with the changes of the settings.
  public let board: Board
  /// The compiled board.
  let boardJSON: [UInt8]
  /// The kit; its clips are verified when it is installed.
  public let kit: KitFile
  /// The keys that the device trusts.
  public let keys: [PublicKey]
  /// The settings.
  public let settings: CardSettings
  /// The lines of `firstword.txt`, for the firmware.
  let firmware: [String]
  /// What the device needs for its channel; nil if it follows none.
  let channel: CardChannel?
  /// What the device cannot do, or what is unusual.
  public let warnings: [Diagnostic]

  /// Plans a card.
  ///
  /// - Parameters:
  ///   - base: the base image.
  ///   - boardFile: the path of the board file in YAML.
  ///   - catalogue: the catalogue, for the buttons' names and for headers.
  ///   - kit: the path of the kit.
  ///   - trusted: the publishers' public keys.
  ///   - settings: everything else.
  /// - Throws: `.refused` with all reasons that were found.
  public init(
    base: BaseImage, boardFile: String, catalogue: Catalogue, kit: String, trusted: TrustedKeys,
    settings: CardSettings = CardSettings()
  ) throws(ImageError) {
    let source: BoardSource
    let weaknesses: [Diagnostic]
    var wiring: Wiring?
    do throws(DiagnosticsError) {
      source = try BoardFile.source(boardFile, catalogue: catalogue)
      weaknesses = try BoardFile.check(boardFile, catalogue: catalogue).warnings
      // Without a header the board has keys only, or pins that nobody described.
      if source.header != nil {
        wiring = try Wiring(source, header: try HeaderFile.read(for: source, catalogue: catalogue.directory))
      }
    } catch { throw .refused(error.diagnostics) }
    let file: KitFile
    do throws(KitError) {
      file = try KitFile(path: kit)
      if !trusted.keys.isEmpty { try file.signer(trustedBy: trusted) }
    } catch {
      if case .system(let error) = error.cause { throw .system(error) }
      throw .refused([Diagnostic(path: kit, message: "\(error)", remedy: nil)])
    }
    let rules = CardRules(
      base: base.description, source: source, sound: wiring?.sound ?? SoundOutput(source.board.sound), kit: file,
      settings: settings)
    channel = settings.channel.map { CardChannel($0, base: base.description) }
    var refusals = rules.refusals + (channel?.refusals ?? [])
    if trusted.keys.isEmpty {
      refusals.append(
        Diagnostic(path: kit, message: "no key is trusted", remedy: "name the publisher's .pub file by --trust"))
    }
    let firmware = FirmwareLines(board: source.board, sound: rules.sound)
    refusals += firmware.refusals(base: base, boardFile: boardFile, soundLine: source.soundLine)
    if !refusals.isEmpty { throw .refused(refusals) }
    let board = rules.board
    do throws(DocumentError) { boardJSON = try board.json() } catch {
      throw .refused([Diagnostic(path: boardFile, message: "\(error)", remedy: "correct the board file")])
    }
    self.boardFile = boardFile
    self.board = board
    self.kit = file
    keys = trusted.keys
    self.settings = settings
    self.firmware = firmware.lines
    warnings = (weaknesses + rules.warnings + (channel?.warnings ?? [])).sorted()
  }
}
