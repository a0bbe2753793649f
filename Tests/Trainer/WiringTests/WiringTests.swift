import Board
import Catalogue
import CatalogueFixture
import Diagnostics
import Posix
import Testing

@testable import Wiring

@Suite struct WiringTests {
  private static let directory = Repository.directory + "/Hardware"

  private static func names(_ kind: String) throws -> [String] {
    try Files.list("\(directory)/\(kind)").filter { $0.hasSuffix(".yaml") }
  }

  private static func header(_ name: String) throws -> Header {
    try HeaderFile.read("\(directory)/headers/\(name).yaml")
  }

  private static func source(_ path: String) throws -> BoardSource {
    try BoardFile.source(path, catalogue: Repository.catalogue())
  }

  /// Wires a board of a few lines. `lines` are its buttons, `header` follows `header:`; line 6 of the file is `pcm`, and
  /// `sound` follows it.
  private static func wire(
    _ lines: String, header: String = "raspberry-pi", pcm: String = "hw:CARD=Device", chip: String = "pinctrl-bcm2711",
    leds: String = "", sound: String = ""
  ) throws -> Wiring {
    let scratch = try Scratch()
    let path = try scratch.write(
      "b.yaml",
      """
      name: b
      use: trial
      header: \(header)
      sound:
        channels: 2
        pcm: "\(pcm)"\(sound)
      lines:
        chip: \(chip)
        bias: up
        buttons:
          - {line: 5, button: stop}
          \(lines)
      \(leds)
      """)
    let source = try source(path)
    return try Wiring(source, header: HeaderFile.read(for: source, catalogue: Repository.directory))
  }

  /// Returns the findings of a board that cannot be wired.
  private static func conflicts(
    _ lines: String, header: String = "raspberry-pi", pcm: String = "hw:CARD=Device", chip: String = "pinctrl-bcm2711",
    leds: String = "", sound: String = ""
  ) -> [Diagnostic] {
    do {
      _ = try wire(lines, header: header, pcm: pcm, chip: chip, leds: leds, sound: sound)
      return []
    } catch let error as DiagnosticsError { return error.diagnostics } catch {
      Issue.record("\(error)")
      return []
    }
  }

  // MARK: - The files of the repository

  @Test("every header of the repository is valid, names its sources, and has its file's name")
  func headers() throws {
    let names = try Self.names("headers")
    #expect(names.count >= 3)
    for name in names {
      let header = try Self.header(String(name.dropLast(5)))
      #expect(header.name + ".yaml" == name)
      #expect(!header.sources.isEmpty && header.pins.contains { $0.kind == .ground }, "\(name)")
      for model in header.models {
        let banks = header.pins.compactMap { pin -> Int? in if case .line(let bank, _) = pin.kind { bank } else { nil }
        }
        #expect(banks.allSatisfy(model.chips.indices.contains), "\(name) \(model.name)")
        for strip in header.strips where model.outline != nil {
          let outline = try #require(model.outline)
          let point = try #require(outline.strips[strip.name])
          #expect(point.x < outline.width && point.y + 2.54 * Double(strip.rows - 1) < outline.height)
        }
      }
    }
  }

