import Board
import Buttons
import Control
import Encoding
import Foundation
import Glibc
import Panel
import Posix
import Scenarios

/// A board on the bench: the shipped daemon, on simulated lines and a simulated card. Nothing in the daemon knows.
public final class Bench {
  public struct Setup: Sendable {
    public var kit: String
    /// The directory of a device's kits: played from instead of `kit`, and trusted by its own keys.
    public var store: String?
    public var board: Board
    /// A public key or a directory of them.
    public var trust: String?
    public var allowDraft = false
    public var allowUntrusted = false
    /// What is wrong with the card from the start.
    public var faults: [CardFault] = []
    /// For the daemon, beside what the bench sets.
    public var environment: [String: String] = [:]
    /// The chip behind the board's lines; its label, and what the board needs of it, come from the board.
    public var chip = LinesConfiguration()
    /// Seconds of sound that leave the card in one, 1 to 64; above 1 only what left can be judged, not when.
    public var speed = 1

    public init(kit: String, board: Board) {
      self.kit = kit
      self.board = board
    }
  }

  /// One press as it was done, from outside.
  public struct Press: Sendable {
    public let button: Button
    /// Just before the line was driven.
    public let time: Monotonic
    /// Milliseconds for which a busy machine then kept daemon and bench from running, until the daemon had the press.
    public var waited = 0.0
  }

  /// Something that was done to the card.
  public struct Act: Sendable {
    public let event: Scenario.CardEvent
    public let time: Monotonic
  }

  public let lines: Lines
  public let daemon: DaemonProcess
  public var directory: String { place.path }
  public private(set) var presses: [Press] = []
  public private(set) var acts: [Act] = []
  public let board: Board
  private var faults: Set<CardFault> = []
  /// What can go wrong with the card.
  public let control: CardControl
  /// Of the daemon's socket.
  public let client: ControlClient
  private let follower: CardFollower
  /// Last, so that it goes after the lines that are mounted in it, also where the bench could not be set up.
  private let place: TemporaryDirectory

  public var record: String { directory + "/card.record" }
  public var journal: String { directory + "/journal.jsonl" }
  public var socket: String { directory + "/control" }
  public var mixer: String { directory + "/card.mixer" }

  /// Sets it up in a new directory under TMPDIR, which goes when the bench goes.
  public init(_ setup: Setup) throws {
    place = try TemporaryDirectory()
    let directory = place.path
    // Simulated lines have their pulls, and are sysfs: there is no character device to ask.
    board = setup.board.onPlainLines
    faults = Set(setup.faults)
    let boardFile = directory + "/board.json"
    try Files.replace(boardFile, with: try board.json())
    var card = CardConfiguration(
      library: try CardConfiguration.findLibrary(), record: directory + "/card.record",
      control: directory + "/card.faults")
    card.mixer = directory + "/card.mixer"
    card.speed = setup.speed
    let alsa = try card.write(to: directory + "/card.conf")
    control = CardControl(path: directory + "/card.faults")
    if !setup.faults.isEmpty { try control.set(setup.faults) }
    follower = try CardFollower(path: directory + "/card.record")
    // A chip that has the board's lines, under the board's label.
    var chip = setup.chip
    let outputs = setup.board.leds.compactMap(\.output)
    let labels = Set(setup.board.lines.buttons.map(\.chip) + outputs.map(\.chip))
    guard labels.count <= 1 else {
      throw DaemonProcess.Failure(message: "board \(setup.board.name) has lines on several chips; the bench has one")
    }
    chip.label = labels.first ?? chip.label
    chip.count = max(chip.count, ((setup.board.lines.buttons.map(\.line) + outputs.map(\.line)).max() ?? 0) + 1)
    chip.withoutEdge.formUnion(setup.board.lines.buttons.filter(\.timed).map(\.line))
    if chip.leds.isEmpty { chip.leds = setup.board.leds.compactMap(\.led) }
    lines = try Lines.start(mountedAt: directory + "/lines", chip)
    for line in setup.board.lines.buttons where line.active == .high { try lines.drive(line.line, .low) }
    var arguments = [
      "--board", boardFile, "--pcm", CardConfiguration.pcm, "--socket", directory + "/control",
      "--journal", directory + "/journal.jsonl", "--gpio-root", lines.gpioRoot,
      "--led-root", lines.ledRoot,
    ]
    arguments += setup.store.map { ["--store", $0] } ?? ["--kit", setup.kit]
    if let trust = setup.trust { arguments += ["--trust", trust] }
    if setup.allowDraft { arguments.append("--allow-draft") }
    if setup.allowUntrusted { arguments.append("--allow-untrusted") }
    daemon = try DaemonProcess(
      try DaemonProcess.find(), arguments: arguments,
      environment: setup.environment.merging([CardConfiguration.environmentName: alsa]) { $1 }, directory: directory)
    client = try ControlClient(path: directory + "/control")
    // As who looks at the LED before the first press: the daemon is ready before it knows whether there is a card.
    _ = try waitForStatus { $0.sound || $0.speaker.cause != nil }
  }

