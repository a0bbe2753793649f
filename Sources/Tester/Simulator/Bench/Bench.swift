import Board
import BoardJSON
import Control
import Encoding
import Foundation
import Glibc
import Posix
import Scenarios

/// A test bench for one board: the shipped daemon on simulated lines and a simulated card.
///
/// The daemon runs as on a device; nothing in it is changed for the test. Use a bench from one thread; ``abandon`` may
/// be called from any.
public final class Bench {
  /// The kit, the board and the conditions of a test.
  public struct Setup: Sendable {
    /// Path of the kit.
    public var kit: String
    /// Path of a device's store, which replaces `kit` and whose keys are trusted.
    public var store: String?
    /// The board.
    public var board: Board
    /// Path of a public key, or of a directory of them.
    public var trust: String?
    /// Whether the daemon plays a draft kit.
    public var allowDraft = false
    /// Whether the daemon plays a kit that no trusted key signed.
    public var allowUntrusted = false
    /// Faults of the card from the start.
    public var faults: [CardFault] = []
    /// Environment variables for the daemon, in addition to those that the bench sets.
    public var environment: [String: String] = [:]
    /// The simulated chip. The bench takes its label, and the lines and LEDs that the board needs, from the board.
    public var chip = LinesConfiguration()
    /// The only period that the card supports, in frames; `nil` for any.
    public var cardPeriod: Int?
    /// Whether the card reports its position in whole periods, as one on USB does.
    public var cardIsBatch = false
    /// An existing, empty directory for lines, card and daemon, which stays with what is in it; nil for a temporary one.
    public var directory: String?
    /// Whether the daemon ends with the thread that created the bench, even if that is killed. setpriv(1)
    public var endsWithThread = false
    /// Seconds of sound that leave the card per second, 1 to 64. Above 1 only the samples can be verified, not their
    /// times.
    public var speed = 1

    /// Creates a setup for a released kit that a trusted key signed, in real time and without faults.
    public init(kit: String, board: Board) {
      self.kit = kit
      self.board = board
    }
  }

  /// One press of a button.
  public struct Press: Sendable {
    /// The button.
    public let button: Button
    /// The time just before the line was driven.
    public let time: Monotonic
    /// Milliseconds that the daemon and the bench waited for a processor until the daemon had counted the press.
    public var waited = 0.0
  }

  /// A change of the card.
  public struct CardAction: Sendable {
    /// What changed.
    public let event: Scenario.CardEvent
    /// The time just before the change.
    public let time: Monotonic
  }

  /// The simulated lines.
  public let lines: Lines
  /// The daemon's process.
  public let daemon: DaemonProcess
  /// The bench's directory.
  public let directory: String
  /// All presses, in order.
  public private(set) var presses: [Press] = []
  /// All changes of the card, in order.
  public private(set) var cardActions: [CardAction] = []
  /// The board, changed for simulated lines: no bias and no character device.
  public let board: Board
  private var faults: Set<CardFault> = []
  /// Sets the card's faults.
  public let control: CardControl
  /// A client of the daemon's control socket.
  public let client: ControlClient
  private let follower: CardFollower
  /// Declared last, so that it is removed after the lines that are mounted in it, even if the initializer throws.
  private let place: TemporaryDirectory?

  /// Path of the card's record.
  public var record: String { directory + "/card.record" }
  /// Path of the daemon's journal.
  public var journal: String { directory + "/journal.jsonl" }
  /// Path of the daemon's control socket.
  public var socket: String { directory + "/control" }
  /// Path of the card's mixer file.
  public var mixer: String { directory + "/card.mixer" }

  /// Starts lines, card and daemon in a new directory under TMPDIR, which is removed with the bench, and waits until
  /// the daemon has opened the card or failed to.
  ///
  /// - Throws: ``DaemonProcess/Failure`` if the daemon does not start; ``LinesError`` if the lines do not.
  public init(_ setup: Setup) throws {
    place = setup.directory == nil ? try TemporaryDirectory() : nil
    let directory = setup.directory ?? place?.path ?? ""
    self.directory = directory
    // Simulated lines have pull-ups of their own, and only the sysfs interface.
    board = setup.board.forSimulatedLines
    faults = Set(setup.faults)
    let boardFile = directory + "/board.json"
    try Files.replace(boardFile, with: try board.json())
    var card = CardConfiguration(
      library: try CardConfiguration.findLibrary(), record: directory + "/card.record",
      control: directory + "/card.faults")
    card.mixer = directory + "/card.mixer"
    card.speed = setup.speed
    card.period = setup.cardPeriod
    card.isBatch = setup.cardIsBatch
    if setup.cardPeriod != nil { card.channels = setup.board.sound.channels }
    let alsa = try card.write(to: directory + "/card.conf")
    control = CardControl(path: directory + "/card.faults")
    if !setup.faults.isEmpty { try control.set(setup.faults) }
    follower = try CardFollower(path: directory + "/card.record")
    // The chip has the board's lines and label.
    var chip = setup.chip
    let outputs = (setup.board.leds.map(\.output) + [setup.board.sound.amplifier?.output]).compactMap { $0 }
    let labels = Set(setup.board.lines.buttons.map(\.chip) + outputs.map(\.chip))
    guard labels.count <= 1 else {
      throw DaemonProcess.Failure(
        message: "board \(setup.board.name) has lines on several chips; a simulated board has one")
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
      "--led-root", lines.ledRoot, "--requests", directory,
    ]
    arguments += setup.store.map { ["--store", $0] } ?? ["--kit", setup.kit]
    if let trust = setup.trust { arguments += ["--trust", trust] }
    if setup.allowDraft { arguments.append("--allow-draft") }
    if setup.allowUntrusted { arguments.append("--allow-untrusted") }
    var program = try DaemonProcess.find()
    let leash = "/usr/bin/setpriv"
    if setup.endsWithThread, Files.exists(leash) {
      arguments = ["--pdeathsig", "KILL", program] + arguments
      program = leash
    }
    daemon = try DaemonProcess(
      program, arguments: arguments,
      environment: setup.environment.merging([CardConfiguration.environmentName: alsa]) { $1 }, directory: directory)
    client = try ControlClient(path: directory + "/control")
    // The daemon is ready before it knows whether there is a card.
    _ = try waitForStatus { $0.sound || $0.speaker.cause != nil }
  }

