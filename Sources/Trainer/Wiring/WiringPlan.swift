import Board
import Catalogue
import Diagnostics

/// Finds the pin of each part, and collects what prevents it.
final class WiringPlan {
  private let source: BoardSource
  private let header: Header
  private let sound: SoundOutput
  /// What prevents the wiring, in the order in which it was found.
  private(set) var conflicts: [Diagnostic] = []

  init(_ source: BoardSource, _ header: Header, _ sound: SoundOutput) {
    self.source = source
    self.header = header
    self.sound = sound
  }

  private var board: Board { source.board }
  /// The lines of the LEDs and of the amplifier.
  private var outputs: [Board.Output] {
    board.leds.compactMap(\.output) + [board.sound.amplifier?.output].compactMap { $0 }
  }
  private var disabled: [String] { source.header?.disabled ?? [] }

  private func refuse(_ line: Int?, _ message: String, _ remedy: String) {
    conflicts.append(Diagnostic(path: source.path, line: line, message: message, remedy: remedy))
  }

  private func error(_ line: Int?, _ message: String, _ remedy: String) -> DiagnosticsError {
    DiagnosticsError(path: source.path, line: line, message: message, remedy: remedy)
  }

  // MARK: - The model

  /// Returns the model that the file names, or else the first whose chips have the board's lines.
  ///
  /// - Throws: where no model fits, and where several do that have the lines on different pins.
  func model() throws(DiagnosticsError) -> Header.Model {
    let line = source.header?.line
    let names = header.models.map(\.name).joined(separator: ", ")
    let places = board.lines.buttons.map { ($0.chip, $0.line) } + outputs.map { ($0.chip, $0.line) }
    let chips = Set(places.map(\.0)).sorted()
    if let name = source.header?.model {
      guard let model = header.models.first(where: { $0.name == name }) else {
        throw error(line, "the header '\(header.name)' has no model '\(name)'", "write one of \(names)")
      }
      if let chip = chips.first(where: { !model.chips.contains($0) }) {
        throw error(
          source.buttonLines.first, "\(model.title) has no chip '\(chip)'",
          "write 'chip: \(model.chips.joined(separator: "' or 'chip: "))', or another model")
      }
      return model
    }
    let fitting = header.models.filter { model in chips.allSatisfy(model.chips.contains) }
    guard let first = fitting.first else {
      let all = header.models.map { "\($0.name): \($0.chips.joined(separator: " "))" }.joined(separator: "; ")
      throw error(
        source.buttonLines.first, "no model of the header '\(header.name)' has \(chips.joined(separator: " and "))",
        "write the label of the chip in 'chip:' (\(all))")
    }
    let pins = fitting.map { model in places.map { header.pin(chip: $0.0, line: $0.1, of: model) } }
    if pins.contains(where: { $0 != pins[0] }) {
      throw error(
        line, "the models \(fitting.map(\.name).joined(separator: ", ")) have these lines on different pins",
        "name the model: 'header: { name: \(header.name), model: \(first.name) }'")
    }
    return first
  }

  // MARK: - The parts

  /// Returns all parts with their pins. Where there are conflicts, some are missing.
  func parts(of model: Header.Model) -> [Wiring.Part] {
    checkSound(of: model)
    for name in disabled where !header.functions.contains(where: { $0.name == name }) {
      refuse(
        source.header?.line, "'disabled' names '\(name)', which the header '\(header.name)' cannot switch off",
        "write one of \(header.functions.map(\.name).joined(separator: ", "))")
    }
    var wanted: [(kind: Wiring.Kind, pin: Header.Pin)] = []
    for (index, line) in board.lines.buttons.enumerated() {
      let place = source.buttonLines.indices.contains(index) ? source.buttonLines[index] : nil
      if let pin = pin(line.chip, line.line, model, at: place, "the button '\(line.button)'") {
        wanted.append((.button(line), pin))
      }
    }
    var lit: Set<Header.Pin> = []
    for (index, led) in board.leds.enumerated() {
      guard let output = led.output else { continue }
      let place = source.ledLines.indices.contains(index) ? source.ledLines[index] : nil
      guard let pin = pin(output.chip, output.line, model, at: place, "an LED") else { continue }
      if !lit.insert(pin).inserted {
        refuse(place, "two LEDs are on line \(output.line) of \(output.chip)", "give each LED a line of its own")
      }
      wanted.append((.led(led, output), pin))
    }
    if let output = board.sound.amplifier?.output,
      let pin = pin(output.chip, output.line, model, at: source.soundLine, "the line that switches the amplifier")
    {
      wanted.append((.amplifier(output), pin))
    }
    if sound == .i2s { wanted += soundWires() }
    return assigned(wanted)
  }

  private func checkSound(of model: Header.Model) {
    if sound == .jack && !model.hasJack {
      refuse(
        source.soundLine, "\(model.title) has no headphone jack, which '\(board.sound.pcm)' needs",
        "use a USB sound card, often 'hw:CARD=Device'")
    }
    if sound == .i2s && !header.pins.contains(where: { $0.signal == .dataOut }) {
      refuse(
        source.soundLine, "the header '\(header.name)' has no known I2S pins, which '\(board.sound.pcm)' needs",
        "use a USB sound card, often 'hw:CARD=Device'")
    }
  }

