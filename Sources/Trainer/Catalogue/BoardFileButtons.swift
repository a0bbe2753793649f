import Board

extension Board.Presses {
  /// Reads the section `presses`.
  init?(_ field: Field) {
    typealias Limits = Board.Limits
    guard let map = field.mapping([], optional: ["hold", "guard", "stuck", "digits", "chord"]) else { return nil }
    let standard = Self()
    let hold = map["hold"].or(standard.hold) { $0.integer(in: Limits.hold) }
    let guardTime = map["guard"].or(standard.guardTime) { $0.integer(in: Limits.guardTime) }
    let stuck = map["stuck"].or(standard.stuck) { $0.integer(in: Limits.stuck) }
    let digits = map["digits"].or(standard.digits) { $0.integer(in: Limits.digits) }
    let chord = map["chord"].or(standard.chord) { $0.integer(in: Limits.chord).map(Int?.some) }
    guard let hold, let guardTime, let stuck, let digits, let chord else { return nil }
    self.init(hold: hold, guardTime: guardTime, stuck: stuck, digits: digits, chord: chord)
    if !hasChordBelowStuck {
      (map["chord"] ?? field).refuse(
        "a chord of \(chordTime) ms would count as stuck", "write a 'chord' below 'stuck', which is in seconds")
    }
    if !hasHoldBelowStuck {
      (map["hold"] ?? field).refuse(
        "a long press of \(hold) ms would count as stuck", "write a 'hold' below 'stuck', which is in seconds")
    }
  }
}

extension Board.Lines {
  /// Creates the lines of a board without lines. The lock-out applies to the keys of its input devices.
  init() { self.init(lockout: 30, poll: 10, buttons: []) }