  deinit {
    _ = daemon.stop()
    lines.unmount()
  }

  /// Ends all of it at once, from any thread: for a program that is interrupted.
  public var abandon: @Sendable () -> Void {
    let (lines, process, directory) = (lines, daemon.identifier, directory)
    return {
      kill(process, SIGKILL)
      lines.unmount()
      try? FileManager.default.removeItem(atPath: directory)
    }
  }

  /// Presses a button as a finger does: down, 60 ms, up; or as long as is said, or with a contact that chatters.
  ///
  /// Where the machine is so busy that the daemon has not run in that time, the finger stays down until it has: of a
  /// pulse that begins and ends unseen, sysfs tells nobody.
  public func press(_ button: Button, milliseconds: Int = 60, as bounce: ContactBounce? = nil) throws {
    guard let line = board.lines.buttons.first(where: { $0.button == button }) else {
      throw DaemonProcess.Failure(message: "board \(board.name) has no button '\(button)'")
    }
    let down: Lines.Level = line.active == .low ? .low : .high
    let up: Lines.Level = down == .low ? .high : .low
    let before = try client.ask(.status).status?.presses ?? 0
    let waited = daemon.waited + DaemonProcess.ownWaited
    let time = Monotonic.now
    presses.append(Press(button: button, time: time))
    try ContactDriver(lines, line.line).move(to: down, as: bounce?.closing)
    try rest(until: time.adding(milliseconds: milliseconds))
    while try client.ask(.status).status?.presses == before, Monotonic.now < time.adding(milliseconds: 5000) {
      try rest(until: .now.adding(milliseconds: 10))
    }
    // A thread that ends takes along what it has waited.
    presses[presses.count - 1].waited = max(0, Double(daemon.waited + DaemonProcess.ownWaited - waited) / 1e6)
    try ContactDriver(lines, line.line).move(to: up, as: bounce?.opening)
    if let held = line.hold, milliseconds >= board.presses.hold {
      presses.append(Press(button: held, time: time.adding(milliseconds: board.presses.hold)))
    }
  }

  /// Does something to the card.
  public func act(_ event: Scenario.CardEvent) throws {
    let time = Monotonic.now
    let number = acts.count + 1
    switch event {
    case .unplug: faults.insert(.unplugged)
    case .replug: faults.remove(.unplugged)
    case .stall: faults.insert(.stalled)
    case .unstall: faults.remove(.stalled)
    case .busy: faults.insert(.busy)
    case .free: faults.remove(.busy)
    // A number that was not there before makes one.
    case .xrun: faults = faults.filter { if case .xrun = $0 { false } else { true } }.union([.xrun(number)])
    case .suspend: faults = faults.filter { if case .suspend = $0 { false } else { true } }.union([.suspend(number)])
    }
    try control.set(Array(faults))
    acts.append(Act(event: event, time: time))
  }

  /// When something was done to it last: to the buttons or to the card.
  public var lastDeed: Monotonic? { [presses.last?.time, acts.last?.time].compactMap { $0 }.max() }

  /// Waits until the daemon says of itself that it is so; false where it does not within `seconds`.
  public func waitForStatus(seconds: Int = 30, _ condition: (DaemonStatus) -> Bool) throws -> Bool {
    let deadline = Monotonic.now.adding(milliseconds: seconds * 1000)
    while Monotonic.now < deadline {
      if let status = try client.ask(.status).status, condition(status) { return true }
      try rest(until: .now.adding(milliseconds: 5))
    }
    return false
  }

