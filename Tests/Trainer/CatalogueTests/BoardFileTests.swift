import Board
import BoardJSON
import CatalogueFixture
import Diagnostics
import Foundation
import Kit
import Testing

@testable import Catalogue

@Suite struct BoardFileTests {
  @Test("every board of the repository is valid")
  func boards() throws {
    let catalogue = try Repository.catalogue()
    let directory = "\(Repository.directory)/Hardware/boards"
    let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".yaml") }
    #expect(!names.isEmpty)
    for name in names { _ = try BoardFile.read("\(directory)/\(name)", catalogue: catalogue) }
  }

  @Test("the headless board is for trials, has a stop button, and has lines with and without edges")
  func headless() throws {
    let board = try BoardFile.read(Repository.board, catalogue: Repository.catalogue())
    #expect(board.name == "headless")
    #expect(board.use == .trial)
    #expect(
      board.sound
        == Board.Sound(pcm: "default", channels: 1, period: 480, buffer: 9600, rewind: true, gain: 0))
    #expect(board.lines.lockout == 30)
    #expect(board.lines.poll == 10)
    #expect(board.lines.buttons.count >= 8)
    #expect(board.lines.buttons.filter(\.timed).count == 1)
    #expect(Set(board.lines.buttons.map(\.chip)) == ["pinctrl-bcm2711"])
    #expect(board.lines.buttons.allSatisfy { (0...57).contains($0.line) && $0.active == .low })
    let stop = board.lines.buttons.first
    #expect(stop == Board.Line(chip: "pinctrl-bcm2711", line: 5, active: .low, timed: false, button: .control(.stop)))
  }

  @Test("the boards of the repository have no weakness")
  func weaknessesOfOurs() throws {
    let catalogue = try Repository.catalogue()
    let directory = "\(Repository.directory)/Hardware/boards"
    let names = [
      "number-pad", "raspberry-pi", "raspberry-pi-zero", "orange-pi", "beaglebone-black", "headless",
      "listener-buttons",
    ]
    for name in names {
      let (_, warnings) = try BoardFile.check("\(directory)/\(name).yaml", catalogue: catalogue)
      #expect(warnings == [], "\(warnings)")
    }
    let whole = "\(directory)/listener-buttons.yaml"
    #expect(try BoardFile.check(whole, catalogue: catalogue, modes: AnswerMode.allCases).warnings == [])
  }

  @Test("the boards with answers have buttons for all of them, and for what changes and marks")
  func answersOfOurs() throws {
    let catalogue = try Repository.catalogue()
    for name in [
      "number-pad", "raspberry-pi", "raspberry-pi-zero", "orange-pi", "beaglebone-black", "listener-buttons",
    ] {
      let board = try BoardFile.read("\(Repository.directory)/Hardware/boards/\(name).yaml", catalogue: catalogue)
      let lines = board.lines.buttons.filter { $0.by != .listener }.flatMap { [$0.button, $0.hold, $0.withStop] }
      let keys = board.inputs.flatMap(\.keys).flatMap { [$0.button, $0.hold, $0.withStop] }
      for control in [Button.Control.answerYes, .answerNo, .answerUnclear, .answerNone, .answerMode, .markWrong] {
        #expect((lines + keys).contains(.control(control)), "\(name): \(control.rawValue)")
      }
    }
  }

  /// Returns a board file with a stop button on line 5, and further buttons, which are indented by four spaces.
  private static func board(with buttons: String) -> String {
    """
    name: b
    use: trial
    sound: {pcm: "hw:0"}
    lines:
      chip: a
      buttons:
        - {line: 5, button: stop}
        \(buttons)

    """
  }

  @Test("a board may name its header, and compiles to the same with and without")
  func header() throws {
    let scratch = try Scratch()
    func source(_ header: String) throws -> BoardSource {
      let path = try scratch.write("b.yaml", header + Self.board(with: "- {line: 6, button: next-language}"))
      return try BoardFile.source(path, catalogue: Repository.catalogue())
    }
    let bare = try source("")
    #expect(bare.header == nil && bare.buttonLines == [7, 8])
    let named = try source("header: raspberry-pi\n")
    #expect(named.header == BoardHeader(name: "raspberry-pi") && named.buttonLines == [8, 9] && named.soundLine == 4)
    #expect(try named.board.json() == bare.board.json())
    let full = try source("header: { name: raspberry-pi, model: pi-4, disabled: [i2c, uart], sound: usb }\n")
    #expect(full.header == BoardHeader(name: "raspberry-pi", model: "pi-4", disabled: ["i2c", "uart"], sound: .usb))
    for wrong in [
      "header: { model: pi-4 }", "header: { name: x, sound: horn }", "header: [a]", "header: { name: x, y: 1 }",
    ] {
      #expect(throws: DiagnosticsError.self) { try source(wrong + "\n") }
    }
  }

  @Test("a mode of the kit that the board cannot use is warned of")
  func modes() throws {
    let scratch = try Scratch()
    func warnings(_ buttons: String, _ modes: [AnswerMode]) throws -> [String] {
      let path = try scratch.write(
        "b.yaml", Self.board(with: "- {line: 6, button: next-language}\n    \(buttons)"))
      return try BoardFile.check(path, catalogue: Repository.catalogue(), modes: modes).warnings.map(\.message)
    }
    let none = try warnings("", [.card, .buttons])
    #expect(none.count == 2)
    #expect(none.first?.contains("no button of this board is the listener's own") == true, "\(none)")
    #expect(none.last?.contains("only 'card' can be used") == true, "\(none)")
    let five = ["yes", "no", "unclear", "declined", "stop"].enumerated().map {
      "- {line: 1\($0.offset), button: answer-\($0.element), by: listener}"
    }
    #expect(try warnings(five.joined(separator: "\n    "), [.buttons]) == [])
    #expect(try warnings(five.dropLast().joined(separator: "\n    "), [.buttons]).count == 1, "no stop of their own")
    #expect(try warnings("- {line: 7, button: answer-mode}", [.card, .hand]) == [])
    let yes = try warnings("- {line: 7, button: answer-yes}", [.card])
    #expect(yes.count == 1 && yes[0].contains("answer-none"))
  }

  @Test("a person's answer may have a line for the responder and one for the listener, and neither twice")
  func twoPersons() throws {
    let scratch = try Scratch()
    func read(_ buttons: String) throws -> Board {
      let path = try scratch.write("b.yaml", Self.board(with: buttons))
      return try BoardFile.read(path, catalogue: Repository.catalogue())
    }
    let yes = "- {line: 6, button: answer-yes}\n    - {line: 7, button: answer-yes, by: listener}"
    let board = try read(yes)
    #expect(board.lines.buttons.map(\.by) == [nil, nil, .listener])
    #expect(try Board(json: board.json()) == board)
    #expect(throws: DiagnosticsError.self) { try read(yes + "\n    - {line: 8, button: answer-yes, by: listener}") }
    for other in ["hold: answer-no", "with-stop: mark-wrong"] {
      #expect(throws: DiagnosticsError.self) { try read("- {line: 7, button: answer-yes, by: listener, \(other)}") }
    }
    let chord = try read("- {line: 7, button: repeat, with-stop: mark-wrong}")
    #expect(chord.lines.buttons[1].withStop == .control(.markWrong))
    #expect(try Board(json: chord.json()) == chord)
  }

  @Test("chords are given only with stop, and have a time below that of a stuck button")
  func chords() throws {
    let scratch = try Scratch()
    func read(_ buttons: String, _ more: String = "") throws -> Board {
      let path = try scratch.write("b.yaml", Self.board(with: buttons) + more)
      return try BoardFile.read(path, catalogue: Repository.catalogue())
    }
    for chord in Button.Control.allCases.filter(\.isChord).map(\.rawValue) {
      let board = try read("- {line: 6, button: repeat, with-stop: \(chord)}", "presses: {chord: 5000}\n")
      #expect(board.lines.buttons[1].withStop?.description == chord)
      #expect(board.presses.chordTime == 5000)
      #expect(try Board(json: board.json()) == board)
      for wrong in ["button: \(chord)", "button: repeat, hold: \(chord)"] {
        #expect(throws: DiagnosticsError.self) { try read("- {line: 6, \(wrong)}") }
      }
    }
    #expect(try read("- {line: 6, button: repeat}").presses.chordTime == 3000)
    for wrong in ["{chord: 500}", "{chord: 4000, stuck: 3, hold: 300}", "{chord: long}"] {
      #expect(throws: DiagnosticsError.self) { try read("- {line: 6, button: repeat}", "presses: \(wrong)\n") }
    }
  }

  @Test("a board says how much of the journal goes to a stick, and which line switches the amplifier")
  func stickAndAmplifier() throws {
    let scratch = try Scratch()
    func read(_ sound: String = "pcm: \"hw:0\"", _ journal: String = "") throws -> Board {
      let text = Self.board(with: "- {line: 6, button: repeat}").replacing("pcm: \"hw:0\"", with: sound)
      return try BoardFile.read(
        try scratch.write("b.yaml", text + (journal.isEmpty ? "" : "journal: \(journal)\n")),
        catalogue: Repository.catalogue())
    }
    #expect(try read().journal.stickCopy == .redacted)
    #expect(try read("pcm: \"hw:0\"", "{stick: whole}").journal.stickCopy == .whole)
    #expect(try read("pcm: \"hw:0\"", "{stick: nothing, days: 3}").journal.stickCopy == .nothing)
    #expect(try read("pcm: \"hw:0\"", "off").journal.stickCopy == .nothing)
    #expect(throws: DiagnosticsError.self) { try read("pcm: \"hw:0\"", "{stick: half}") }
    let board = try read("pcm: \"hw:0\", lead: 30, amplifier: {chip: a, line: 9, active: low, rest: 8}")
    #expect(board.sound.amplifier == .init(.init(chip: "a", line: 9, active: .low), rest: 8))
    #expect(try Board(json: board.json()) == board)
    for wrong in [
      "amplifier: {chip: a, line: 9}", "lead: 30, amplifier: {chip: a}", "lead: 30, amplifier: {chip: a, line: 5}",
      "lead: 30, amplifier: {chip: a, line: 9, rest: 0}", "lead: 30, amplifier: on",
    ] {
      #expect(throws: DiagnosticsError.self) { try read("pcm: \"hw:0\", \(wrong)") }
    }
  }

  @Test("an LED shows an answer mode or states")
  func modeLED() throws {
    let scratch = try Scratch()
    func read(_ led: String) throws -> Board {
      let path = try scratch.write(
        "b.yaml",
        """
        name: b
        use: trial
        sound: {pcm: "hw:0"}
        lines: {chip: a, buttons: [{line: 5, button: stop}]}
        leds:
          - \(led)

        """)
      return try BoardFile.read(path, catalogue: Repository.catalogue())
    }
    let board = try read("{led: ACT, mode: tap}")
    #expect(board.leds[0].mode == .tap)
    #expect(try Board(json: board.json()) == board)
    #expect(throws: DiagnosticsError.self) { try read("{led: ACT, mode: nod}") }
    #expect(throws: DiagnosticsError.self) { try read("{led: ACT, mode: tap, ready: steady}") }
  }

  /// Buttons, and the beginnings of the warnings about them.
  private static let weakBoards: [(String, [String])] = [
    (
      "- {line: 1, button: finder}",
      ["b.yaml:8: warning: the finder cannot be answered", "b.yaml: warning: no language"]
    ),
    (
      "- {line: 1, button: repeat, hold: finder}\n    - {line: 2, button: next-language}",
      ["b.yaml:8: warning: the finder"]
    ),
    ("- {line: 1, button: finder}\n    - {line: 2, button: answer-yes}\n    - {line: 3, button: answer-none}", []),
    (
      "- {line: 1, button: finder}\n    - {line: 2, button: answer-yes}",
      ["b.yaml:9: warning: no button is 'answer-none': a listener who keeps still"]
    ),
    ("- {line: 1, button: safe-here}", ["b.yaml: warning: no language can be chosen"]),
    (
      "- {line: 1, button: \"*\"}\n    - {line: 2, button: next-language}",
      ["b.yaml:8: warning: the key '*' has no effect"]
    ),
    (
      "- {line: 1, button: next-language}\n\(Self.digits(0...7))",
      ["b.yaml:9: warning: the digits 8, 9 have no key"]
    ),
    (
      "- {line: 1, button: next-language}\n\(Self.digits(0...9))",
      ["b.yaml:9: warning: no key is '*'"]
    ),
    (
      "- {line: 1, button: next-language, bias: up, active: high}\n    - {line: 2, button: next, bias: down}\n"
        + "    - {line: 3, button: previous, bias: off}\n    - {line: 4, button: finder, bias: down, active: high}\n"
        + "    - {line: 6, button: answer-yes, bias: up}\n    - {line: 7, button: answer-none, bias: up}",
      ["b.yaml:8: warning: the pull and 'active' disagree", "b.yaml:9: warning: the pull and 'active' disagree"]
    ),
  ]

  @Test(
    "a board that cannot answer the finder, choose a language or dial is warned of, and so is a pull against 'active'",
    arguments: weakBoards)
  func weaknesses(_ buttons: String, _ expected: [String]) throws {
    let scratch = try Scratch()
    let path = try scratch.write("b.yaml", Self.board(with: buttons))
    let (_, warnings) = try BoardFile.check(path, catalogue: Repository.catalogue())
    let found = warnings.map { $0.description.replacingOccurrences(of: scratch.directory + "/", with: "") }
    #expect(found.count == expected.count, "\(found)")
    for (found, expected) in zip(found, expected) { #expect(found.hasPrefix(expected), "\(found)") }
  }

  /// Returns a line of a board file for each digit.
  private static func digits(_ digits: ClosedRange<Int>) -> String {
    digits.map { "    - {line: 1\($0), button: \"\($0)\"}" }.joined(separator: "\n")
  }

  @Test("a key is named as in the kernel's header, with or without KEY_")
  func keyNames() throws {
    #expect(InputKey.code("KEY_KP0") == 82 && InputKey.code("KP0") == 82 && InputKey.code("BTN_0") == 256)
    #expect(InputKey.code("KEY_BTN_0") == 256 && InputKey.code("KEY_NONE") == nil)
    #expect(InputKey.kernelName(96) == "KEY_KPENTER" && InputKey.kernelName(256) == "BTN_0")
    #expect(InputKey.kernelName(250) == "code 250")
  }

  @Test("optional keys have default values, and a line may override chip and level")
  func standards() throws {
    let scratch = try Scratch()
    let path = try scratch.write(
      "b.yaml",
      """
      name: b
      use: field
      sound: {pcm: "hw:0"}
      lines:
        chip: a
        buttons:
          - {line: 0, button: stop}
          - {line: 0, chip: b, button: safe-here, active: high, timed: true}

      """)
    let board = try BoardFile.read(path, catalogue: Repository.catalogue())
    #expect(
      board
        == Board(
          name: "b", use: .field,
          sound: .init(pcm: "hw:0", channels: 1, period: 480, buffer: 9600, rewind: false, gain: 0),
          lines: .init(
            lockout: 30, poll: 10,
            buttons: [
              .init(chip: "a", line: 0, active: .low, timed: false, button: .control(.stop)),
              .init(chip: "b", line: 0, active: .high, timed: true, button: .prompt("safe-here")),
            ])))
  }

  private func sound(_ keys: String) throws -> Board.Sound {
    let scratch = try Scratch()
    let text = "name: b\nuse: trial\nsound: \(keys)\nlines: {chip: a, buttons: [{line: 0, button: stop}]}\n"
    return try BoardFile.read(try scratch.write("b.yaml", text), catalogue: Repository.catalogue()).sound
  }

  @Test("the speaker section sets stream, channels, volume and mixer")
  func loudspeaker() throws {
    #expect(
      try sound(
        """
        {pcm: "hw:0", channels: 2, map: right, stream: running, sleep: 0, lead: 150, \
        volume: {default: -6, floor: -20, ceiling: -3, quiet: -40, step: 2}, \
        mixer: {card: "hw:0", element: Digital}}
        """)
        == Board.Sound(
          pcm: "hw:0", channels: 2, period: 480, buffer: 9600, rewind: false, gain: 0, map: .right, stream: .running,
          sleep: 0, lead: 150, volume: .init(standard: -6, floor: -20, ceiling: -3, quiet: -40, step: 2),
          mixer: .init(card: "hw:0", element: "Digital")))
    // The defaults of a partial volume fit its other values.
    #expect(
      try sound("{pcm: x, volume: {ceiling: -28}}").volume
        == .init(standard: -28, floor: -30, ceiling: -28, quiet: -28, step: 3))
  }

  @Test(
    "an invalid speaker section is refused with a remedy",
    arguments: [
      ("{pcm: x, map: left}", "write channels: 2"), ("{pcm: x, sleep: 3}", "write stream: running"),
      ("{pcm: x, volume: {floor: -3, ceiling: -6}}", "lower the floor"),
      ("{pcm: x, volume: {default: -40}}", "-40"), ("{pcm: x, mixer: {card: x}}", "element"),
      ("{pcm: x, stream: sleeping}", "running"),
    ])
  func badLoudspeaker(_ keys: String, _ remedy: String) throws {
    do {
      _ = try sound(keys)
      Issue.record("\(keys) was read")
    } catch let error as DiagnosticsError {
      #expect("\(error)".contains(remedy), "\(error)")
    }
  }

  private func journal(_ text: String) throws -> Board.Journal {
    let scratch = try Scratch()
    let path = try scratch.write(
      "b.yaml",
      "name: b\nuse: field\nsound: {pcm: x}\nlines: {chip: a, buttons: [{line: 0, button: stop}]}\njournal: \(text)\n")
    return try BoardFile.read(path, catalogue: Repository.catalogue()).journal
  }

  @Test("the journal section is off, or limits size and age")
  func journals() throws {
    #expect(try journal("off") == Board.Journal(isKept: false))
    #expect(try journal("{}") == Board.Journal())
    #expect(try journal("{size: 64, days: 30}") == Board.Journal(size: 64, days: 30))
    for wrong in ["on", "false", "{size: 63}", "{days: 0}", "{age: 3}", "[off]"] {
      #expect(throws: DiagnosticsError.self, "\(wrong)") { try journal(wrong) }
    }
  }

  @Test("keys, LEDs, pulls and long presses are read, and a board may have only keys")
  func controls() throws {
    let scratch = try Scratch()
    let path = try scratch.write(
      "b.yaml",
      """
      name: b
      use: trial
      sound: {pcm: "hw:0"}
      presses: {hold: 900, guard: 0}
      inputs:
        - name: "USB Keypad"
          keys:
            - {key: KPENTER, button: stop}
            - {key: KP1, button: "1", hold: repeat, label: "1", place: {row: 2, column: 1, rows: 2}}
            - {code: 500, button: "*"}
      leds:
        - {led: ACT}
        - {chip: c, line: 3, active: low, access: character, playing: blink, ready: steady}

      """)
    let board = try BoardFile.read(path, catalogue: Repository.catalogue())
    #expect(board.lines.buttons.isEmpty)
    #expect(board.presses == Board.Presses(hold: 900, guardTime: 0, stuck: 30, digits: 3000))
    #expect(
      board.inputs == [
        .init(
          name: "USB Keypad",
          keys: [
            .init(code: 96, button: .control(.stop)),
            .init(
              code: 79, button: .digit(1), hold: .control(.again), label: "1",
              place: .init(row: 2, column: 1, rows: 2)),
            .init(code: 500, button: .star),
          ])
      ])
    #expect(board.leds[0] == .init(led: "ACT"))
    #expect(
      board.leds[1]
        == .init(
          output: .init(chip: "c", line: 3, active: .low, access: .character),
          shows: .init(ready: .steady, draft: .steady, playing: .blink, waiting: .dark, error: .dark)))
    #expect(try Board(json: board.json()) == board)
  }

  @Test("a button can be the listener's own, and then may only be an answer")
  func listenersButton() throws {
    let scratch = try Scratch()
    func read(_ line: String, _ key: String) throws -> Board {
      let path = try scratch.write(
        "b.yaml",
        """
        name: b
        use: trial
        sound: {pcm: "hw:0"}
        lines:
          chip: c
          lockout: 30
          poll: 10
          buttons:
            - {line: 1, button: stop}
            - {line: 2, \(line)}
        inputs:
          - name: "USB Keypad"
            keys: [{key: KP1, \(key)}]

        """)
      return try BoardFile.read(path, catalogue: Repository.catalogue())
    }
    let board = try read("button: answer-yes, by: listener", "button: answer-no, by: responder")
    #expect(board.lines.buttons.map(\.by) == [nil, .listener])
    #expect(board.inputs.first?.keys.first?.by == .responder)
    #expect(try Board(json: board.json()) == board)
    for wrong in ["button: next, by: listener", "button: answer-yes, hold: next, by: listener", "button: stop, by: x"] {
      #expect(throws: (any Error).self) { try read(wrong, "button: repeat") }
      #expect(throws: (any Error).self) { try read("button: repeat", wrong) }
    }
    var other = board
    other.lines.buttons[1].button = .control(.next)
    #expect(throws: (any Error).self) { try Board(json: other.json()) }
  }

  @Test("a pull for all lines requires the character device, and a line may override it")
  func bias() throws {
    let scratch = try Scratch()
    let path = try scratch.write(
      "b.yaml",
      """
      name: b
      use: trial
      sound: {pcm: "hw:0"}
      lines:
        chip: c
        bias: up
        debounce: 1
        buttons:
          - {line: 1, button: stop}
          - {line: 2, button: repeat, bias: down, active: high, access: character}

      """)
    let lines = try BoardFile.read(path, catalogue: Repository.catalogue()).lines.buttons
    #expect(lines.map(\.bias) == [.up, .down])
    #expect(lines.map(\.debounce) == [1, 1])
    #expect(lines.map(\.access) == [.auto, .character])
  }

  typealias Fault = CatalogueTests.Fault
  private static let file = "headless.yaml"

  @Test(
    "a fault is reported with its line",
    arguments: [
      Fault(file, "use: trial", "use: trail", "'use' is 'trail' (did you mean 'trial'?)"),
      Fault(file, "use: trial\n", "", "headless.yaml:6: 'use' is missing"),
      Fault(file, "name: headless", "name: Head less", "'name' is 'Head less'"),
      Fault(file, "  pcm: default\n", "", "'pcm' is missing in 'sound'"),
      Fault(file, "channels: 1", "channels: 3", "'sound.channels' is 3: write 1 to 2"),
      Fault(file, "period: 480", "period: 10", "'sound.period' is 10"),
      Fault(file, "buffer: 9600", "buffer: 500", "a buffer of 500 frames is less than two periods of 480"),
      Fault(file, "buffer: 9600", "buffer: 1000000", "'sound.buffer' is 1000000"),
      Fault(file, "gain: 0", "gain: 3", "'sound.gain' is 3"),
      Fault(file, "rewind: true", "rewind: yes", "'sound.rewind' must be true or false"),
      Fault(file, "  gain: 0", "  gian: 0", "unknown key 'gian' (did you mean 'gain'?)"),
      Fault(file, "lockout: 30", "lockout: 0", "'lines.lockout' is 0"),
      Fault(file, "line: 6,", "line: 4096,", "'lines.buttons[2].line' is 4096"),
      Fault(file, "line: 6,", "line: 05,", "is written as 05"),
      Fault(file, "line: 6,", "line: 5,", "line 5 of pinctrl-bcm2711 is given twice"),
      Fault(file, "button: repeat", "button: stop", "the button 'stop' is given twice"),
      Fault(file, "button: repeat", "button: repeat, place: { row: 0, column: 1 }", "place.row' is 0: write 1 to 12"),
      Fault(file, "button: repeat", "button: repeat, place: { row: 1 }", "'column' is missing"),
      Fault(
        file, "button: repeat }",
        "button: repeat, place: { row: 1, column: 1 } }\n    "
          + "- { line: 7, button: next, place: { row: 1, column: 1 } }", "two buttons lie at row 1, column 1"),
      Fault(file, "button: safe-here", "button: safe-her", "'safe-her' (did you mean 'safe-here'?)"),
      Fault(file, "5, button: stop", "5, button: stopp", "'stopp' (did you mean 'stop'?)"),
      Fault(file, "    - { line: 5, button: stop }\n", "", "no button stops"),
      Fault(file, "timed: true", "timed: true, pull: up", "unknown key 'pull'"),
      Fault(file, "timed: true", "timed: true, bias: up", "only the character device can set 'bias'"),
      Fault(file, "lockout: 30", "lockout: 30\n  access: sysf", "'sysf' (did you mean 'sysfs'?)"),
      Fault(file, "lockout: 30", "lockout: 30\n  bias: upp", "'lines.bias' is 'upp' (did you mean 'up'?)"),
      Fault(file, "button: repeat", "button: repeat, hold: stopp", "'stopp' (did you mean 'stop'?)"),
      Fault(
        file, "lines:", "presses: { hold: 5000, stuck: 3 }\nlines:", "a long press of 5000 ms would count as stuck"),
      Fault(file, "lines:", "leds: [{ led: ACT, redy: steady }]\nlines:", "unknown key 'redy' (did you mean 'ready'?)"),
      Fault(file, "lines:", "leds: [{ led: ACT, ready: on }]\nlines:", "ready' is 'on'"),
      Fault(file, "lines:", "leds: [{ ready: steady }]\nlines:", "an LED needs either 'led' or 'chip' and 'line'"),
      Fault(file, "lines:", "leds: [{ led: ../ACT }]\nlines:", "'../ACT' is not the name of an LED"),
      Fault(
        file, "lines:", "leds: [{ chip: pinctrl-bcm2711, line: 5 }]\nlines:", "line 5 of pinctrl-bcm2711 is a button"),
      Fault(
        file, "lines:", "inputs: [{ keys: [{ key: KP1, button: \"1\" }] }]\nlines:",
        "an input device needs either 'device' or 'name'"),
      Fault(
        file, "lines:", "inputs: [{ device: kbd, keys: [{ key: KP1, button: \"1\" }] }]\nlines:",
        "'kbd' is not an absolute path"),
      Fault(
        file, "lines:", "inputs: [{ name: pad, keys: [{ key: KP_1, button: \"1\" }] }]\nlines:",
        "no key is called 'KP_1' (did you mean 'KP1'?)"),
      Fault(
        file, "lines:", "inputs: [{ name: pad, keys: [{ key: KP1, button: \"11\" }] }]\nlines:",
        "no button or prompt is called '11'"),
      Fault(
        file, "lines:",
        "inputs: [{ name: pad, keys: [{ key: KP1, button: \"1\" }, { code: 79, button: \"2\" }] }]\nlines:",
        "the key is given twice"),
    ])
  func fault(_ fault: Fault) throws {
    let scratch = try Scratch()
    try FileManager.default.copyItem(atPath: Repository.board, toPath: "\(scratch.directory)/headless.yaml")
    try scratch.replace(fault.old, with: fault.new, in: fault.file)
    let catalogue = try Repository.catalogue()
    let found = findings(in: scratch) {
      _ = try BoardFile.read("\(scratch.directory)/headless.yaml", catalogue: catalogue)
    }
    #expect(found.count == 1)
    #expect(found.contains { $0.contains(fault.expected) && $0.hasPrefix("headless.yaml:") }, "\(found)")
  }

  @Test("several faults are reported at once")
  func several() throws {
    let scratch = try Scratch()
    let path = try scratch.write(
      "b.yaml",
      """
      name: b
      use: x
      sound: {pcm: default, gain: 9}
      lines:
        buttons:
          - {line: 9000, button: stop}
          - {line: 1, button: nothing-such}

      """)
    let catalogue = try Repository.catalogue()
    let found = findings(in: scratch) { _ = try BoardFile.read(path, catalogue: catalogue) }
    #expect(found.map { $0.split(separator: ":")[1] } == ["2", "3", "5", "6", "7"])
  }
}
