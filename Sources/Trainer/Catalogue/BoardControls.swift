import Board

// What a board says of its buttons, keys and LEDs.

extension Board.Presses {
  init?(_ field: Field) {
    guard let map = field.mapping([], optional: ["hold", "guard", "stuck", "digits"]) else { return nil }
    let standard = Board.Presses()
    let hold = map["hold"].or(standard.hold) { $0.integer(in: 200...10_000) }
    let guardTime = map["guard"].or(standard.guardTime) { $0.integer(in: 0...5000) }
    let stuck = map["stuck"].or(standard.stuck) { $0.integer(in: 2...3600) }
    let digits = map["digits"].or(standard.digits) { $0.integer(in: 500...30_000) }
    guard let hold, let guardTime, let stuck, let digits else { return nil }
    if hold >= 1000 * stuck {
      (map["hold"] ?? field).refuse(
        "a long press of \(hold) ms would count as stuck", "write a 'hold' below 'stuck', which is in seconds")
    }
    self.init(hold: hold, guardTime: guardTime, stuck: stuck, digits: digits)
  }
}

extension Board.Lines {
  /// Those of a board without lines: its keys chatter too.
  init() { self.init(lockout: 30, poll: 10, buttons: []) }

  init?(_ field: Field, prompts: [String]) {
    guard
      let map = field.mapping(["chip", "buttons"], optional: ["lockout", "poll", "access", "bias", "debounce"])
    else { return nil }
    let chip = map["chip"]?.text(length: 1...64)
    let lockout = map["lockout"].or(Self().lockout) { $0.integer(in: 1...500) }
    let poll = map["poll"].or(Self().poll) { $0.integer(in: 1...100) }
    let access = map["access"].or(.auto) { $0.word(Board.Access.self) }
    let bias = map["bias"]?.word(Board.Bias.self)
    let debounce = map["debounce"].or(0) { $0.integer(in: 0...100) }
    guard let fields = map["buttons"]?.list() else { return nil }
    var buttons: [Board.Line] = []
    for field in fields {
      // Read even where the section's own keys are wrong, so that one pass finds everything.
      let usual = Board.Line(
        chip: chip ?? "", line: 0, active: .low, timed: false, access: access ?? .auto, bias: bias,
        debounce: debounce ?? 0, button: .control(.stop))
      guard let line = Board.Line(field, usual: usual, prompts: prompts) else { continue }
      if buttons.contains(where: { $0.chip == line.chip && $0.line == line.line }) {
        field.refuse("line \(line.line) of \(line.chip) is given twice", "give each button a line of its own")
      }
      if buttons.contains(where: { $0.button == line.button }) {
        field.refuse("the button '\(line.button)' is given twice", "keep one of them")
      }
      buttons.append(line)
    }
    guard let chip, !chip.isEmpty, let lockout, let poll, access != nil, debounce != nil,
      buttons.count == fields.count
    else { return nil }
    self.init(lockout: lockout, poll: poll, buttons: buttons)
  }
}

extension Board.Line {
  /// - Parameter usual: what the section says of all its lines.
  fileprivate init?(_ field: Field, usual: Board.Line, prompts: [String]) {
    let optional = ["active", "timed", "chip", "access", "bias", "debounce", "hold", "label", "place"]
    guard let map = field.mapping(["line", "button"], optional: optional) else { return nil }
    let chip = map["chip"].or(usual.chip) { $0.text(length: 1...64) }
    let line = map["line"]?.integer(in: 0...511)
    let active = map["active"].or(.low) { $0.word(Board.ActiveLevel.self) }
    let timed = map["timed"].or(false) { $0.flag() }
    let access = map["access"].or(usual.access) { $0.word(Board.Access.self) }
    let bias = map["bias"]?.word(Board.Bias.self) ?? usual.bias
    let debounce = map["debounce"].or(usual.debounce) { $0.integer(in: 0...100) }
    let button = map["button"]?.button(prompts: prompts)
    let hold = map["hold"]?.button(prompts: prompts)
    let label = map["label"]?.text(length: Board.Place.label)
    let place = map["place"].flatMap(Board.Place.init)
    guard let chip, let line, let active, let timed, let access, let debounce, let button else { return nil }
    if bias != nil || debounce > 0, access == .sysfs || access == .chipSysfs || timed {
      field.refuse(
        "only the character device can set 'bias' and 'debounce'", "write 'access: character', or leave it out")
    }
    self.init(
      chip: chip, line: line, active: active, timed: timed, access: access, bias: bias, debounce: debounce,
      button: button, hold: hold, label: label, place: place)
  }
}

