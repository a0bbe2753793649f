import Board
import Encoding
import Posix

/// The reason why a compiled board was refused.
public enum BoardError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file could not be read.
  case system(SystemError)
  /// The file was read, but is not a valid board.
  case content(path: String, DocumentError)

  /// The reason on one line, with the file and the remedy.
  public var description: String {
    switch self {
    case .system(let error): error.description
    case .content(let path, let error): "\(path): \(error); write it again with `firstword board compile`"
    }
  }
}

extension Board {
  /// Reads a board that `firstword board compile` wrote, and validates it again.
  ///
  /// - Parameter path: a file of at most 1 MiB.
  public static func load(_ path: String) throws(BoardError) -> Board {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: 1 << 20) } catch { throw .system(error) }
    do throws(DocumentError) { return try Board(json: bytes) } catch { throw .content(path: path, error) }
  }

  /// Decodes and validates a board.
  ///
  /// - Throws: `DocumentError` with the key of the first invalid value.
  public init(json: [UInt8]) throws(DocumentError) {
    do throws(DocumentError) { self = try Documents.decode(Board.self, from: json) } catch {
      if let other = Documents.format(of: json), other != Self.format { throw Self.wrong(format: other) }
      throw error
    }
    try validate()
  }

  /// Validates and encodes the board. The same board always gives the same bytes.
  ///
  /// - Throws: `DocumentError` where the daemon would refuse the board.
  public func json() throws(DocumentError) -> [UInt8] {
    try validate()
    return try Documents.encode(self)
  }

  /// Validates every value and the rules between values.
  ///
  /// - Throws: `DocumentError` with the key of the first invalid value.
  public func validate() throws(DocumentError) {
    if format != Self.format { throw Self.wrong(format: format) }
    try Rule.word(name, "name", alphabet: Rule.ids, limit: Limits.name.upperBound)
    if name.hasSuffix("-") || name.contains("--") {
      throw DocumentError("name", "has a hyphen without a word after it")
    }
    try sound.validate()
    try Rule.range(journal.size, "journal.size", Limits.journalSize)
    if let days = journal.days { try Rule.range(days, "journal.days", Limits.journalDays) }
    try validatePresses()
    try validateLines()
    try validateInputs()
    try validateLEDs()
    try validateAmplifier()
    try validatePlaces()
  }

  private func validatePresses() throws(DocumentError) {
    try Rule.range(presses.hold, "presses.hold", Limits.hold)
    try Rule.range(presses.guardTime, "presses.guard", Limits.guardTime)
    try Rule.range(presses.stuck, "presses.stuck", Limits.stuck)
    try Rule.range(presses.digits, "presses.digits", Limits.digits)
    if let chord = presses.chord { try Rule.range(chord, "presses.chord", Limits.chord) }
    if !presses.hasChordBelowStuck { throw DocumentError("presses.chord", "is not below presses.stuck") }
    if !presses.hasHoldBelowStuck { throw DocumentError("presses.hold", "is not below presses.stuck") }
  }

  private func validateLines() throws(DocumentError) {
    try Rule.range(lines.lockout, "lines.lockout", Limits.lockout)
    if !hasLockoutBelowHold { throw DocumentError("lines.lockout", "is not below presses.hold") }
    try Rule.range(lines.poll, "lines.poll", Limits.poll)
    try Rule.count(lines.buttons.count, "lines.buttons", limit: Limits.lines)
    var taken: [String: Int] = [:]
    for (index, line) in lines.buttons.enumerated() {
      let key = "lines.buttons[\(index)]"
      try Rule.text(line.chip, "\(key).chip", length: Limits.chip)
      try Rule.range(line.line, "\(key).line", Limits.line)
      if let other = taken.updateValue(index, forKey: "\(line.line) \(line.chip)") {
        throw DocumentError(key, "line \(line.line) of \(line.chip) is taken by lines.buttons[\(other)]")
      }
      try Rule.range(line.debounce, "\(key).debounce", Limits.debounce)
      if line.bias != nil || line.debounce > 0, line.access == .sysfs || line.access == .chipSysfs || line.timed {
        throw DocumentError(key, "sets bias or debounce, which only the character device can do")
      }
      try Self.validate(line.button, "\(key).button")
      if let hold = line.hold { try Self.validate(hold, "\(key).hold") }
      if let withStop = line.withStop { try Self.validate(withStop, "\(key).withStop", isWithStop: true) }
      try Self.validate(line.by, line.button, line.hold ?? line.withStop, key)
      try Self.validate(label: line.label, place: line.place, key)
    }
  }

  private func validateInputs() throws(DocumentError) {
    try Rule.count(inputs.count, "inputs", limit: Limits.inputs)
    for (index, input) in inputs.enumerated() {
      let key = "inputs[\(index)]"
      if (input.device == nil) == (input.name == nil) { throw DocumentError(key, "needs a device or a name, not both") }
      try Rule.text(
        input.device ?? input.name ?? "", "\(key).\(input.device == nil ? "name" : "device")", length: Limits.device)
      if let device = input.device, !device.hasPrefix("/") {
        throw DocumentError("\(key).device", "is not an absolute path")
      }
      try Rule.count(input.keys.count, "\(key).keys", limit: Limits.keys)
      var taken: Set<Int> = []
      for (place, each) in input.keys.enumerated() {
        try Rule.range(each.code, "\(key).keys[\(place)].code", Limits.keyCode)
        if !taken.insert(each.code).inserted { throw DocumentError("\(key).keys[\(place)]", "is given twice") }
        try Self.validate(each.button, "\(key).keys[\(place)].button")
        if let hold = each.hold { try Self.validate(hold, "\(key).keys[\(place)].hold") }
        if let withStop = each.withStop {
          try Self.validate(withStop, "\(key).keys[\(place)].withStop", isWithStop: true)
        }
        try Self.validate(each.by, each.button, each.hold ?? each.withStop, "\(key).keys[\(place)]")
        try Self.validate(label: each.label, place: each.place, "\(key).keys[\(place)]")
      }
    }
  }

  /// Checks that a listener's button is an answer, and that it has no other meaning.
  private static func validate(
    _ person: Board.Person?, _ button: Button, _ other: Button?, _ key: String
  ) throws(DocumentError) {
    guard person == .listener else { return }
    if !button.isForListener || other != nil {
      throw DocumentError(key, "is the listener's, and may only be an answer, without a second meaning")
    }
  }

  private func validateLEDs() throws(DocumentError) {
    try Rule.count(leds.count, "leds", limit: Limits.leds)
    for (index, led) in leds.enumerated() {
      let key = "leds[\(index)]"
      if (led.led == nil) == (led.output == nil) { throw DocumentError(key, "needs a led or a line, not both") }
      if let name = led.led {
        try Rule.text(name, "\(key).led", length: Limits.led)
        if name.contains("/") || name.hasPrefix(".") { throw DocumentError("\(key).led", "is not the name of an LED") }
      }
      guard let output = led.output else { continue }
      try Rule.text(output.chip, "\(key).chip", length: Limits.chip)
      try Rule.range(output.line, "\(key).line", Limits.line)
      if lines.buttons.contains(where: { $0.chip == output.chip && $0.line == output.line }) {
        throw DocumentError(key, "line \(output.line) of \(output.chip) is a button")
      }
    }
  }

  private func validateAmplifier() throws(DocumentError) {
    guard let amplifier = sound.amplifier else { return }
    let (key, output) = ("sound.amplifier", amplifier.output)
    try Rule.text(output.chip, "\(key).output.chip", length: Limits.chip)
    try Rule.range(output.line, "\(key).output.line", Limits.line)
    try Rule.range(amplifier.rest, "\(key).rest", Limits.amplifierRest)
    try Rule.range(sound.lead, "sound.lead", Limits.amplifierLead)
    if isTaken(output) { throw DocumentError(key, "line \(output.line) of \(output.chip) is a button or an LED") }
  }

  /// - Parameter isWithStop: whether it is what a press means while stop is held down.
  private static func validate(_ button: Button, _ key: String, isWithStop: Bool = false) throws(DocumentError) {
    if button.isChord && !isWithStop { throw DocumentError(key, "is only given together with stop") }
    if case .prompt(let id) = button { try Rule.prompt(id, key) }
  }

  private static func wrong(format: String) -> DocumentError {
    DocumentError("format", "is \(format), this program reads \(Self.format)")
  }
}

