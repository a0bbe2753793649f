import ArgumentParser
import Board
import BoardJSON
import Catalogue
import Posix

struct BoardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "board", abstract: "Check a board, or compile it for the daemon.",
    subcommands: [Check.self, Compile.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a board's YAML and show its buttons, keys and LEDs.")

    @Argument(help: "The board, such as Hardware/boards/headless.yaml.")
    var file: String

    @OptionGroup var words: CatalogueOption

    func run() throws {
      let board = try readBoard(file, words.catalogue)
      print("\(Terminal.paint(board.name, .bold))  for \(board.use.rawValue) use, PCM \(board.sound.pcm)")
      for line in board.lines.buttons {
        show(
          "\(line.chip):\(line.line)", line.button, line.hold, note: line.active == .low ? "active low" : "active high")
      }
      for input in board.inputs {
        print("keys of \(input)")
        for key in input.keys { show("key \(key.code)", key.button, key.hold) }
      }
      for led in board.leds {
        let shows = led.shows
        print(
          "LED \(led.name)  ready \(shows.ready), draft \(shows.draft), playing \(shows.playing), "
            + "waiting \(shows.waiting), error \(shows.error)")
      }
    }

    private func show(_ place: String, _ button: Button, _ hold: Button?, note: String = "") {
      let held = hold.map { "  held: \($0)" } ?? ""
      print("  \(filled(place, 20)) \(filled(button.description, 20)) \(note)\(held)")
    }
  }

  struct Compile: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the JSON that firstwordd reads.",
      discussion: "firstword board compile Hardware/boards/headless.yaml -o headless.json")

    @Argument(help: "The board.")
    var file: String

    @Option(name: .shortAndLong, help: ArgumentHelp("File to write; standard output without it.", valueName: "FILE"))
    var output: String?

    @OptionGroup var words: CatalogueOption

    func run() throws {
      let json = try readBoard(file, words.catalogue).json()
      if let output {
        try Files.replace(output, with: json)
      } else {
        Terminal.write(1, String(decoding: json, as: UTF8.self))
      }
    }
  }
}

/// A board in YAML; what is wrong with it is what was looked at.
func readBoard(_ file: String, _ catalogue: String?) throws -> Board {
  let words = try Catalogue.load(directory: Catalogue.locate(catalogue))
  do { return try BoardFile.read(file, catalogue: words) } catch {
    throw Files.exists(file) ? Failure.wrong("\(error)") : Failure.impossible("\(error)")
  }
}
