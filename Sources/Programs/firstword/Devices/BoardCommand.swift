import ArgumentParser
import Board
import BoardJSON
import Catalogue
import Diagnostics
import Kit
import Posix

struct BoardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "board", abstract: "List, validate, compile and draw boards; print the labels of their buttons.",
    subcommands: [BoardList.self, Check.self, Compile.self, BoardDraw.self, BoardLabels.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Validate a board file, and show its buttons, keys and LEDs.",
      discussion: """
        Warns of what the board cannot do: answer the finder, choose a language, dial some numbers; and of a pull that \
        disagrees with 'active:'. With --kit it also warns of answer modes of the kit that cannot be used. Where the \
        file names a header, it checks the wiring too: see 'firstword help board draw'. 'firstword doctor --board \
        FILE' checks the hardware itself.

          firstword board check Hardware/boards/headless.yaml
          firstword board check Hardware/boards/listener-buttons.yaml --kit shelter.kit

        Exit status: 0 valid (there may be warnings); 1 invalid; 2 the file cannot be read.
        """)

    @Argument(help: "The board file in YAML.")
    var file: String

    @Option(help: ArgumentHelp("The kit that the board is to play.", valueName: "FILE.kit"))
    var kit: String?

    @OptionGroup var words: CatalogueOption

    func run() throws {
      let modes = try kit.map { try openKit($0).manifest.answers.modes } ?? []
      let (board, warnings) = try checkBoard(file, words.catalogue, modes)
      print("\(Terminal.paint(board.name, .bold))  for \(board.use.rawValue) use, PCM \(board.sound.pcm)")
      for line in board.lines.buttons {
        show(
          "\(line.chip):\(line.line)", line.button, (line.hold, line.withStop), line.by,
          note: line.active == .low ? "active low" : "active high")
      }
      for input in board.inputs {
        print("keys of \(input)")
        for key in input.keys {
          show(InputKey.kernelName(key.code), key.button, (key.hold, key.withStop), key.by, note: "")
        }
      }
      for led in board.leds {
        let shows = led.shows
        if let mode = led.mode {
          print("LED \(led.name)  lit while answers are by \(mode.rawValue)")
          continue
        }
        print(
          "LED \(led.name)  ready \(shows.ready), draft \(shows.draft), playing \(shows.playing), "
            + "waiting \(shows.waiting), error \(shows.error)")
      }
      warn(warnings)
      try checkWiring()
    }

    /// Wires the board where its file names a header.
    private func checkWiring() throws {
      let directory = try Catalogue.locate(words.catalogue)
      let catalogue = try Catalogue.load(directory: directory)
      guard try BoardFile.source(file, catalogue: catalogue).header != nil else { return }
      let wiring = try wiring(of: file, catalogue, directory)
      guard let header = wiring.header, let model = wiring.model else { return }
      print("header \(header.name), \(model.title): \(counted(wiring.parts.count, "part")) with wires, no conflict")
      for function in wiring.off {
        print("  \(function.name) must be off on the device: \(function.remedy)")
      }
    }

    private func show(
      _ place: String, _ button: Button, _ others: (hold: Button?, withStop: Button?), _ person: Board.Person?,
      note: String
    ) {
      let parts = [
        note, person == .listener ? "by the listener" : "", others.hold.map { "held: \($0)" } ?? "",
        others.withStop.map { "with stop: \($0)" } ?? "",
      ]
      let rest = parts.filter { !$0.isEmpty }.joined(separator: "  ")
      print("  \(filled(place, 20)) \(filled(button.description, 20)) \(rest)")
    }
  }

  struct Compile: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the JSON file that firstwordd reads.",
      discussion: """
          firstword board compile Hardware/boards/headless.yaml -o board.json

        Exit status: 0 written (there may be warnings); 1 the board is invalid; 2 a file cannot be read or written.
        """)

    @Argument(help: "The board file in YAML.")
    var file: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Output file; default: standard output.", valueName: "FILE"))
    var output: String?

    @OptionGroup var words: CatalogueOption

    func run() throws {
      let (board, warnings) = try checkBoard(file, words.catalogue)
      let json = try board.json()
      if let output {
        try Files.replace(output, with: json)
      } else {
        Terminal.write(1, Printable(json: String(decoding: json, as: UTF8.self)))
      }
      warn(warnings)
    }
  }
}

/// Prints the warnings of a board to standard error.
private func warn(_ warnings: [Diagnostic]) { for warning in warnings { Terminal.remark("\(warning)") } }

/// Reads a board file, with its warnings. An invalid board is a finding (exit status 1); a missing file is a failure (2).
private func checkBoard(
  _ file: String, _ catalogue: String?, _ modes: [AnswerMode] = []
) throws -> (board: Board, warnings: [Diagnostic]) {
  let words = try Catalogue.load(directory: Catalogue.locate(catalogue))
  do { return try BoardFile.check(file, catalogue: words, modes: modes) } catch {
    throw Files.exists(file) ? Failure.wrong("\(error)") : Failure.impossible("\(error)")
  }
}

/// Reads a board file. An invalid board is a finding (exit status 1); a missing file is a failure (2).
func readBoard(_ file: String, _ catalogue: String?) throws -> Board { try checkBoard(file, catalogue).board }