  deinit {
    _ = daemon.stop()
    lines.unmount()
  }

  /// Kills the daemon and removes lines and directory at once. Safe to call from any thread, for a program that is
  /// interrupted.
  public var abandon: @Sendable () -> Void {
    let (lines, process, directory) = (lines, daemon.identifier, directory)
    return {
      kill(process, SIGKILL)
      lines.unmount()
      try? FileManager.default.removeItem(atPath: directory)
    }
  }

  /// Unmounts the lines of a bench whose program was killed.
  ///
  /// - Parameter directory: the bench's directory.
  public static func unmount(in directory: String) { try? MountPoint.detachStale(directory + "/lines") }

  /// Presses and releases a button.
  ///
  /// If the daemon has not counted the press by then, because the machine is busy, the button stays down until it has:
  /// sysfs does not report a pulse that begins and ends between two polls.
  ///
  /// An answer whose button also has a long press is counted when it is released.
  ///
  /// - Parameters:
  ///   - person: the person in whose reach the button is.
  ///   - milliseconds: how long the button stays down; for such an answer at least half of the time of a long press.
  ///   - bounce: the bounce of its contact; `nil` for clean edges.
  public func press(
    _ button: Button, by person: Board.Person = .responder, milliseconds: Int = 60, as bounce: ContactBounce? = nil
  ) throws {
    guard let line = board.lines.buttons.first(where: { $0.button == button && ($0.by ?? .responder) == person })
    else {
      throw DaemonProcess.Failure(message: "board \(board.name) has no button '\(button)'")
    }
    let down: Lines.Level = line.active == .low ? .low : .high
    let up: Lines.Level = down == .low ? .high : .low
    let before = try client.ask(.status).status?.presses ?? 0
    let waited = daemon.waited + DaemonProcess.ownWaited
    let time = Monotonic.now
    func waitUntilCounted() throws {
      while try client.ask(.status).status?.presses == before, Monotonic.now < time.adding(milliseconds: 5000) {
        try rest(until: .now.adding(milliseconds: 10))
      }
      // The sum can shrink: the wait of a thread that ends no longer counts.
      presses[presses.count - 1].waited = max(0, Double(daemon.waited + DaemonProcess.ownWaited - waited) / 1e6)
    }
    let held = milliseconds < board.presses.hold ? nil : line.hold
    let isDecidedLater = line.hold != nil && button.waitsForRelease
    if held == nil || !isDecidedLater { presses.append(Press(button: button, time: time)) }
    try ContactDriver(lines, line.line).move(to: down, as: bounce?.closing)
    try rest(
      until: time.adding(milliseconds: isDecidedLater ? max(milliseconds, board.presses.hold / 2) : milliseconds))
    if !isDecidedLater { try waitUntilCounted() }
    if let held { presses.append(Press(button: held, time: time.adding(milliseconds: board.presses.hold))) }
    if held != nil && isDecidedLater { try waitUntilCounted() }
    try ContactDriver(lines, line.line).move(to: up, as: bounce?.opening)
    if held == nil && isDecidedLater { try waitUntilCounted() }
  }

  /// Changes the card.
  public func change(_ event: Scenario.CardEvent) throws {
    let time = Monotonic.now
    let number = cardActions.count + 1
    switch event {
    case .unplug: faults.insert(.unplugged)
    case .replug: faults.remove(.unplugged)
    case .stall: faults.insert(.stalled)
    case .unstall: faults.remove(.stalled)
    case .busy: faults.insert(.busy)
    case .free: faults.remove(.busy)
    // A new number triggers one.
    case .xrun: faults = faults.filter { if case .xrun = $0 { false } else { true } }.union([.xrun(number)])
    case .suspend: faults = faults.filter { if case .suspend = $0 { false } else { true } }.union([.suspend(number)])
    }
    try control.set(Array(faults))
    cardActions.append(CardAction(event: event, time: time))
  }

