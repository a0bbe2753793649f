import ArgumentParser
import Board
import Catalogue
import Diagnostics
import Posix
import Wiring

/// `firstword board list`
struct BoardList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the boards that are installed: name, hardware, use and buttons.",
    discussion: """
        firstword board list
        firstword board list --json

      Lists the directory 'boards' that belongs to the catalogue. Exit status: 0 all are valid; 1 a file is invalid, \
      and the others are listed; 2 there is no such directory.
      """)

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var words: CatalogueOption

  private struct Row: Encodable {
    var name: String
    var file: String
    var hardware: String
    var use: String
    var buttons: Int
    var listenerButtons: Int
    var keys: Int
    var leds: Int
  }

  func run() throws {
    let directory = try Catalogue.locate(words.catalogue)
    let catalogue = try Catalogue.load(directory: directory)
    guard let boards = HardwareDirectory.find("boards", catalogue: directory).first else {
      throw Failure.impossible(
        "\(directory): no directory 'boards' beside the catalogue; name another with --catalogue DIR")
    }
    var rows: [Row] = []
    var faults: [Printable] = []
    for name in try Files.list(boards).sorted() where name.hasSuffix(".yaml") {
      let file = boards.appending(name).string
      do {
        let source = try BoardFile.source(file, catalogue: catalogue)
        rows.append(row(source, hardware(source, try HeaderFile.read(for: source, catalogue: directory))))
      } catch { faults.append("\(error)") }
    }
    if json {
      try printJSON(rows)
    } else {
      var table = Table(["name", "hardware", "use", "buttons", "listener's", "keys", "LEDs"], numbers: [3, 4, 5, 6])
      for row in rows {
        let numbers = [row.buttons, row.listenerButtons, row.keys, row.leds].map { $0 == 0 ? "" : String($0) }
        table.add([row.name, row.hardware, row.use] + numbers)
      }
      table.print()
    }
    for fault in faults { Terminal.complain(fault) }
    if !faults.isEmpty { throw ExitCode(1) }
  }

  private func row(_ source: BoardSource, _ hardware: String) -> Row {
    let board = source.board
    let people = board.lines.buttons.map(\.by) + board.inputs.flatMap(\.keys).map(\.by)
    return Row(
      name: board.name, file: source.path, hardware: hardware, use: board.use.rawValue,
      buttons: board.lines.buttons.count, listenerButtons: people.filter { $0 == .listener }.count,
      keys: board.inputs.map(\.keys.count).reduce(0, +), leds: board.leds.count)
  }

  /// Returns what the board runs on: the model of its header, or its input devices, or its chip.
  private func hardware(_ source: BoardSource, _ header: Header?) -> String {
    if let wiring = try? Wiring(source, header: header), let model = wiring.model { return model.title }
    if let header { return header.title }
    let inputs = source.board.inputs
    if source.board.lines.buttons.isEmpty {
      return "any Linux with \(counted(inputs.count, "input device"))"
    }
    return source.board.lines.buttons[0].chip
  }
}
