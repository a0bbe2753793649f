import Kit

/// A board as people write it: `Hardware/boards/headless.yaml`.
public enum BoardFile {
  /// Reads and checks a board; what its buttons play must be prompts of `catalogue`.
  public static func read(_ path: String, catalogue: Catalogue) throws(CatalogueError) -> Board {
    let log = FindingLog()
    let board = YAMLFile.read(path, log: log).flatMap { Board($0, prompts: catalogue.prompts.map(\.id)) }
    try log.throwErrors()
    guard let board else { throw CatalogueError([.unread(path)]) }
    return board
  }
}

extension Board {
  fileprivate init?(_ root: Field, prompts: [String]) {
    guard let map = root.mapping(["name", "use", "sound"], optional: ["presses", "lines", "inputs", "leds"]) else {
      return nil
    }
    let name = map["name"]?.identifier()
    let use = map["use"]?.word(Use.self)
    let sound = map["sound"].flatMap(Sound.init)
    let presses = map["presses"].or(Presses()) { Presses($0) }
    let lines = map["lines"].or(Lines()) { Lines($0, prompts: prompts) }
    let inputs = map["inputs"].or([]) { $0.items { Input($0, prompts: prompts) } }
    let leds = map["leds"].or([]) { $0.items { LED($0, buttons: lines?.buttons ?? []) } }
    guard let name, let use, let sound, let presses, let lines, let inputs, let leds else { return nil }
    self.init(name: name, use: use, sound: sound, presses: presses, lines: lines, inputs: inputs, leds: leds)
    let buttons = lines.buttons.map(\.button) + inputs.flatMap { $0.keys.map(\.button) }
    if !buttons.contains(.control(.stop)) {
      (map["lines"] ?? map["inputs"] ?? root).refuse(
        "no button stops", "give one line or key the button 'stop': a wrong message must end at once")
    }
  }
}

extension Board.Sound {
  fileprivate init?(_ field: Field) {
    guard let map = field.mapping(["pcm"], optional: ["channels", "period", "buffer", "rewind", "gain"]) else {
      return nil
    }
    let pcm = map["pcm"]?.text(length: 1...200)
    let channels = map["channels"].or(1) { $0.integer(in: 1...2) }
    let period = map["period"].or(480) { $0.integer(in: 64...4800) }
    let buffer = map["buffer"].or(9600) { $0.integer(in: 128...96000) }
    let rewind = map["rewind"].or(false) { $0.flag() }
    let gain = map["gain"].or(0) { $0.number(in: -60...0) }
    guard let pcm, let channels, let period, let buffer, let rewind, let gain else { return nil }
    if buffer < 2 * period {
      (map["buffer"] ?? field).refuse(
        "a buffer of \(buffer) frames is less than two periods of \(period)", "write at least \(2 * period)")
    }
    self.init(pcm: pcm, channels: channels, period: period, buffer: buffer, rewind: rewind, gain: gain)
  }
}

extension Field {
  /// A control button, or the id of one of `prompts`.
  func button(prompts: [String]) -> Button? {
    guard let name = text(length: 1...40) else { return nil }
    let known = Button.names + prompts
    return known.contains(name)
      ? Button(name)
      : refuse(
        "no button or prompt is called '\(name.shown)'\(Spelling.hint(name, known))",
        "write \(Button.Control.allCases.map(\.rawValue).joined(separator: ", ")), a key of the number pad (\"0\" to "
          + "\"9\", \"*\") or a prompt's id")
  }

  /// The items of a list, each read; nil where one of them cannot be.
  func items<Value>(_ read: (Field) -> Value?) -> [Value]? {
    guard let fields = list() else { return nil }
    let values = fields.compactMap(read)
    return values.count == fields.count ? values : nil
  }
}

extension Field? {
  /// `standard` where the key is absent, else what `read` makes of it.
  func or<Value>(_ standard: Value, _ read: (Field) -> Value?) -> Value? {
    switch self {
    case nil: standard
    case let field?: read(field)
    }
  }
}

extension Finding {
  /// For a reader that gives nothing and says nothing: it never should, and must not go on in silence.
  static func unread(_ path: String) -> Finding {
    Finding(file: path, message: "not usable", remedy: "compare it with one that works")
  }
}