  /// The time of the last press or change of the card; `nil` before the first.
  public var lastAction: Monotonic? { [presses.last?.time, cardActions.last?.time].compactMap { $0 }.max() }

  /// Waits until `condition` holds for the status that the daemon reports.
  ///
  /// - Returns: false if it does not hold within `seconds`.
  public func waitForStatus(seconds: Int = 30, _ condition: (DaemonStatus) -> Bool) throws -> Bool {
    let deadline = Monotonic.now.adding(milliseconds: seconds * 1000)
    while Monotonic.now < deadline {
      if let status = try client.ask(.status).status, condition(status) { return true }
      try rest(until: .now.adding(milliseconds: 5))
    }
    return false
  }

  /// Waits until `moment`.
  public func rest(until moment: Monotonic) throws {
    while Monotonic.now < moment {
      var pause = Poll()
      try pause.wait(until: moment)
    }
  }

  /// Waits until the sound after the last press has ended: the card has stopped, or has been silent for a second of its
  /// frames.
  ///
  /// - Returns: false if that does not happen within `seconds`.
  public func waitForEnd(seconds: Int = 30) throws -> Bool {
    guard let since = presses.last?.time else { return true }
    return try follower.wait(until: Monotonic.now.adding(milliseconds: seconds * 1000)) { recording in
      guard let last = recording.streams.last, last.end > since else { return false }
      if recording.running == nil { return true }
      return last.end.since(max(since, recording.lastSound(above: 1) ?? since)) > 1_000_000_000
    }
  }

  /// Waits until `moment` of the card's time: while something plays, frames count, not the clock of a slow machine.
  ///
  /// - Returns: false if the card has not reached it within 30 s.
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

  /// Returns the simulated lamp of a LED of the board, and whether the LED is active low.
  private func lamp(_ name: String) -> (lamp: Lines.Lamp, isInverted: Bool)? {
    guard let led = board.leds.first(where: { $0.name == name }) else { return nil }
    return led.output.map { (.line($0.line), $0.active == .low) } ?? (.led(name), false)
  }

  /// Returns the changes of a LED since the start, in order; empty if the board has no such LED.
  public func lights(_ name: String) -> [(time: Monotonic, isLit: Bool)] {
    guard let (lamp, isInverted) = lamp(name) else { return [] }
    return lines.lampChanges.filter { $0.lamp == lamp }.map { ($0.time, $0.isLit != isInverted) }
  }

  /// Waits until a LED has shown a pattern for a whole period since `start`.
  ///
  /// - Returns: `nil`, or what the LED showed instead within `seconds`.
  public func waitForLight(
    _ name: String, _ pattern: Board.LED.Pattern, since start: Monotonic, seconds: Int = 15
  ) throws -> LEDTrace? {
    let deadline = Monotonic.now.adding(milliseconds: seconds * 1000)
    while true {
      let trace = LEDTrace(lights(name), since: start, until: .now)
      if trace.shows(pattern) { return nil }
      if Monotonic.now >= deadline { return trace }
      try rest(until: .now.adding(milliseconds: 20))
    }
  }

  /// Returns the complete entries of the journal since `start`.
  public func journal(since start: Monotonic) throws -> [JournalLine] {
    try Files.read(journal).split(separator: 0x0A).compactMap {
      try? Documents.decode(JournalLine.self, from: Array($0))
    }.filter { $0.monotonic >= start.nanoseconds }
  }

  /// The fields of a journal entry that scenarios compare.
  public struct JournalLine: Codable, Equatable, Sendable {
    /// Time in nanoseconds of CLOCK_MONOTONIC.
    public var monotonic: Int64
    /// Name of the event.
    public var event: String
    /// BCP 47 tag of the language.
    public var language: String?
    /// Id of the prompt.
    public var prompt: String?
    /// Details of the event.
    public var detail: String?
  }

  /// Stops the daemon and returns the card's record.
  ///
  /// - Throws: ``DaemonProcess/Failure`` if the daemon's exit status is not 0.
  public func finish() throws -> CardRecording {
    let status = daemon.stop()
    if status != 0 {
      throw DaemonProcess.Failure(message: "firstwordd ended with status \(status): \(daemon.log)")
    }
    return try CardRecording(path: record)
  }
}

extension Board {
  /// The board without bias, kernel debouncing and character devices, which simulated lines do not have.
  fileprivate var forSimulatedLines: Board {
    var board = self
    for index in board.lines.buttons.indices {
      board.lines.buttons[index].bias = nil
      board.lines.buttons[index].debounce = 0
      if board.lines.buttons[index].access == .character { board.lines.buttons[index].access = .auto }
    }
    for index in board.leds.indices where board.leds[index].output?.access == .character {
      board.leds[index].output?.access = .auto
    }
    if board.sound.amplifier?.output.access == .character { board.sound.amplifier?.output.access = .auto }
    return board
  }
}

extension Scenario.CardEvent {
  /// Whether its effect lasts until another event ends it.
  var lasts: Bool { [.unplug, .stall, .busy].contains(self) }
}
