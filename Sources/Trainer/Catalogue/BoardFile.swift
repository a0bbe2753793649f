import Board
import Diagnostics

/// A board as people write it: `Hardware/boards/headless.yaml`.
public enum BoardFile {
  /// Reads and checks a board; what its buttons name must be in `catalogue`.
  public static func read(_ path: String, catalogue: Catalogue) throws(DiagnosticsError) -> Board {
    let log = DiagnosticLog()
    let board = YAMLFile.read(path, log: log).flatMap { Board($0, prompts: catalogue.buttonNames) }
    try log.throwErrors()
    guard let board else { throw DiagnosticsError([.unusable(path)]) }
    return board
  }
}

extension Board {
  fileprivate init?(_ root: Field, prompts: [String]) {
    guard
      let map = root.mapping(["name", "use", "sound"], optional: ["presses", "lines", "inputs", "leds", "journal"])
    else {
      return nil
    }
    let name = map["name"]?.identifier()
    let use = map["use"]?.word(Use.self)
    let sound = map["sound"].flatMap(Sound.init)
    let presses = map["presses"].or(Presses()) { Presses($0) }
    let lines = map["lines"].or(Lines()) { Lines($0, prompts: prompts) }
    let inputs = map["inputs"].or([]) { $0.items { Input($0, prompts: prompts) } }
    let leds = map["leds"].or([]) { $0.items { LED($0, buttons: lines?.buttons ?? []) } }
    let journal = map["journal"].or(Journal()) { Journal($0) }
    guard let name, let use, let sound, let presses, let lines, let inputs, let leds, let journal else { return nil }
    self.init(
      name: name, use: use, sound: sound, presses: presses, lines: lines, inputs: inputs, leds: leds, journal: journal)
    refuseSharedPlaces(in: map["inputs"] ?? map["lines"] ?? root)
    let buttons = lines.buttons.map(\.button) + inputs.flatMap { $0.keys.map(\.button) }
    if !buttons.contains(.control(.stop)) {
      (map["lines"] ?? map["inputs"] ?? root).refuse(
        "no button stops", "give one line or key the button 'stop': a wrong message must end at once")
    }
  }
}

extension Board.Journal {
  private enum Policy: String, CaseIterable { case off }

  /// `off`, or how much is kept.
  fileprivate init?(_ field: Field) {
    if field.isScalar {
      guard field.word(Policy.self) != nil else { return nil }
      self.init(isKept: false)
      return
    }
    guard let map = field.mapping([], optional: ["size", "days"]) else { return nil }
    guard let size = map["size"].or(Self().size, { $0.integer(in: 64...1_000_000) }) else { return nil }
    guard let days = map["days"].or(Int?.none, { $0.integer(in: 1...3650).map(Int?.some) }) else { return nil }
    self.init(size: size, days: days)
  }
}

extension Board.Sound {
  fileprivate init?(_ field: Field) {
    let optional = [
      "channels", "map", "period", "buffer", "rewind", "stream", "sleep", "lead", "gain", "volume", "mixer",
    ]
    guard let map = field.mapping(["pcm"], optional: optional) else { return nil }
    let pcm = map["pcm"]?.text(length: 1...200)
    let channels = map["channels"].or(1) { $0.integer(in: 1...2) }
    let period = map["period"].or(480) { $0.integer(in: 64...4800) }
    let buffer = map["buffer"].or(9600) { $0.integer(in: 128...96000) }
    let rewind = map["rewind"].or(false) { $0.flag() }
    let gain = map["gain"].or(0) { $0.number(in: -60...0) }
    let channelMap = map["map"].or(.both) { $0.word(ChannelMap.self) }
    let stream = map["stream"].or(.prepared) { $0.word(Stream.self) }
    let sleep = map["sleep"].or(10) { $0.integer(in: 0...1440) }
    let lead = map["lead"].or(0) { $0.integer(in: 0...2000) }
    let volume = map["volume"].or(Volume()) { Volume($0) }
    let mixer = map["mixer"].map { Mixer($0) }
    guard let pcm, let channels, let period, let buffer, let rewind, let gain, let channelMap, let stream, let sleep,
      let lead, let volume
    else { return nil }
    // Named, but not readable.
    if case .some(nil) = mixer { return nil }
    if channels == 1 && channelMap != .both {
      map["map"]?.refuse("one channel has no left and right", "write channels: 2")
    }
    if stream == .prepared, let sleep = map["sleep"] {
      sleep.refuse("a prepared stream always sleeps", "write stream: running, or leave sleep away")
    }
    if buffer < 2 * period {
      (map["buffer"] ?? field).refuse(
        "a buffer of \(buffer) frames is less than two periods of \(period)", "write at least \(2 * period)")
    }
    self.init(
      pcm: pcm, channels: channels, period: period, buffer: buffer, rewind: rewind, gain: gain, map: channelMap,
      stream: stream, sleep: sleep, lead: lead, volume: volume, mixer: mixer ?? nil)
  }
}

extension Board.Sound.Volume {
  fileprivate init?(_ field: Field) {
    let keys = ["default", "floor", "ceiling", "quiet", "step"]
    guard let map = field.mapping([], optional: keys) else { return nil }
    let whole = Self()
    let ceiling = map["ceiling"].or(whole.ceiling) { $0.number(in: -60...0) }
    let floor = map["floor"].or(whole.floor) { $0.number(in: -60...0) }
    guard let ceiling, let floor else { return nil }
    if floor > ceiling {
      field.refuse("the floor of \(floor) dB is above the ceiling of \(ceiling) dB", "lower the floor")
      return nil
    }
    let standard = map["default"].or(min(max(whole.standard, floor), ceiling)) { $0.number(in: floor...ceiling) }
    guard let standard else { return nil }
    let quiet = map["quiet"].or(min(whole.quiet, standard)) { $0.number(in: -60...standard) }
    let step = map["step"].or(whole.step) { $0.number(in: 0.5...12) }
    guard let quiet, let step else { return nil }
    self.init(standard: standard, floor: floor, ceiling: ceiling, quiet: quiet, step: step)
  }
}

extension Board.Sound.Mixer {
  fileprivate init?(_ field: Field) {
    guard let map = field.mapping(["card", "element"], optional: []) else { return nil }
    guard let card = map["card"]?.text(length: 1...200), let element = map["element"]?.text(length: 1...64) else {
      return nil
    }
    self.init(card: card, element: element)
  }
}

extension Field {
  /// A control button, or one of `prompts`: ids, and modules.
  package func button(prompts: [String]) -> Button? {
    guard let name = text(length: 1...40) else { return nil }
    let known = Button.names + prompts
    return known.contains(name)
      ? Button(name)
      : refuse(
        "no button or prompt is called '\(name.shown)'\(Spelling.hint(name, known))",
        "write \(Button.Control.allCases.map(\.rawValue).joined(separator: ", ")), a key of the number pad (\"0\" to "
          + "\"9\", \"*\"), a module, or the id of a prompt or a sequence")
  }
}