  @Test("the header of the Raspberry Pi has the pins of the published table")
  func raspberryPi() throws {
    let header = try Self.header("raspberry-pi")
    let pins = try #require(header.strips.first).pins
    #expect(pins.count == 40)
    #expect(pins.filter { $0.kind == .ground }.map(\.number) == [6, 9, 14, 20, 25, 30, 34, 39])
    #expect(pins.filter { $0.kind == .supply5V }.map(\.number) == [2, 4])
    #expect(pins.filter { $0.kind == .supply3V3 }.map(\.number) == [1, 17])
    let published = [29: 5, 31: 6, 33: 13, 16: 23, 37: 26, 40: 21, 12: 18, 3: 2, 8: 14, 24: 8, 22: 25]
    for (pin, line) in published { #expect(pins[pin - 1].kind == .line(bank: 0, offset: line)) }
    #expect(pins.filter { $0.use == "i2s" }.map(\.number) == [12, 35, 38, 40])
    for pin in pins { #expect(pin.isLeft == !pin.number.isMultiple(of: 2)) }
  }

  @Test("every board of the repository is wired without a conflict, and each of its lines is on a pin of its own")
  func boards() throws {
    var headers: Set<String> = []
    for name in try Self.names("boards") {
      let source = try Self.source("\(Self.directory)/boards/\(name)")
      let wiring = try Wiring(source, header: HeaderFile.read(for: source, catalogue: Repository.directory))
      let outputs = source.board.leds.filter { $0.output != nil }.count
      let wired = wiring.parts.filter { if case .sound = $0.kind { false } else { true } }
      #expect(wired.count == source.board.lines.buttons.count + outputs, "\(name)")
      #expect(Set(wiring.parts.map(\.pin)).count == wiring.parts.count, "\(name)")
      #expect(Set(wiring.parts.map(\.letter)).count == wiring.parts.count, "\(name)")
      #expect(wiring.parts.allSatisfy { $0.other != nil }, "\(name)")
      #expect(wiring.keys.count == source.board.inputs.flatMap(\.keys).count)
      #expect(source.header != nil || wiring.parts.isEmpty, "\(name) names no header")
      if let header = source.header { headers.insert(header.name) }
      let again = try Wiring(source, header: wiring.header)
      #expect(wiring == again, "\(name): the same twice")
    }
    #expect(headers == ["raspberry-pi", "orange-pi-zero-3", "beaglebone-black"])
  }

  @Test("the pins of the boards are those that their comments and the README name")
  func pinsOfBoards() throws {
    func pins(_ name: String) throws -> [String] {
      let source = try Self.source("\(Self.directory)/boards/\(name).yaml")
      return try Wiring(source, header: HeaderFile.read(for: source, catalogue: Repository.directory)).parts.map {
        $0.pin.label
      }
    }
    #expect(
      try pins("raspberry-pi")
        == ["29", "31", "33", "16", "37", "32", "36", "18", "22", "24", "26", "23", "21", "19", "11", "13", "15"])
    #expect(try pins("orange-pi") == ["7", "12", "15", "16", "18", "22", "26", "11", "19"])
    #expect(try pins("raspberry-pi-zero") == ["29", "31", "33", "37", "32", "36", "22", "18", "11"])
    let black = ["12", "11", "16", "15", "7", "8", "10", "9", "26"].map { "P8_" + $0 }
    #expect(try pins("beaglebone-black") == black)
  }

  // MARK: - Decisions

  @Test("each button gets the nearest free ground pin; when all are taken, the nearest, and the sharing is said")
  func grounds() throws {
    let one = try Self.wire("- {line: 6, button: repeat}")
    // Pin 30 lies in the next row to 29 and to 31; 31 takes the next free one.
    #expect(one.parts.map(\.other?.number) == [30, 34])
    #expect(one.parts.allSatisfy { $0.shared.isEmpty })
    let source = try Self.source("\(Self.directory)/boards/raspberry-pi.yaml")
    let wiring = try Wiring(source, header: Self.header("raspberry-pi"))
    let grounds = wiring.parts.compactMap(\.other)
    #expect(Set(grounds.map(\.number)) == [6, 9, 14, 20, 25, 30, 34, 39], "all are used before one is shared")
    for part in wiring.parts {
      let others = wiring.parts.filter { $0.other == part.other && $0.letter != part.letter }.map(\.letter)
      #expect(part.shared == others)
    }
  }

  @Test("a button to the supply gets 3.3 V, and an LED that lights when low too")
  func supplies() throws {
    let wiring = try Self.wire(
      "- {line: 6, button: repeat, active: high, bias: down}",
      leds: "leds:\n  - { chip: pinctrl-bcm2711, line: 17, active: low }")
    #expect(wiring.parts.map(\.other?.kind) == [.ground, .supply3V3, .supply3V3])
  }

  @Test("letters leave out I and O, and go on after Z")
  func letters() {
    let letters = (0..<60).map(WireLetter.of)
    #expect(letters[7...9] == ["H", "J", "K"] && letters[23] == "Z" && letters[24] == "AA" && letters[47] == "AZ")
    #expect(Set(letters).count == 60 && letters.allSatisfy { !$0.contains("I") && !$0.contains("O") })
  }

  @Test("the sound leaves the board as the name of the PCM shows, unless the file gives it")
  func sound() {
    func output(_ pcm: String, _ given: BoardHeader.Sound? = nil) -> SoundOutput {
      SoundOutput(Board.Sound(pcm: pcm), given: given)
    }
    #expect(output("hw:CARD=Device") == .usb)
    #expect(output("hw:CARD=sndrpihifiberry") == .i2s)
    #expect(output("hw:CARD=MAX98357A") == .i2s)
    #expect(output("hw:CARD=Headphones") == .jack)
    #expect(output("default") == .unknown)
    #expect(output("default", .i2s) == .i2s)
  }

  @Test("an I2S card has five wires of its own, and its ground pin is no button's while others are free")
  func soundCard() throws {
    let wiring = try Self.wire("- {line: 6, button: repeat}", pcm: "hw:CARD=sndrpihifiberry")
    let wires = wiring.parts.filter { if case .sound = $0.kind { true } else { false } }
    #expect(wires.map(\.pin.number) == [4, 14, 12, 35, 40])
    #expect(wires.map(\.colour.rawValue).prefix(2) == ["red", "black"])
    #expect(wiring.parts.prefix(2).allSatisfy { $0.other?.number != 14 })
    #expect(
      wiring.items.contains { $0.name.hasPrefix("I2S") } && !wiring.items.contains { $0.name.hasPrefix("USB sound") })
  }

