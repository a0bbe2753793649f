import Board
import Control
import Diagnostics
import Glibc
import Kit
import Posix
import Simulator

/// The running device of a practice: its bench, its presses, its drill, and what it does in words. For one thread.
final class PracticeStage {
  private let bench: Bench
  private let board: PracticeBoard
  private let kit: KitFile
  private let follower: CardFollower
  private var presses = ContactPresses()
  private var status: PracticeStatus
  private var typed: TypedNumber
  private var hint: String?
  /// The name of the button that the device reported last.
  private var button: String?
  private var drill: Drill?
  private var remarks: [Drill.Remark] = []
  /// The size of the journal when it was read last.
  private var journalSize = 0
  /// The number of remarks that are shown.
  private static let shown = 4

  init(_ bench: Bench, _ board: PracticeBoard, _ kit: KitFile) throws {
    self.bench = bench
    self.board = board
    self.kit = kit
    follower = try CardFollower(path: bench.record)
    status = PracticeStatus(kit)
    typed = TypedNumber(limit: board.simulated.presses.digits)
  }

  /// Readable when the daemon reports something.
  var descriptor: CInt { bench.client.descriptor }

  /// Subscribes to the daemon's events.
  func begin(_ wish: PracticeSession.DrillWish?) throws {
    if let state = try bench.client.ask(.subscribe).state { status.take(state) }
    drill(wish)
  }

  /// Begins a drill; nil ends it.
  func drill(_ wish: PracticeSession.DrillWish?) {
    drill = wish.map { Drill(kit, $0.answers, seed: $0.seed) }
    remarks = []
  }

  // MARK: Presses

  /// Closes a contact.
  func press(_ contact: Int) throws {
    guard board.simulated.lines.buttons.indices.contains(contact) else { return }
    let line = board.simulated.lines.buttons[contact]
    if presses.press(contact, of: line, before: try count(), at: .now) {
      hint = nil
      try bench.lines.drive(contact, .low)
    }
  }

  /// Whether a contact that was released is still closed.
  var isOpening: Bool { presses.isWaiting }

  /// Lets a contact open.
  func release(_ contact: Int) { presses.release(contact) }

  private func count() throws -> Int { try bench.client.ask(.status).status?.presses ?? 0 }

  // MARK: Time

  /// Takes the daemon's events and the time.
  func advance() throws {
    for event in try bench.client.takeEvents() { note(event) }
    typed.pass(.now)
    if let new = drill?.pass(.now) { add(new) }
    if let answer = drill?.takePress() { _ = try bench.client.ask(.press, button: answer, by: "listener") }
    if presses.isWaiting || !presses.down.isEmpty {
      for contact in presses.opened(counted: presses.isWaiting ? try count() : 0, at: .now) {
        try bench.lines.drive(contact, .high)
      }
    }
    if !bench.daemon.isRunning { throw DaemonEnded() }
  }

  private func note(_ event: ControlEvent) {
    if let state = event.state { status.take(state) }
    if event.event == "press" {
      button = event.button
      hint = nil
      if let button { typed.press(Button(button), at: .now) }
    }
    if let reason = SignalReason.text(event, after: button, in: (kit.manifest, kit.bundles)) { hint = reason }
    if event.event == "early-answer" { hint = "the question had not sounded to its end: an answer to none" }
    if let new = drill?.note(event) { add(new) }
  }

  private func add(_ new: [Drill.Remark]) { remarks = (remarks + new).suffix(Self.shown) }

  /// Returns what left the card since the last call.
  func takeSound() throws -> [CardRecording.Taken] { try follower.takeSamples() }

  /// Returns the journal; nil if it has not grown.
  func newJournal() -> [UInt8]? {
    var status = stat()
    guard stat(bench.journal, &status) == 0, Int(status.st_size) != journalSize,
      let bytes = try? Files.read(bench.journal)
    else { return nil }
    journalSize = Int(status.st_size)
    // A line that is being written comes with the next reading.
    return bytes.lastIndex(of: 0x0A).map { Array(bytes[...$0]) }
  }

  // MARK: What is shown

  /// Writes what changes into a view.
  func show(in live: inout PracticeView.Live) {
    let state = status.state
    live.state = state.led
    live.language = state.language.map { tag in
      status.name(tag) + (state.voice.map { ", voice \($0)" } ?? "")
    }
    live.now = status.now == "-" ? nil : status.now
    let level = "\(state.volume == state.volume.rounded() ? "\(Int(state.volume))" : "\(state.volume)") dB"
    live.settings = [
      state.children ? "messages for children" : "messages for adults", state.answerMode.map { "answers by \($0)" },
      level, state.quiet ? "QUIET" : nil,
    ].compactMap { $0 }.joined(separator: ", ")
    live.typed = typed.text.isEmpty ? nil : typed.text
    live.hint = hint
    live.lit = board.lamps.indices.map { index in
      (try? bench.lines.level(of: board.line(ofLamp: index))) == .high
    }
    live.down = presses.down
    live.drill = drill.map { DrillView($0, remarks) }
  }

  // MARK: The end

  /// Ends the daemon: as a service manager does, and after some seconds without mercy.
  func stop() {
    let process = bench.daemon.identifier
    if bench.daemon.isRunning { kill(process, SIGTERM) }
    let deadline = Monotonic.now.adding(milliseconds: 5000)
    while bench.daemon.isRunning, Monotonic.now < deadline { usleep(10_000) }
    if bench.daemon.isRunning { kill(process, SIGKILL) }
    _ = bench.daemon.stop()
  }

  /// Returns why the practice cannot go on after an error.
  func end(after error: any Error) -> Diagnostic {
    // The socket may report the end before the process is gone.
    let deadline = Monotonic.now.adding(milliseconds: 1000)
    while bench.daemon.isRunning, Monotonic.now < deadline { usleep(10_000) }
    if bench.daemon.isRunning {
      return Diagnostic(path: "", message: "the device does not answer: \(error)", remedy: "begin again")
    }
    let status = bench.daemon.stop()
    let way = status > 128 ? "a signal (\(status - 128)) ended it" : "its exit status is \(status)"
    return Diagnostic(
      path: "", message: "firstwordd, the device's program, ended by itself: \(way)",
      remedy: "begin again, and report this fault with the lines below if it returns")
  }

  /// The last lines that the daemon wrote.
  var lastLines: [String] { bench.daemon.log.split(separator: "\n").suffix(20).map(String.init) }
}

/// The daemon has ended by itself.
private struct DaemonEnded: Error {}
