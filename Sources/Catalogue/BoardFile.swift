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
    guard let map = root.mapping(["name", "use", "sound", "lines"]) else { return nil }
    let name = map["name"]?.identifier()
    let use = map["use"]?.word(Use.self)
    let sound = map["sound"].flatMap(Sound.init)
    let lines = map["lines"].flatMap { Lines($0, prompts: prompts) }
    guard let name, let use, let sound, let lines else { return nil }
    self.init(name: name, use: use, sound: sound, lines: lines)
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

extension Board.Lines {
  fileprivate init?(_ field: Field, prompts: [String]) {
    guard let map = field.mapping(["chip", "buttons"], optional: ["lockout", "poll"]) else { return nil }
    let chip = map["chip"]?.text(length: 1...64)
    let lockout = map["lockout"].or(30) { $0.integer(in: 1...500) }
    let poll = map["poll"].or(10) { $0.integer(in: 1...100) }
    guard let fields = map["buttons"]?.list() else { return nil }
    var buttons: [Board.Line] = []
    for field in fields {
      // Read even where the chip is missing, so that one pass finds everything.
      guard let line = Board.Line(field, chip: chip ?? "", prompts: prompts) else { continue }
      if buttons.contains(where: { $0.chip == line.chip && $0.line == line.line }) {
        field.refuse("line \(line.line) of \(line.chip) is given twice", "give each button a line of its own")
      }
      if buttons.contains(where: { $0.button == line.button }) {
        field.refuse("the button '\(line.button)' is given twice", "keep one of them")
      }
      buttons.append(line)
    }
    guard let chip, !chip.isEmpty, let lockout, let poll else { return nil }
    self.init(lockout: lockout, poll: poll, buttons: buttons)
    if buttons.count == fields.count && !buttons.contains(where: { $0.button == .control(.stop) }) {
      map["buttons"]?.refuse("no button stops", "give one line the button 'stop': a wrong message must end at once")
    }
  }
}

extension Board.Line {
  fileprivate init?(_ field: Field, chip: String, prompts: [String]) {
    guard let map = field.mapping(["line", "button"], optional: ["active", "timed", "chip"]) else { return nil }
    let chip = map["chip"].or(chip) { $0.text(length: 1...64) }
    let line = map["line"]?.integer(in: 0...511)
    let active = map["active"].or(.low) { $0.word(Board.Level.self) }
    let timed = map["timed"].or(false) { $0.flag() }
    let button = map["button"]?.button(prompts: prompts)
    guard let chip, let line, let active, let timed, let button else { return nil }
    self.init(chip: chip, line: line, active: active, timed: timed, button: button)
  }
}

extension Field {
  /// A control button, or the id of one of `prompts`.
  func button(prompts: [String]) -> Button? {
    guard let name = text(length: 1...40) else { return nil }
    let known = Button.Control.allCases.map(\.rawValue) + prompts
    return known.contains(name)
      ? Button(name)
      : refuse(
        "no button or prompt is called '\(name.shown)'\(Spelling.hint(name, known))",
        "write stop, repeat, next-language, previous-language or a prompt's id")
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