extension Board.Sound {
  fileprivate func validate() throws(DocumentError) {
    typealias Limits = Board.Limits
    try Rule.text(pcm, "sound.pcm", length: Limits.device)
    try Rule.range(channels, "sound.channels", Limits.channels)
    try Rule.range(period, "sound.period", Limits.period)
    try Rule.range(buffer, "sound.buffer", Limits.buffer)
    if !hasBufferForTwoPeriods { throw DocumentError("sound.buffer", "is less than two periods") }
    if channels == 1 && map != .both { throw DocumentError("sound.map", "needs two channels") }
    try Rule.range(sleep, "sound.sleep", Limits.sleep)
    try Rule.range(lead, "sound.lead", Limits.lead)
    try Rule.range(gain, "sound.gain", Limits.decibels)
    try Rule.range(volume.ceiling, "sound.volume.ceiling", Limits.decibels)
    let minimum = Limits.decibels.lowerBound
    try Rule.range(volume.floor, "sound.volume.floor", minimum...volume.ceiling)
    try Rule.range(volume.standard, "sound.volume.standard", volume.floor...volume.ceiling)
    try Rule.range(volume.quiet, "sound.volume.quiet", minimum...volume.standard)
    try Rule.range(volume.step, "sound.volume.step", Limits.volumeStep)
    if let mixer {
      try Rule.text(mixer.card, "sound.mixer.card", length: Limits.device)
      try Rule.text(mixer.element, "sound.mixer.element", length: Limits.element)
    }
  }
}

extension Rule {
  /// Checks a text that must have more than spaces, and its number of characters.
  static func text(_ text: String, _ key: String, length: ClosedRange<Int>) throws(DocumentError) {
    try self.text(text, key, needed: true)
    if text.count > length.upperBound {
      throw DocumentError(key, "is longer than \(length.upperBound) characters")
    }
  }
}
