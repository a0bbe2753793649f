import Board
import Glibc
import Posix
import Simulator
import Testing

@testable import Buttons

/// Simulated lines in a directory of their own, and a clock that the test sets: a loop's work in real time is done at once,
/// however slow the machine is.
final class ButtonRig {
  static let label = "pinctrl-bcm2711"
  let lines: Lines
  private let directory: String
  private(set) var time = Monotonic.now
  private var started = Monotonic.now

  init(_ configuration: LinesConfiguration = LinesConfiguration(), as kind: Lines.Kind = .mounted) throws {
    var name = Array("/tmp/firstword-buttons-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else { throw SystemError("mkdtemp", code: errno) }
    directory = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    lines = try Lines.start(mountedAt: directory, configuration, as: kind)
    started = time
  }

  deinit {
    lines.unmount()
    #expect(rmdir(directory) == 0, "\(directory) is still in use")
  }

  /// The simulated kernel's files.
  var paths: KernelPaths {
    KernelPaths(gpio: lines.gpioRoot, devices: "/nowhere", inputs: "/nowhere", leds: lines.ledRoot)
  }

  /// Buttons on these lines, pressed when low.
  func configuration(
    _ offsets: [Int], timed: Bool = false, lockout: Int = 20, poll: Int = 10
  ) -> ButtonConfiguration {
    ButtonConfiguration(
      lines: offsets.map { Board.Line(chip: Self.label, line: $0, timed: timed, button: .control(.stop)) },
      lockout: lockout, poll: poll, paths: paths)
  }

  func open(_ configuration: ButtonConfiguration) throws -> ButtonPanel { try ButtonPanel(configuration, now: time) }

  /// One turn of the loop at the time of the test's clock, with the descriptors that are ready.
  func turn(_ buttons: ButtonPanel) throws -> [ButtonEvent] {
    var poll = Poll()
    buttons.register(in: &poll)
    try poll.wait(until: .now)
    return buttons.events(after: poll, now: time)
  }

  /// Advances the clock, with a turn of the loop at each deadline.
  func pass(_ milliseconds: Int, _ buttons: ButtonPanel) throws -> [ButtonEvent] {
    let end = time.adding(milliseconds: milliseconds)
    var events: [ButtonEvent] = []
    while let deadline = buttons.deadline, deadline <= end {
      time = max(time, deadline)
      events += try turn(buttons)
      if let next = buttons.deadline, next <= deadline {
        Issue.record("the deadline does not move on: a loop would spin")
        break
      }
    }
    time = end
    return events
  }

  /// Sets the level of a line, and returns the events.
  func drive(_ line: Int, _ levels: Lines.Level..., to buttons: ButtonPanel) throws -> [ButtonEvent] {
    try lines.drive(line, levels)
    return try turn(buttons)
  }

  /// `+0@12`: pressed, button 0, 12 ms after the start; `-` is released, `=` held, `!` stuck, `~` freed.
  func trace(_ events: [ButtonEvent]) -> [String] {
    events.map { "\($0.kind.mark)\($0.index)@\($0.time.since(started) / 1_000_000)" }
  }

  func put(_ text: String, _ file: String) throws {
    try FileDescriptor(opening: "\(lines.gpioRoot)/\(file)", O_WRONLY).write(text.utf8)
  }

  func text(_ file: String) throws -> String {
    String(decoding: try Files.read("\(lines.gpioRoot)/\(file)"), as: UTF8.self)
  }

  func isExported(_ line: Int) -> Bool { Files.exists("\(lines.gpioRoot)/gpio\(lines.configuration.base + line)") }
}

/// Whether lines can be mounted; prints a message if they cannot.
let linesCanBeMounted: Bool = {
  if let reason = Lines.unavailable { print("SKIPPED: tests of buttons with edges: \(reason)") }
  return Lines.available
}()

extension ButtonEvent.Kind {
  var mark: String {
    switch self {
    case .pressed: "+"
    case .released: "-"
    case .held: "="
    case .stuck: "!"
    case .freed: "~"
    }
  }
}