  /// Reads the section `lines`.
  init?(_ field: Field, prompts: [String]) {
    typealias Limits = Board.Limits
    guard
      let map = field.mapping(["chip", "buttons"], optional: ["lockout", "poll", "access", "bias", "debounce"])
    else { return nil }
    let chip = map["chip"]?.text(length: Limits.chip)
    let lockout = map["lockout"].or(Self().lockout) { $0.integer(in: Limits.lockout) }
    let poll = map["poll"].or(Self().poll) { $0.integer(in: Limits.poll) }
    let access = map["access"].or(.auto) { $0.word(Board.Access.self) }
    let bias = map["bias"]?.word(Board.Bias.self)
    let debounce = map["debounce"].or(0) { $0.integer(in: Limits.debounce) }
    guard let fields = map["buttons"]?.list(1...Limits.lines) else { return nil }
    var buttons: [Board.Line] = []
    for field in fields {
      // Lines are read even where a key of the section was refused, so that one pass reports every error.
      let standard = Board.Line(
        chip: chip ?? "", line: 0, access: access ?? .auto, bias: bias, debounce: debounce ?? 0,
        button: .control(.stop))
      guard let line = Board.Line(field, standard: standard, prompts: prompts) else { continue }
      if buttons.contains(where: { $0.chip == line.chip && $0.line == line.line }) {
        field.refuse("line \(line.line) of \(line.chip) is given twice", "give each button a line of its own")
      }
      if buttons.contains(where: { $0.button == line.button && ($0.by ?? .responder) == (line.by ?? .responder) }) {
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
  /// Reads one line of `lines.buttons`.
  ///
  /// - Parameters:
  ///   - field: the line.
  ///   - standard: the values of the section `lines`, which hold for keys that the line leaves out.
  ///   - prompts: the names that `button` may be, in addition to controls and digits.
  fileprivate init?(_ field: Field, standard: Board.Line, prompts: [String]) {
    typealias Limits = Board.Limits
    let optional = [
      "active", "timed", "chip", "access", "bias", "debounce", "hold", "with-stop", "by", "label", "place",
    ]
    guard let map = field.mapping(["line", "button"], optional: optional) else { return nil }
    let chip = map["chip"].or(standard.chip) { $0.text(length: Limits.chip) }
    let line = map["line"]?.integer(in: Limits.line)
    let active = map["active"].or(standard.active) { $0.word(Board.ActiveLevel.self) }
    let timed = map["timed"].or(standard.timed) { $0.flag() }
    let access = map["access"].or(standard.access) { $0.word(Board.Access.self) }
    let bias = map["bias"]?.word(Board.Bias.self) ?? standard.bias
    let debounce = map["debounce"].or(standard.debounce) { $0.integer(in: Limits.debounce) }
    let button = map["button"]?.button(prompts: prompts)
    let hold = map["hold"]?.button(prompts: prompts)
    let withStop = map["with-stop"]?.button(prompts: prompts, isWithStop: true)
    let by = map["by"]?.person(button, other: hold ?? withStop)
    let label = map["label"]?.text(length: Limits.label)
    let place = map["place"].flatMap(Board.Place.init)
    guard let chip, let line, let active, let timed, let access, let debounce, let button else { return nil }
    if bias != nil || debounce > 0, access == .sysfs || access == .chipSysfs || timed {
      field.refuse(
        "only the character device can set 'bias' and 'debounce'", "write 'access: character', or remove 'access'")
    }
    self.init(
      chip: chip, line: line, active: active, timed: timed, access: access, bias: bias, debounce: debounce,
      button: button, hold: hold, withStop: withStop, by: by, label: label, place: place)
  }
}

extension Board.Input {
  /// Reads one input device of `inputs`.
  init?(_ field: Field, prompts: [String]) {
    typealias Limits = Board.Limits
    guard let map = field.mapping(["keys"], optional: ["device", "name"]) else { return nil }
    let device = map["device"]?.text(length: Limits.device)
    let name = map["name"]?.text(length: Limits.device)
    var codes: Set<Int> = []
    let keys = map["keys"]?.items(count: 1...Limits.keys) { field -> Board.Key? in
      guard let key = Board.Key(field, prompts: prompts) else { return nil }
      if !codes.insert(key.code).inserted { field.refuse("the key is given twice", "keep one of them") }
      return key
    }
    if (map["device"] == nil) == (map["name"] == nil) {
      field.refuse(
        "an input device needs either 'device' or 'name'",
        "write 'device: /dev/input/by-id/…-event-kbd', or the name that the kernel gives it")
    } else if let device, !device.hasPrefix("/") {
      map["device"]?.refuse("'\(device.shown)' is not an absolute path", "write /dev/input/by-id/…")
    }
    guard let keys, device != nil || name != nil else { return nil }
    self.init(device: device, name: name, keys: keys)
  }
}

extension Board.Key {
  /// Reads one key of an input device.
  fileprivate init?(_ field: Field, prompts: [String]) {
    guard let map = field.mapping(["button"], optional: ["key", "code", "hold", "with-stop", "by", "label", "place"])
    else {
      return nil
    }
    if (map["key"] == nil) == (map["code"] == nil) {
      field.refuse("a key needs either 'key' or 'code'", "write 'key: KEY_KP1', or the number that `evtest` shows")
    }
    let code = map["key"]?.inputKey() ?? map["code"]?.integer(in: Board.Limits.keyCode)
    let button = map["button"]?.button(prompts: prompts)
    let hold = map["hold"]?.button(prompts: prompts)
    let withStop = map["with-stop"]?.button(prompts: prompts, isWithStop: true)
    let by = map["by"]?.person(button, other: hold ?? withStop)
    let label = map["label"]?.text(length: Board.Limits.label)
    let place = map["place"].flatMap(Board.Place.init)
    guard let code, let button else { return nil }
    self.init(code: code, button: button, hold: hold, withStop: withStop, by: by, label: label, place: place)
  }
}

extension Field {
  /// Returns the person in whose reach a button is. A listener's button is an answer, and means nothing else.
  fileprivate func person(_ button: Button?, other: Button?) -> Board.Person? {
    let person = word(Board.Person.self)
    if person == .listener, let button, !button.isForListener || other != nil {
      refuse(
        "a listener's button may only be an answer",
        "write answer-yes, answer-no, answer-unclear, answer-declined or answer-stop, and no 'hold' or 'with-stop'")
    }
    return person
  }

  /// Returns the code of a key by its name in `linux/input-event-codes.h`, with or without `KEY_`.
  fileprivate func inputKey() -> Int? {
    guard let name = text(length: 1...40) else { return nil }
    return InputKey.code(name)
      ?? refuse(
        "no key is called '\(name.shown)'\(Spelling.hint(name, InputKey.all))",
        "write its name in linux/input-event-codes.h, such as KEY_KP1, or 'code:' and the number that `evtest` shows")
  }
}
