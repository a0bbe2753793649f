import Board

extension Board.LED {
  /// Reads one LED of `leds`.
  ///
  /// - Parameters:
  ///   - field: the LED.
  ///   - buttons: the lines that are buttons, which no LED may use.
  init?(_ field: Field, buttons: [Board.Line]) {
    let keys = ["led", "chip", "line", "active", "access", "mode"]
    guard let map = field.mapping([], optional: keys + State.allCases.map(\.rawValue)) else { return nil }
    let shows = Patterns(map)
    let mode = map["mode"].map { $0.word(Board.AnswerMode.self) }
    // A mode is given, but was refused.
    if case .some(nil) = mode { return nil }
    if let field = map["mode"], State.allCases.contains(where: { map[$0.rawValue] != nil }) {
      field.refuse("an LED shows either a mode or states", "remove 'mode', or the states")
      return nil
    }
    if (map["led"] == nil) == (map["line"] == nil) {
      field.refuse(
        "an LED needs either 'led' or 'chip' and 'line'", "write 'led: NAME' for /sys/class/leds/NAME, or the line")
      return nil
    }
    guard let shows else { return nil }
    if let led = map["led"] {
      guard let name = led.text(length: Board.Limits.led) else { return nil }
      if name.contains("/") || name.hasPrefix(".") {
        led.refuse("'\(name.shown)' is not the name of an LED", "write one of those in /sys/class/leds")
      }
      self.init(led: name, shows: shows, mode: mode ?? nil)
    } else {
      guard let output = Board.Output(field, map) else { return nil }
      if buttons.contains(where: { $0.chip == output.chip && $0.line == output.line }) {
        field.refuse("line \(output.line) of \(output.chip) is a button", "give the LED a line of its own")
      }
      self.init(output: output, shows: shows, mode: mode ?? nil)
    }
  }
}

extension Board.LED.Patterns {
  /// Reads the patterns of an LED.
  ///
  /// Without any pattern the LED shows all states, with the standard patterns. With some, it is dark in the states that
  /// are left out; a DRAFT kit shows as `ready` where `draft` is left out.
  fileprivate init?(_ map: Mapping) {
    var patterns: [Board.LED.State: Board.LED.Pattern] = [:]
    var isRefused = false
    for state in Board.LED.State.allCases {
      guard let field = map[state.rawValue] else { continue }
      patterns[state] = field.word(Board.LED.Pattern.self)
      isRefused = isRefused || patterns[state] == nil
    }
    if isRefused { return nil }
    if patterns.isEmpty {
      self.init()
    } else {
      self.init(
        ready: patterns[.ready] ?? .dark, draft: patterns[.draft] ?? patterns[.ready] ?? .dark,
        playing: patterns[.playing] ?? .dark, waiting: patterns[.waiting] ?? .dark, error: patterns[.error] ?? .dark)
    }
  }
}

extension Board.Output {
  /// Reads the output line of an LED or an amplifier.
  init?(_ field: Field, _ map: Mapping) {
    typealias Limits = Board.Limits
    if map["chip"] == nil { field.refuse("'chip' is missing in the LED", "add the label of the line's chip") }
    let chip = map["chip"]?.text(length: Limits.chip)
    let line = map["line"]?.integer(in: Limits.line)
    let active = map["active"].or(.high) { $0.word(Board.ActiveLevel.self) }
    let access = map["access"].or(.auto) { $0.word(Board.Access.self) }
    guard let chip, let line, let active, let access else { return nil }
    self.init(chip: chip, line: line, active: active, access: access)
  }
}
