import Board
import Encoding
import Kit

/// What is on a card: `/etc/firstword/card.json` of the device, where `firstword doctor --acceptance` reads it.
///
/// The same inputs give the same bytes: it has no time.
public struct CardRecord: Codable, Equatable, Sendable {
  /// The format of the document.
  public static let format = "firstword-card/1"

  /// A key that the device trusts.
  public struct Key: Codable, Equatable, Sendable {
    /// Its id in 16 digits.
    public var id: String
    /// The key as `minisign -P` takes it.
    public var key: String
  }

  /// The format of this document.
  public var format: String
  /// The number or name that the owner gave the device.
  public var serial: String?
  /// The version of the base image.
  public var image: String
  /// The version of the program that made the card.
  public var program: String
  /// The name of the board.
  public var board: String
  /// The name of the board file.
  public var boardFile: String
  /// Whether the board is for trials or for the field.
  public var use: Board.Use
  /// The SHA-256 of the compiled board.
  public var boardHash: String
  /// The name of the PCM that plays.
  public var pcm: String
  /// Name of the kit.
  public var kit: String
  /// Version of the kit.
  public var version: String
  /// The SHA-256 of its `kit.json`.
  public var kitHash: String
  /// Whether it is a draft.
  public var draft: Bool
  /// The languages for listeners, in the kit's order.
  public var languages: [String]
  /// The language in which the device speaks to the responder; nil if it plays tones.
  public var operatorLanguage: String?
  /// The answer modes.
  public var answers: [AnswerMode]
  /// The number of clips.
  public var clips: Int
  /// The ids of the trusted keys that signed the kit.
  public var signers: [String]
  /// The keys that the device trusts.
  public var keys: [Key]
  /// Whether the device keeps a journal.
  public var journal: Bool
  /// The mirrors of the channel that the device follows; nil for none.
  public var channel: [String]?

  /// Creates the record of a planned card.
  init(_ plan: CardPlan, image: String) {
    format = Self.format
    serial = plan.settings.serial
    self.image = image
    program = programVersion
    board = plan.board.name
    boardFile = plan.boardFile.split(separator: "/").last.map(String.init) ?? plan.boardFile
    use = plan.board.use
    boardHash = Digest.sha256(plan.boardJSON)
    pcm = plan.board.sound.pcm
    let manifest = plan.kit.manifest
    (kit, version, draft) = (manifest.name, manifest.version, manifest.draft)
    kitHash = plan.kit.sha256
    languages = manifest.bundles.map(\.tag)
    operatorLanguage = manifest.operatorLanguage
    answers = manifest.answers.modes
    clips = plan.kit.clipCount
    let trusted = Set(plan.keys.map(\.id))
    signers = plan.kit.claimedSigners.map(\.key).filter(trusted.contains).map(\.description)
    keys = plan.keys.map { Key(id: $0.id.description, key: $0.base64) }
    journal = plan.board.journal.isKept
    channel = plan.settings.channel?.mirrors
  }

  /// Reads the record of a device.
  public init(json: [UInt8]) throws(DocumentError) {
    do throws(DocumentError) { self = try Documents.decode(CardRecord.self, from: json) } catch {
      if let found = Documents.format(of: json), found != Self.format { throw .format(found, expected: Self.format) }
      throw error
    }
    if format != Self.format { throw .format(format, expected: Self.format) }
  }
}
