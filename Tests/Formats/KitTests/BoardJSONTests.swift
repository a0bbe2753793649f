import Board
import BoardJSON
import Encoding
import Posix
import Testing

@testable import Kit

@Suite("A compiled board")
struct BoardJSONTests {
  private var board: Board {
    Board(
      name: "headless", use: .trial,
      sound: .init(pcm: "default", channels: 1, period: 240, buffer: 4800, rewind: true, gain: -6),
      lines: .init(
        lockout: 30, poll: 5,
        buttons: [
          .init(chip: "pinctrl-bcm2711", line: 5, active: .low, timed: false, button: .control(.stop)),
          .init(chip: "pinctrl-bcm2711", line: 6, active: .low, timed: true, button: .prompt("safe-here")),
        ]))
  }

  @Test("is written and read again as it was, and the same board gives the same bytes")
  func roundTrip() throws {
    let directory = try Directory()
    try Files.replace(directory.file("b.json"), with: try board.json())
    #expect(try Board.load(directory.file("b.json")) == board)
    #expect(try board.json() == board.json())
    #expect(String(decoding: try board.json(), as: UTF8.self).contains("\"button\" : \"stop\""))
  }

  @Test("keeps labels and places of buttons, and reads a board without them")
  func places() throws {
    var placed = board
    placed.lines.buttons[0].label = "STOP"
    placed.lines.buttons[0].place = .init(row: 1, column: 1, columns: 2)
    placed.lines.buttons[1].place = .init(row: 1, column: 3)
    #expect(try Board(json: placed.json()) == placed)
    // A board of an earlier program has neither.
    let text = String(decoding: try board.json(), as: UTF8.self)
    #expect(!text.contains("label") && !text.contains("place"))
    #expect(try Board(json: Array(text.utf8)) == board)
  }

  @Test("with a value out of its range is refused, by writer and reader, with its key")
  func ranges() throws {
    let changes: [(String, (inout Board) -> Void)] = [
      ("format: ", { $0.format = "firstword-board/2" }),
      ("name: ", { $0.name = "" }),
      ("sound.pcm: ", { $0.sound.pcm = " " }),
      ("sound.channels: is 3, not 1 to 2", { $0.sound.channels = 3 }),
      ("sound.period: ", { $0.sound.period = 0 }),
      ("sound.period: ", { $0.sound.period = 1 << 40 }),
      ("sound.buffer: is less than two periods", { $0.sound.buffer = 479 }),
      ("sound.buffer: ", { $0.sound.buffer = 96_001 }),
      ("sound.map: needs two channels", { $0.sound.map = .left }),
      ("sound.sleep: ", { $0.sound.sleep = -1 }),
      ("sound.lead: ", { $0.sound.lead = 2001 }),
      ("sound.volume.ceiling: ", { $0.sound.volume.ceiling = 1 }),
      ("sound.volume.floor: ", { $0.sound.volume.floor = 1 }),
      ("sound.volume.standard: ", { $0.sound.volume.standard = -31 }),
      ("sound.volume.quiet: ", { $0.sound.volume.quiet = 1 }),
      ("sound.volume.step: ", { $0.sound.volume.step = 0 }),
      ("sound.mixer.card: ", { $0.sound.mixer = .init(card: "", element: "PCM") }),
      ("sound.mixer.element: ", { $0.sound.mixer = .init(card: "hw:0", element: " ") }),
      ("sound.gain: ", { $0.sound.gain = 0.1 }),
      ("sound.gain: ", { $0.sound.gain = -61 }),
      ("sound.gain: ", { $0.sound.gain = .nan }),
      ("lines.lockout: ", { $0.lines.lockout = -1 }),
      ("lines.poll: ", { $0.lines.poll = 0 }),
      ("lines.buttons[0].chip: ", { $0.lines.buttons[0].chip = "" }),
      ("lines.buttons[0].line: ", { $0.lines.buttons[0].line = -1 }),
      ("lines.buttons[1]: line 5 of pinctrl-bcm2711 is taken by lines.buttons[0]", { $0.lines.buttons[1].line = 5 }),
      ("lines.buttons[1].label: ", { $0.lines.buttons[1].label = " " }),
      ("lines.buttons[1].label: is longer", { $0.lines.buttons[1].label = "abcdefghijklm" }),
      ("lines.buttons[1].place.row: ", { $0.lines.buttons[1].place = .init(row: 0, column: 1) }),
      ("lines.buttons[1].place.columns: ", { $0.lines.buttons[1].place = .init(row: 1, column: 1, columns: 13) }),
      (
        "place: two buttons lie at row 1, column 2",
        {
          $0.lines.buttons[0].place = .init(row: 1, column: 1, columns: 2)
          $0.lines.buttons[1].place = .init(row: 1, column: 2)
        }
      ),
      ("lines.buttons[1].button: ", { $0.lines.buttons[1].button = .prompt("Safe Here") }),
    ]
    for (expected, change) in changes {
      var broken = board
      change(&broken)
      let error = failure { () throws(DocumentError) in _ = try broken.json() }
      #expect(error?.description.hasPrefix(expected) == true, "\(expected) but \(error?.description ?? "nothing")")
      if broken.sound.gain.isNaN { continue }
      let read = failure { () throws(DocumentError) in _ = try Board(json: try Documents.encode(broken)) }
      #expect(read == error)
    }
  }

  @Test("that is no board is one clear line with path, key and what to do")
  func unreadable() throws {
    let directory = try Directory()
    func line(_ text: String) throws -> String {
      let path = try directory.write("b.json", text)
      let line = try #require(failure { () throws(BoardError) in _ = try Board.load(path) }?.description)
      #expect(line.hasPrefix(path + ": "))
      #expect(line.hasSuffix("; write it again with `firstword board compile`"))
      return String(line.dropFirst(path.count + 2).dropLast("; write it again with `firstword board compile`".count))
    }
    #expect(try line("") == "is not valid JSON, or has a fraction where a whole number belongs")
    #expect(try line("name: headless\n") == "is not valid JSON, or has a fraction where a whole number belongs")
    #expect(try line("[]").contains("is not"))
    #expect(try line("{}") == "format: missing")
    #expect(
      try line("{\"format\": \"firstword-board/7\"}")
        == "format: is firstword-board/7, this program reads firstword-board/1")
    let text = String(decoding: try board.json(), as: UTF8.self)
    #expect(try line(text.replacing("\"trial\"", with: "\"party\"")).hasPrefix("use: "))
    #expect(
      try line(text.replacing("\"line\" : 6", with: "\"line\" : \"6\""))
        == "lines.buttons[1].line: is not a whole number")
    let missing = failure { () throws(BoardError) in _ = try Board.load(directory.file("none.json")) }
    #expect(missing?.description == "\(directory.file("none.json")): cannot open: No such file or directory")
    #expect(throws: BoardError.self) { try Board.load(directory.path) }
  }
}
