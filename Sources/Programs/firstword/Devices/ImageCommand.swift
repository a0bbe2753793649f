import ArgumentParser
import Catalogue
import Diagnostics
import Image
import Kit
import Posix

/// `firstword image`
struct ImageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image", abstract: "Make the image of an SD card: a base image with a board, a kit and keys.",
    discussion: """
      The base image is a system for a Raspberry Pi 3, 4 or Zero 2 W, the same for everybody (Hardware/image). This \
      command copies it, compiles the board, verifies the kit and installs it in the copy's store. It needs no root. \
      Nothing is written to a card: the sheet beside the image says how to do that.

        firstword image base.img --board Hardware/boards/raspberry-pi.yaml --kit shelter.kit --trust publisher.pub -o card.img
        firstword image base.img --board board.yaml --kit shelter.kit --trust keys --serial bus-07 --journal off -o card.img

      With --channel the device has a network and follows a publisher's channel ('firstword channel'): it gets the \
      mirrors, the root that it trusts first, an address by DHCP, and the networks of --wifi. The base image must be one \
      of 'Hardware/image --network'; without --channel nothing of that is used, and no other base image has it. An image \
      with --wifi has the passwords of the networks, and is readable for you alone.

        firstword image net.img --board board.yaml --kit shelter.kit --trust publisher.pub -o card.img \\
          --channel https://kits.example.org/channel --root web/metadata/1.root.json --wifi wifi.conf

      Refused: a file that is no base image, or damaged; a board that the image does not start; a kit that no trusted key \
      signed; a DRAFT for a field board; a kit that the board cannot serve, or that does not fit. The same inputs give \
      the same bytes. Needs debugfs and e2fsck (package e2fsprogs).

      Exit status: 0 written (there may be warnings); 1 refused; 2 a file cannot be read or written.
      """)

  /// Whether the device keeps a journal.
  enum JournalChoice: String, CaseIterable, ExpressibleByArgument { case board, off }

  @Argument(help: ArgumentHelp("The base image.", valueName: "BASE.img"))
  var base: String

  @Option(help: ArgumentHelp("The board file in YAML.", valueName: "FILE"))
  var board: String

  @Option(help: ArgumentHelp("The kit.", valueName: "FILE.kit"))
  var kit: String

  @Option(help: ArgumentHelp("A trusted public key, or a directory of them (*.pub).", valueName: "PUB|DIR"))
  var trust: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The image to write.", valueName: "FILE.img"))
  var output: String

  @Option(help: ArgumentHelp("The sheet to write; default: the image's name with .html.", valueName: "FILE.html"))
  var sheet: String?

  @Option(help: "board: as the board file says; off: the device keeps no journal.")
  var journal = JournalChoice.board

  @Option(help: ArgumentHelp("A number or name for this device: letters, digits, hyphens.", valueName: "NAME"))
  var serial: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Volume after each start, in dB, within the board's limits.", valueName: "DB"))
  var volume: Double?

  @Option(help: ArgumentHelp("The language that the device must speak to the responder.", valueName: "LANG"))
  var language: String?

  @Option(help: ArgumentHelp("A mirror of the channel to follow; may be given again.", valueName: "URL"))
  var channel: [String] = []

  @Option(help: ArgumentHelp("The root of the channel that the device trusts first.", valueName: "N.root.json"))
  var root: String?

  @Option(help: ArgumentHelp("Networks by radio, as in wpa_supplicant.conf(5).", valueName: "FILE"))
  var wifi: String?

  @Flag(help: "Accept a DRAFT kit, for a board in trial use.")
  var allowDraft = false

  @Flag(help: "JSON output.")
  var json = false

  @OptionGroup var words: CatalogueOption

  /// What was made.
  private struct Report: Encodable {
    var image: String
    var size: Int
    /// The SHA-256 of the image.
    var sha256: String
    var sheet: String
    var card: CardRecord
    var warnings: [Diagnostic]
  }

  func validate() throws {
    if let sheet, !sheet.hasSuffix(".html") { throw ValidationError("--sheet FILE must end in .html") }
    if channel.isEmpty != (root == nil) { throw ValidationError("--channel URL and --root FILE belong together") }
    if channel.isEmpty && wifi != nil { throw ValidationError("--wifi needs --channel") }
    if output.hasSuffix(".html") { throw ValidationError("-o FILE is the image; --sheet names the sheet") }
  }

  func run() throws {
    do { try make() } catch let error as ImageError {
      let lines = Printable(lines: error.lines.map(\.printable).joined(separator: "\n"))
      if case .refused = error { throw Failure.wrong(lines) }
      throw Failure.impossible(lines)
    }
  }

  private func make() throws {
    let image = try BaseImage(base)
    let catalogue = try Catalogue.load(directory: Catalogue.locate(words.catalogue))
    if !Files.exists(board) { throw Failure.impossible("\(board): there is no such file") }
    let plan = try CardPlan(
      base: image, boardFile: board, catalogue: catalogue, kit: kit, trusted: TrustedKeys(reading: trust),
      settings: try settings(catalogue))
    for warning in plan.warnings where !json { Terminal.remark("\(warning)") }
    var progress = Terminal.Progress("percent done:")
    let card: CardMaker.Card
    do {
      card = try CardMaker(image, plan).make(output, progress: { progress.show($0, of: $1) })
      progress.end()
    } catch {
      progress.end()
      throw error
    }
    guard let page = CardSheet(card, plan, catalogue: catalogue) else {
      throw Failure.impossible("\(catalogue.directory): the catalogue has no English")
    }
    let name = Path(output).stem + ".html"
    let place = sheet ?? (output.contains("/") ? Path(output).parent.appending(name).string : name)
    try Files.replace(place, with: Array(page.page.document.utf8))
    if json {
      return try printJSON(
        Report(
          image: output, size: card.size, sha256: card.sha256, sheet: place, card: card.record,
          warnings: plan.warnings))
    }
    let record = card.record
    print("\(output)  \(record.board) with \(record.kit) \(record.version)\(record.draft ? " DRAFT" : "")")
    print("SHA-256  \(card.sha256)")
    print("\(place)  says how to write it to a card, and the first test")
  }

  private func settings(_ catalogue: Catalogue) throws -> CardSettings {
    var settings = CardSettings()
    settings.keepsJournal = journal != .off
    settings.serial = serial
    settings.volume = volume
    settings.language = try language.map { try catalogue.language(called: $0).tag }
    settings.allowsDraft = allowDraft
    if let root { settings.channel = try CardSettings.Channel(mirrors: channel, root: root, wifi: wifi) }
    return settings
  }
}