  /// The lines of a board file that switch an amplifier.
  private static func amplifier(_ line: Int) -> String {
    "\n  lead: 30\n  amplifier: { chip: pinctrl-bcm2711, line: \(line) }"
  }

  @Test("the line that switches the amplifier has a wire, and a ground where no I2S card gives it one")
  func amplifier() throws {
    let usb = try Self.wire("- {line: 6, button: repeat}", sound: Self.amplifier(4))
    let switched = try #require(usb.parts.last)
    guard case .amplifier(let output) = switched.kind else {
      Issue.record("\(switched)")
      return
    }
    #expect(output.line == 4 && switched.pin.number == 7 && switched.other?.kind == .ground)
    #expect(usb.items.contains { $0.name == "amplifier" && $0.note.contains("SHDN") })
    let i2s = try Self.wire(
      "- {line: 6, button: repeat}", pcm: "hw:CARD=MAX98357A", sound: Self.amplifier(4))
    let parts = i2s.parts.filter { if case .amplifier = $0.kind { true } else { false } }
    #expect(parts.map(\.pin.number) == [7] && parts[0].other == nil)
    let pins = i2s.parts.map(\.pin)
    #expect(Set(pins).count == pins.count, "no pin has two wires")
  }

  @Test("an amplifier's line on a pin of the I2S card, of a function that is on, or on no pin is refused")
  func amplifierConflicts() {
    for (line, pcm, reason) in [(18, "hw:CARD=MAX98357A", "I2S"), (2, "hw:CARD=Device", "I2C"), (45, "x", "no pin")] {
      let found = Self.conflicts("- {line: 6, button: repeat}", pcm: pcm, sound: Self.amplifier(line))
      #expect(found.count == 1 && found[0].line == 6, "\(found)")
      #expect(found.first?.message.hasPrefix("the line that switches the amplifier is on ") == true, "\(found)")
      #expect(found.first?.message.contains(reason) == true, "\(found)")
    }
  }

  @Test("the parts list counts buttons of both persons, LEDs with resistors, and wires")
  func items() throws {
    let source = try Self.source("\(Self.directory)/boards/listener-buttons.yaml")
    let wiring = try Wiring(source, header: Self.header("raspberry-pi"))
    func count(_ name: String) -> Int? { wiring.items.first { $0.name.hasPrefix(name) }?.count }
    #expect(count("push button for the responder") == 14 && count("push button for the listener") == 5)
    #expect(count("LED") == 4 && count("resistor 470") == 4 && count("resistor 10 k") == nil && count("wire") == 46)
    #expect(count("USB sound card") == 1 && count("loudspeaker") == 1)
    #expect(wiring.off.map(\.name) == ["i2c", "spi", "uart"])
  }

  // MARK: - Conflicts

  @Test("a button on a pin of the I2S card, of I2C or of the serial console is refused with file, line and remedy")
  func usedPins() throws {
    let i2s = Self.conflicts("- {line: 19, button: repeat}", pcm: "hw:CARD=sndrpihifiberry")
    #expect(i2s.count == 1 && i2s[0].line == 12, "\(i2s)")
    #expect(i2s[0].description.contains("b.yaml:12: error: the button 'repeat' is on pin 35 (GPIO19), which the I2S"))
    #expect(i2s[0].remedy?.contains("choose a free line, such as 4 (pin 7)") == true)
    #expect(try Self.wire("- {line: 19, button: repeat}").parts.count == 2, "a USB card leaves the pin free")
    for (line, function) in [(2, "i2c"), (14, "uart"), (10, "spi")] {
      let found = Self.conflicts("- {line: \(line), button: repeat}")
      #expect(found.count == 1 && found[0].line == 12 && found[0].message.contains(function.uppercased()), "\(found)")
      #expect(found[0].remedy?.contains("add '\(function)' to 'disabled'") == true)
      #expect(!found[0].description.contains("\n"))
      let wiring = try Self.wire(
        "- {line: \(line), button: repeat}", header: "{ name: raspberry-pi, disabled: [\(function)] }")
      #expect(wiring.off.map(\.name) == [function])
    }
    let led = Self.conflicts("", pcm: "hw:CARD=sndrpihifiberry", leds: "leds:\n  - { chip: pinctrl-bcm2711, line: 18 }")
    #expect(led.count == 1 && led[0].line == 14 && led[0].message.hasPrefix("an LED is on pin 12"), "\(led)")
  }

