import Board
import Buttons

// The board's words in those of the buttons.

extension ButtonConfiguration {
  public init(_ board: Board, _ places: KernelPlaces = KernelPlaces()) {
    self.init(
      lines: board.lines.buttons.map(LineConfiguration.init),
      inputs: board.inputs.map { input in
        InputConfiguration(
          device: input.device.map { .path($0) } ?? .name(input.name ?? ""),
          keys: input.keys.map { .init(code: $0.code, hasHold: $0.hold != nil) })
      },
      lockout: board.lines.lockout, poll: board.lines.poll, hold: board.presses.hold,
      stuck: 1000 * board.presses.stuck, places: places)
  }
}

extension LineConfiguration {
  init(_ line: Board.Line) {
    self.init(
      chip: line.chip, line: line.line, activeLow: line.active == .low, timed: line.timed, wanted: .init(line.access),
      bias: line.bias.map { .init($0) }, debounce: line.debounce, hasHold: line.hold != nil)
  }
}

extension LineConfiguration.Wanted {
  init(_ access: Board.Access) {
    switch access {
    case .auto: self = .any
    case .sysfs: self = .sysfs
    case .chipSysfs: self = .chipSysfs
    case .character: self = .character
    }
  }
}

extension LineConfiguration.Bias {
  init(_ bias: Board.Bias) {
    switch bias {
    case .up: self = .up
    case .down: self = .down
    case .off: self = .off
    }
  }
}

extension LEDConfiguration {
  public init(_ led: Board.LED) {
    let shows = led.shows
    let kind: Kind
    if let output = led.output {
      kind = .line(
        LineConfiguration(chip: output.chip, line: output.line, wanted: .init(output.access)),
        isInverted: output.active == .low)
    } else {
      kind = .named(led.led ?? "")
    }
    self.init(
      kind,
      shows: [
        .ready: .init(shows.ready), .draft: .init(shows.draft), .playing: .init(shows.playing),
        .waiting: .init(shows.waiting), .error: .init(shows.error),
      ])
  }
}

extension LEDPattern {
  public init(_ pattern: Board.Pattern) {
    switch pattern {
    case .dark: self = .dark
    case .steady: self = .steady
    case .wink: self = .wink
    case .blink: self = .blink
    case .double: self = .double
    case .flicker: self = .flicker
    }
  }
}

extension Board.Input {
  /// The device, as people named it.
  public var shown: String { device ?? "'\(name ?? "")'" }
}