  /// Returns the pin of a line; nil after reporting why no part can be there.
  private func pin(_ chip: String, _ line: Int, _ model: Header.Model, at place: Int?, _ what: String) -> Header.Pin? {
    guard let pin = header.pin(chip: chip, line: line, of: model) else {
      refuse(place, "\(what) is on line \(line) of \(chip), which is on no pin of \(model.title)", choose(model))
      return nil
    }
    let where_ = "\(what) is on pin \(pin.label) (\(pin.name))"
    if let reserved = pin.reserved {
      refuse(place, "\(where_), which must stay free: \(reserved)", choose(model))
      return nil
    }
    guard let use = pin.use else { return pin }
    if use == "i2s" {
      if sound != .i2s { return pin }
      refuse(
        place, "\(where_), which the I2S sound card '\(board.sound.pcm)' uses",
        "\(choose(model)), or use a USB sound card")
      return nil
    }
    if disabled.contains(use) { return pin }
    refuse(
      place, "\(where_), which is \(use.uppercased())",
      "\(choose(model)), or switch \(use.uppercased()) off on the device and add '\(use)' to 'disabled' in 'header:'")
    return nil
  }

  /// Returns the advice to take a free line.
  private func choose(_ model: Header.Model) -> String {
    let used = Set(
      board.lines.buttons.compactMap { header.pin(chip: $0.chip, line: $0.line, of: model) }
        + outputs.compactMap { header.pin(chip: $0.chip, line: $0.line, of: model) })
    for pin in header.pins where pin.use == nil && pin.reserved == nil && !used.contains(pin) {
      if case .line(let bank, let offset) = pin.kind, model.chips.indices.contains(bank) {
        let chip = model.chips.count > 1 ? " of \(model.chips[bank])" : ""
        return "choose a free line, such as \(offset)\(chip) (pin \(pin.label))"
      }
    }
    return "choose another header pin; all lines without a function are in use"
  }

  private func soundWires() -> [(kind: Wiring.Kind, pin: Header.Pin)] {
    let signals: [(Wiring.SoundWire, Header.Signal)] = [
      (.bitClock, .bitClock), (.wordClock, .wordClock), (.data, .dataOut),
    ]
    let wires = signals.compactMap { wire, signal in
      header.pins.first { $0.signal == signal }.map { (kind: Wiring.Kind.sound(wire), pin: $0) }
    }
    guard let clock = wires.first?.pin else { return [] }
    let supplies: [(Wiring.SoundWire, Header.Pin.Kind)] = [(.supply, .supply5V), (.ground, .ground)]
    return supplies.compactMap { wire, kind in
      nearest(kind, to: clock, uses: [:]).map { (kind: Wiring.Kind.sound(wire), pin: $0) }
    } + wires
  }

  // MARK: - Second wires

  /// Gives each part its letter, its colour, and the pin of its second wire: the nearest that is free, or else the
  /// nearest.
  private func assigned(_ wanted: [(kind: Wiring.Kind, pin: Header.Pin)]) -> [Wiring.Part] {
    var uses: [Header.Pin: [String]] = [:]
    for (index, part) in wanted.enumerated() {
      if case .sound = part.kind { uses[part.pin, default: []].append(WireLetter.of(index)) }
    }
    var parts: [Wiring.Part] = []
    for (index, part) in wanted.enumerated() {
      let letter = WireLetter.of(index)
      let kind: Header.Pin.Kind? =
        switch part.kind {
        case .button(let line): line.active == .low ? .ground : .supply3V3
        case .led(_, let output): output.active == .high ? .ground : .supply3V3
        // The wires of the I2S card have a ground already.
        case .amplifier: sound == .i2s ? nil : .ground
        case .sound: nil
        }
      let other = kind.flatMap { nearest($0, to: part.pin, uses: uses) }
      if let other { uses[other, default: []].append(letter) }
      let colour: WireColour =
        switch part.kind {
        case .sound(.supply): .red
        case .sound(.ground): .black
        default: .of(index)
        }
      parts.append(
        Wiring.Part(
          kind: part.kind, letter: letter, colour: colour, pin: part.pin, other: other, shared: []))
    }
    for index in parts.indices {
      guard let other = parts[index].other else { continue }
      parts[index].shared = (uses[other] ?? []).filter { $0 != parts[index].letter }
    }
    return parts
  }

  /// Returns the pin of a kind that is nearest to another: a free one of the same strip, or else any of that strip, or
  /// else of the other strips.
  private func nearest(_ kind: Header.Pin.Kind, to pin: Header.Pin, uses: [Header.Pin: [String]]) -> Header.Pin? {
    func distance(_ other: Header.Pin) -> Int { 2 * abs(other.row - pin.row) + (other.isLeft == pin.isLeft ? 0 : 1) }
    let all = header.pins.filter { $0.kind == kind && $0.reserved == nil }
    let same = all.filter { $0.strip == pin.strip }
    let candidates = same.isEmpty ? all : same
    let free = candidates.filter { uses[$0] == nil }
    return (free.isEmpty ? candidates : free).min { (distance($0), $0.number) < (distance($1), $1.number) }
  }
}