  @Test("a line that no pin has, a reserved pin, and two LEDs on one line are refused, all in one pass")
  func lostPins() {
    let found = Self.conflicts(
      "- {line: 40, button: repeat}\n    - {line: 0, button: next}",
      leds: "leds:\n  - { chip: pinctrl-bcm2711, line: 17 }\n  - { chip: pinctrl-bcm2711, line: 17 }")
    #expect(found.map(\.line) == [12, 13, 16], "\(found)")
    #expect(found[0].message.contains("which is on no pin of Raspberry Pi 4"))
    #expect(found[1].message.contains("pin 27 (ID_SD), which must stay free"))
    #expect(found[2].message.contains("two LEDs"))
  }

  @Test("a header, a model, a chip and a function that do not exist are refused with those that do")
  func unknown() {
    func one(_ header: String, chip: String = "pinctrl-bcm2711") -> String {
      let found = Self.conflicts("", header: header, chip: chip)
      return found.count == 1 ? found[0].description : "\(found)"
    }
    #expect(
      one("raspberry").contains("b.yaml:3: error: there is no header 'raspberry': write one of beaglebone-black, "))
    #expect(one("{ name: raspberry-pi, model: pi-9 }").contains("no model 'pi-9': write one of pi-4, pi-3"))
    #expect(
      one("{ name: raspberry-pi, model: pi-5 }").contains("has no chip 'pinctrl-bcm2711': write 'chip: pinctrl-rp1"))
    #expect(one("raspberry-pi", chip: "gpiochip0").contains("no model of the header 'raspberry-pi' has gpiochip0"))
    #expect(one("{ name: raspberry-pi, disabled: [wifi] }").contains("'disabled' names 'wifi'"))
  }

  @Test("a headphone jack that the model does not have is refused at the line of the PCM")
  func noJack() {
    let found = Self.conflicts(
      "", header: "{ name: raspberry-pi, model: zero-2-w }", pcm: "hw:CARD=Headphones", chip: "pinctrl-bcm2835")
    #expect(found.count == 1 && found[0].line == 6 && found[0].message.contains("no headphone jack"), "\(found)")
  }

  @Test("a BeagleBone must name its kernel, because the labels of the chips change places")
  func order() throws {
    let found = Self.conflicts("- {line: 12, button: repeat}", header: "beaglebone-black", chip: "gpio-0-31")
    #expect(found.count == 1 && found[0].remedy?.contains("model: linux-5-15") == true, "\(found)")
    for (model, label) in [("linux-5-15", "P8_12"), ("linux-5-10", "P9_20")] {
      let header = try Self.header("beaglebone-black")
      let model = try #require(header.models.first { $0.name == model })
      #expect(header.pin(chip: "gpio-0-31", line: 12, of: model)?.label == label)
    }
  }

  @Test("a board with lines and without a header says which line is missing; one without lines needs none")
  func withoutHeader() throws {
    let scratch = try Scratch()
    let path = try scratch.write(
      "b.yaml", "name: b\nuse: trial\nsound: {pcm: a}\nlines: {chip: c, buttons: [{line: 5, button: stop}]}\n")
    let source = try Self.source(path)
    #expect {
      _ = try Wiring(source, header: nil)
    } throws: { error in
      "\(error)".contains("b.yaml:4: the board names no header") && "\(error)".contains("header: raspberry-pi")
    }
    let pad = try Self.source("\(Self.directory)/boards/number-pad.yaml")
    let wiring = try Wiring(pad, header: nil)
    #expect(wiring.parts.isEmpty && wiring.model == nil && wiring.keys.count == 18)
  }

  @Test("a header file with a gap, a line on two pins, or an unknown function is refused")
  func brokenHeaders() throws {
    let scratch = try Scratch()
    func faults(_ pins: String) throws -> String {
      let path = try scratch.write(
        "h.yaml",
        """
        name: h
        title: h
        tried: false
        sources: [a]
        models: [{ name: m, title: m, chips: [c] }]
        strips: [{ name: "", pins: [\(pins)] }]

        """)
      do {
        _ = try HeaderFile.read(path)
        return ""
      } catch { return error.description }
    }
    #expect(try faults("{ pin: 1, supply: GND }, { pin: 2, name: a, line: 1 }") == "")
    #expect(try faults("{ pin: 1, supply: GND }, { pin: 3, name: a, line: 1 }").contains("not 1 to 2 in order"))
    #expect(try faults("{ pin: 1, name: b, line: 1 }, { pin: 2, name: a, line: 1 }").contains("same line"))
    #expect(try faults("{ pin: 1, supply: GND }, { pin: 2, name: a, line: 1, use: i2c }").contains("unknown function"))
    #expect(try faults("{ pin: 1, supply: 12V }, { pin: 2, name: a }").contains("3V3, 5V, GND"))
    #expect(try faults("{ pin: 1 }, { pin: 2, name: a }").contains("neither 'supply' nor 'name'"))
  }
}
