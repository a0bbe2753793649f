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
    try Rule.text(name, "name", needed: true)
    try Rule.text(sound.pcm, "sound.pcm", needed: true)
    try Rule.range(sound.channels, "sound.channels", 1...2)
    // 1/3 ms to 170 ms: below it no card keeps up, above it nothing is stopped in time.
    try Rule.range(sound.period, "sound.period", 16...8192)
    try Rule.range(sound.buffer, "sound.buffer", 32...96_000)
    if sound.buffer < 2 * sound.period { throw DocumentError("sound.buffer", "is less than two periods") }
    if sound.channels == 1 && sound.map != .both { throw DocumentError("sound.map", "needs two channels") }
    try Rule.range(sound.sleep, "sound.sleep", 0...1440)
    try Rule.range(sound.lead, "sound.lead", 0...2000)
    try Rule.range(sound.gain, "sound.gain", -60...0)
    try sound.volume.validate()
    if let mixer = sound.mixer {
      try Rule.text(mixer.card, "sound.mixer.card", needed: true)
      try Rule.text(mixer.element, "sound.mixer.element", needed: true)
    }
    try Rule.range(journal.size, "journal.size", 64...1_000_000)
    if let days = journal.days { try Rule.range(days, "journal.days", 1...3650) }
    try validatePresses()
    try validateLines()
    try validateInputs()
    try validateLEDs()
    try validatePlaces()
  }

  private func validatePresses() throws(DocumentError) {
    try Rule.range(presses.hold, "presses.hold", 200...10_000)
    try Rule.range(presses.guardTime, "presses.guard", 0...5000)
    try Rule.range(presses.stuck, "presses.stuck", 2...3600)
    try Rule.range(presses.digits, "presses.digits", 500...30_000)
  }

  private func validateLines() throws(DocumentError) {
    try Rule.range(lines.lockout, "lines.lockout", 1...1000)
    try Rule.range(lines.poll, "lines.poll", 1...1000)
    try Rule.count(lines.buttons.count, "lines.buttons", limit: 256)
    var taken: [String: Int] = [:]
    for (index, line) in lines.buttons.enumerated() {
      let key = "lines.buttons[\(index)]"
      try Rule.text(line.chip, "\(key).chip", needed: true)
      try Rule.range(line.line, "\(key).line", 0...4095)
      if let other = taken.updateValue(index, forKey: "\(line.line) \(line.chip)") {
        throw DocumentError(key, "line \(line.line) of \(line.chip) is taken by lines.buttons[\(other)]")
      }
      try Rule.range(line.debounce, "\(key).debounce", 0...1000)
      if line.bias != nil || line.debounce > 0, line.access == .sysfs || line.access == .chipSysfs || line.timed {
        throw DocumentError(key, "sets bias or debounce, which only the character device can do")
      }
      try Self.validate(line.button, "\(key).button")
      if let hold = line.hold { try Self.validate(hold, "\(key).hold") }
      try Self.validate(label: line.label, place: line.place, key)
    }
  }

  private func validateInputs() throws(DocumentError) {
    try Rule.count(inputs.count, "inputs", limit: 16)
    for (index, input) in inputs.enumerated() {
      let key = "inputs[\(index)]"
      if (input.device == nil) == (input.name == nil) { throw DocumentError(key, "needs a device or a name, not both") }
      try Rule.text(input.device ?? input.name ?? "", "\(key).device", needed: true)
      if let device = input.device, !device.hasPrefix("/") {
        throw DocumentError("\(key).device", "is no absolute path")
      }
      try Rule.count(input.keys.count, "\(key).keys", limit: 256)
      var taken: Set<Int> = []
      for (place, each) in input.keys.enumerated() {
        // KEY_MAX of linux/input-event-codes.h
        try Rule.range(each.code, "\(key).keys[\(place)].code", 1...0x2FF)
        if !taken.insert(each.code).inserted { throw DocumentError("\(key).keys[\(place)]", "is given twice") }
        try Self.validate(each.button, "\(key).keys[\(place)].button")
        if let hold = each.hold { try Self.validate(hold, "\(key).keys[\(place)].hold") }
        try Self.validate(label: each.label, place: each.place, "\(key).keys[\(place)]")
      }
    }
  }

  private func validateLEDs() throws(DocumentError) {
    try Rule.count(leds.count, "leds", limit: 32)
    for (index, led) in leds.enumerated() {
      let key = "leds[\(index)]"
      if (led.led == nil) == (led.output == nil) { throw DocumentError(key, "needs a led or a line, not both") }
      if let name = led.led {
        try Rule.text(name, "\(key).led", needed: true)
        if name.contains("/") || name.hasPrefix(".") { throw DocumentError("\(key).led", "is no LED's name") }
      }
      guard let output = led.output else { continue }
      try Rule.text(output.chip, "\(key).chip", needed: true)
      try Rule.range(output.line, "\(key).line", 0...4095)
      if lines.buttons.contains(where: { $0.chip == output.chip && $0.line == output.line }) {
        throw DocumentError(key, "line \(output.line) of \(output.chip) is a button")
      }
    }
  }

  private static func validate(_ button: Button, _ key: String) throws(DocumentError) {
    if case .prompt(let id) = button { try Rule.prompt(id, key) }
  }

  private static func wrong(format: String) -> DocumentError {
    DocumentError("format", "is \(format), this program reads \(Self.format)")
  }
}

extension Board.Sound.Volume {
  func validate() throws(DocumentError) {
    try Rule.range(ceiling, "sound.volume.ceiling", -60...0)
    try Rule.range(floor, "sound.volume.floor", -60...ceiling)
    try Rule.range(standard, "sound.volume.standard", floor...ceiling)
    try Rule.range(quiet, "sound.volume.quiet", -60...standard)
    try Rule.range(step, "sound.volume.step", 0.5...12)
  }
}
