import Control
import Foundation
import Glibc
import Kit
import Posix

/// A board on the bench: the shipped daemon, on simulated lines and a simulated card. Nothing in the daemon knows.
public final class Bench {
  public struct Setup: Sendable {
    public var kit: String
    public var board: Board
    /// A public key or a folder of them.
    public var trust: String?
    public var allowDraft = false
    public var allowUntrusted = false
    /// What is wrong with the card from the start.
    public var faults: [CardFault] = []
    /// For the daemon, beside what the bench sets.
    public var environment: [String: String] = [:]
    /// The chip behind the board's lines; its label, and what the board needs of it, come from the board.
    public var chip = LinesConfiguration()

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
  }

  public let lines: Lines
  public let daemon: DaemonProcess
  public var folder: String { place.path }
  public private(set) var presses: [Press] = []
  private let board: Board
  /// What can go wrong with the card.
  public let control: CardControl
  /// Of the daemon's socket.
  public let client: ControlClient
  private let follower: CardFollower
  /// Last, so that it goes after the lines that are mounted in it, also where the bench could not be set up.
  private let place: TemporaryFolder

  public var record: String { folder + "/card.record" }
  public var journal: String { folder + "/journal.jsonl" }
  public var socket: String { folder + "/control" }
  public var mixer: String { folder + "/card.mixer" }

  /// Sets it up in a new folder under TMPDIR, which goes when the bench goes.
  public init(_ setup: Setup) throws {
    place = try TemporaryFolder()
    let folder = place.path
    board = setup.board
    let boardFile = folder + "/board.json"
    try Files.replace(boardFile, with: try setup.board.json())
    var card = CardConfiguration(
      library: try CardConfiguration.findLibrary(), record: folder + "/card.record", control: folder + "/card.faults")
    card.mixer = folder + "/card.mixer"
    let alsa = try card.write(to: folder + "/card.conf")
    control = CardControl(path: folder + "/card.faults")
    if !setup.faults.isEmpty { try control.set(setup.faults) }
    follower = try CardFollower(path: folder + "/card.record")
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
    lines = try Lines.start(mountedAt: folder + "/lines", chip)
    for line in setup.board.lines.buttons where line.active == .high { try lines.drive(line.line, .low) }
    var arguments = [
      "--board", boardFile, "--kit", setup.kit, "--pcm", CardConfiguration.pcm, "--socket", folder + "/control",
      "--journal", folder + "/journal.jsonl", "--gpio-root", lines.gpioRoot,
      "--led-root", lines.ledRoot,
    ]
    if let trust = setup.trust { arguments += ["--trust", trust] }
    if setup.allowDraft { arguments.append("--allow-draft") }
    if setup.allowUntrusted { arguments.append("--allow-untrusted") }
    daemon = try DaemonProcess(
      try DaemonProcess.find(), arguments: arguments,
      environment: setup.environment.merging([CardConfiguration.environmentName: alsa]) { $1 }, folder: folder)
    client = try ControlClient(path: folder + "/control")
  }

  deinit {
    _ = daemon.stop()
    lines.unmount()
  }

  /// Ends all of it at once, from any thread: for a program that is interrupted.
  public var abandon: @Sendable () -> Void {
    let (lines, process, folder) = (lines, daemon.identifier, folder)
    return {
      kill(process, SIGKILL)
      lines.unmount()
      try? FileManager.default.removeItem(atPath: folder)
    }
  }

  /// Presses a button as a finger does: down, 60 ms, up.
  ///
  /// Where the machine is so busy that the daemon has not run in that time, the finger stays down until it has: of a
  /// pulse that begins and ends unseen, sysfs tells nobody.
  public func press(_ button: Button) throws {
    guard let line = board.lines.buttons.first(where: { $0.button == button }) else {
      throw DaemonProcess.Failure(message: "board \(board.name) has no button '\(button)'")
    }
    let down: Lines.Level = line.active == .low ? .low : .high
    let before = try client.ask(.status).status?.presses ?? 0
    let time = Monotonic.now
    try lines.drive(line.line, down)
    presses.append(Press(button: button, time: time))
    try rest(until: time.adding(milliseconds: 60))
    while try client.ask(.status).status?.presses == before, Monotonic.now < time.adding(milliseconds: 2000) {
      try rest(until: .now.adding(milliseconds: 10))
    }
    try lines.drive(line.line, down == .low ? .high : .low)
  }

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

  /// Stops the daemon and gives all that left the card.
  public func finish() throws -> CardRecording {
    let status = daemon.stop()
    if status != 0 {
      throw DaemonProcess.Failure(message: "firstwordd ended with status \(status): \(daemon.log)")
    }
    return try CardRecording(path: record)
  }
}

/// A new folder under TMPDIR that goes with this value.
final class TemporaryFolder {
  let path: String

  init() throws {
    let place = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var template = Array("\(place)/firstword-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("make a folder", path: place, code: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