  /// Lets time pass.
  public func rest(until moment: Monotonic) throws {
    while Monotonic.now < moment {
      var pause = Poll()
      try pause.wait(until: moment)
    }
  }

  /// Waits until what the last press began has ended: the card is halted, or has been silent for a second of its
  /// frames. False where nothing has sounded within `seconds`.
  public func waitForEnd(seconds: Int = 30) throws -> Bool {
    guard let since = presses.last?.time else { return true }
    return try follower.wait(until: Monotonic.now.adding(milliseconds: seconds * 1000)) { recording in
      guard let last = recording.streams.last, last.end > since else { return false }
      if recording.running == nil { return true }
      return last.end.since(max(since, recording.lastSound(above: 1) ?? since)) > 1_000_000_000
    }
  }

  /// Waits until so much of the card's time has passed: while something plays, its frames count, and not the clock of a
  /// machine that is late. False where the card has stood still for 30 s.
  public func wait(until moment: Monotonic) throws -> Bool {
    try rest(until: moment)
    let deadline = Monotonic.now.adding(milliseconds: 30_000)
    while try client.ask(.status).status?.playing != nil {
      try follower.refresh()
      if let stream = follower.recording.streams.last, stream.end >= moment { return true }
      if Monotonic.now > deadline { return false }
      try rest(until: .now.adding(milliseconds: 5))
    }
    return true
  }

  /// The lamp of a LED of the board, and whether it shines while the lamp is lit.
  private func lamp(_ name: String) -> (lamp: Lines.Lamp, isInverted: Bool)? {
    guard let led = board.leds.first(where: { $0.name == name }) else { return nil }
    return led.output.map { (.line($0.line), $0.active == .low) } ?? (.led(name), false)
  }

  /// A LED's changes since the start: when, and whether it shines from then on.
  public func lights(_ name: String) -> [(time: Monotonic, isLit: Bool)] {
    guard let (lamp, isInverted) = lamp(name) else { return [] }
    return lines.lights.filter { $0.lamp == lamp }.map { ($0.time, $0.isLit != isInverted) }
  }

  /// Waits until a LED has shown a pattern for a whole turn since `start`; what it showed instead where it does not.
  public func waitForLight(
    _ name: String, _ pattern: Board.Pattern, since start: Monotonic, seconds: Int = 15
  ) throws -> LEDTrace? {
    let deadline = Monotonic.now.adding(milliseconds: seconds * 1000)
    while true {
      let trace = LEDTrace(lights(name), since: start, until: .now)
      if trace.shows(LEDPattern(pattern)) { return nil }
      if Monotonic.now >= deadline { return trace }
      try rest(until: .now.adding(milliseconds: 20))
    }
  }

  /// The journal's lines since `start`, as far as they are whole.
  public func journal(since start: Monotonic) throws -> [JournalLine] {
    try Files.read(journal).split(separator: 0x0A).compactMap {
      try? Documents.decode(JournalLine.self, from: Array($0))
    }.filter { $0.monotonic >= start.nanoseconds }
  }

  /// What a line of the journal says, as far as a tester asks.
  public struct JournalLine: Codable, Equatable, Sendable {
    public var monotonic: Int64
    public var event: String
    public var language: String?
    public var prompt: String?
    public var detail: String?
  }

  /// Stops the daemon and gives all that left the card.
  public func finish() throws -> CardRecording {
    let status = daemon.stop()
    if status != 0 {
      throw DaemonProcess.Failure(message: "firstwordd ended with status \(status): \(daemon.log)")
    }
    return try CardRecording(path: record)
  }
}

extension Board {
  /// The same board where lines need neither a pull nor a character device.
  fileprivate var onPlainLines: Board {
    var board = self
    for index in board.lines.buttons.indices {
      board.lines.buttons[index].bias = nil
      board.lines.buttons[index].debounce = 0
      if board.lines.buttons[index].access == .character { board.lines.buttons[index].access = .auto }
    }
    for index in board.leds.indices where board.leds[index].output?.access == .character {
      board.leds[index].output?.access = .auto
    }
    return board
  }
}

extension Scenario.CardEvent {
  /// Whether the card stays as it makes it, until another event.
  var lasts: Bool { [.unplug, .stall, .busy].contains(self) }
}