extension Board.Input {
  init?(_ field: Field, prompts: [String]) {
    guard let map = field.mapping(["keys"], optional: ["device", "name"]) else { return nil }
    let device = map["device"]?.text(length: 1...200)
    let name = map["name"]?.text(length: 1...200)
    var taken: Set<Int> = []
    let keys = map["keys"]?.items { field -> Board.Key? in
      guard let key = Board.Key(field, prompts: prompts) else { return nil }
      if !taken.insert(key.code).inserted { field.refuse("the key is given twice", "keep one of them") }
      return key
    }
    if (map["device"] == nil) == (map["name"] == nil) {
      field.refuse(
        "an input device needs either 'device' or 'name'",
        "write 'device: /dev/input/by-id/…-event-kbd', or the name that the kernel gives it")
    } else if let device, !device.hasPrefix("/") {
      map["device"]?.refuse("'\(device.shown)' is no path", "write /dev/input/by-id/…")
    }
    guard let keys, device != nil || name != nil else { return nil }
    self.init(device: device, name: name, keys: keys)
  }
}

extension Board.Key {
  fileprivate init?(_ field: Field, prompts: [String]) {
    guard let map = field.mapping(["button"], optional: ["key", "code", "hold", "label", "place"]) else { return nil }
    if (map["key"] == nil) == (map["code"] == nil) {
      field.refuse("a key needs either 'key' or 'code'", "write 'key: KP1', or the number that `evtest` shows")
    }
    let code = map["key"]?.key() ?? map["code"]?.integer(in: 1...0x2FF)
    let button = map["button"]?.button(prompts: prompts)
    let hold = map["hold"]?.button(prompts: prompts)
    let label = map["label"]?.text(length: Board.Place.label)
    let place = map["place"].flatMap(Board.Place.init)
    guard let code, let button else { return nil }
    self.init(code: code, button: button, hold: hold, label: label, place: place)
  }
}

extension Board.LED {
  /// - Parameter buttons: the lines that are taken.
  init?(_ field: Field, buttons: [Board.Line]) {
    let keys = ["led", "chip", "line", "active", "access"]
    guard let map = field.mapping([], optional: keys + Board.LED.Patterns.states) else { return nil }
    let shows = Board.LED.Patterns(map)
    if (map["led"] == nil) == (map["line"] == nil) {
      field.refuse(
        "a LED needs either 'led' or 'chip' and 'line'", "write 'led: NAME' for /sys/class/leds/NAME, or the line")
      return nil
    }
    guard let shows else { return nil }
    if let led = map["led"] {
      guard let name = led.text(length: 1...100) else { return nil }
      if name.contains("/") || name.hasPrefix(".") {
        led.refuse("'\(name.shown)' is no LED's name", "write one of those in /sys/class/leds")
      }
      self.init(led: name, shows: shows)
    } else {
      guard let output = Board.Output(field, map) else { return nil }
      if buttons.contains(where: { $0.chip == output.chip && $0.line == output.line }) {
        field.refuse("line \(output.line) of \(output.chip) is a button", "give the LED a line of its own")
      }
      self.init(output: output, shows: shows)
    }
  }
}

extension Board.LED.Patterns {
  fileprivate static let states = ["ready", "draft", "playing", "waiting", "error"]

  /// A LED that says nothing of its states shows all of them in the usual way; one that names some shows those, and
  /// with a DRAFT kit it is ready as otherwise.
  fileprivate init?(_ map: Mapping) {
    func pattern(_ state: String) -> Board.LED.Pattern?? { map[state].map { $0.word(Board.LED.Pattern.self) } }
    let given = Self.states.map(pattern)
    if given.contains(.some(nil)) { return nil }
    let named = given.map { $0 ?? nil }
    if named.allSatisfy({ $0 == nil }) {
      self.init()
    } else {
      self.init(
        ready: named[0] ?? .dark, draft: named[1] ?? named[0] ?? .dark, playing: named[2] ?? .dark,
        waiting: named[3] ?? .dark, error: named[4] ?? .dark)
    }
  }
}

extension Board.Output {
  fileprivate init?(_ field: Field, _ map: Mapping) {
    if map["chip"] == nil { field.refuse("'chip' is missing in the LED", "add the label of the line's chip") }
    let chip = map["chip"]?.text(length: 1...64)
    let line = map["line"]?.integer(in: 0...511)
    let active = map["active"].or(.high) { $0.word(Board.ActiveLevel.self) }
    let access = map["access"].or(.auto) { $0.word(Board.Access.self) }
    guard let chip, let line, let active, let access else { return nil }
    self.init(chip: chip, line: line, active: active, access: access)
  }
}

extension Field {
  /// The code of a key by its name in `linux/input-event-codes.h`, without `KEY_`.
  func key() -> Int? {
    guard let name = text(length: 1...40) else { return nil }
    return InputKey.codes[name]
      ?? refuse(
        "no key is called '\(name.shown)'\(Spelling.hint(name, InputKey.codes.keys.sorted()))",
        "write its name in linux/input-event-codes.h without KEY_, or 'code:' and the number that `evtest` shows")
  }
}
