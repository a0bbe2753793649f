import Board
import Buttons
import Control
import Journal
import Posix

/// The buttons and LEDs of a board: the meaning of each button, its faults, and the latency of presses.
///
/// It serves a poll loop that the caller owns; all calls come from the thread of that loop.
public final class FrontPanel {
  /// A press of a button.
  public struct Press: Equatable, Sendable {
    /// The button that the press means.
    public var button: Button
    /// How the press arrived: `edge`, `poll`, `chardev`, `input` or `socket`.
    public var path: String
    /// When the button was pressed.
    public var time: Monotonic
    /// The person in whose reach the button is.
    public var person: Board.Person

    /// Creates a press.
    public init(_ button: Button, by path: String, at time: Monotonic, of person: Board.Person = .responder) {
      self.person = person
      self.button = button
      self.path = path
      self.time = time
    }
  }

  /// Something that happened during one turn of the loop.
  public enum Event: Equatable, Sendable {
    /// A press, or a long press with a meaning of its own.
    case press(Press)
    /// A fault or its end, for people and the journal. `detail` is what the system reports.
    case fault(DeviceEvent, detail: String)
  }

  private let board: Board
  private let panel: ButtonPanel
  /// Nil for a board without LEDs, which needs no thread for them.
  private let leds: LEDPanel?
  /// The meanings of presses, by index of the button.
  private var meanings: [PressMeaning]
  /// The persons in whose reach the buttons are, by index.
  private let people: [Board.Person]
  /// Indices of the stop buttons that are down.
  private var stops: Set<Int> = []
  private var chord: ChordWatch
  /// Indices of the lines that failed.
  private var lost: Set<Int> = []
  /// By input device: why it is unavailable.
  private var missing: [String?]
  private var latencies: [String: Latencies] = [:]

  /// Opens the buttons and LEDs of a board. A missing input device or LED is no error.
  ///
  /// - Parameters:
  ///   - board: the board.
  ///   - paths: where the kernel's files are.
  ///   - reportFault: called with one line for each fault of an LED, on the thread of the LEDs.
  /// - Throws: `ButtonError` for a line that is unavailable; `SystemError` where threads run out.
  public init(_ board: Board, _ paths: KernelPaths, reportFault: @escaping @Sendable (String) -> Void) throws {
    self.board = board
    panel = try ButtonPanel(ButtonConfiguration(board, paths))
    leds = board.leds.isEmpty ? nil : try LEDPanel(board.leds, paths, reportFault: reportFault)
    let keys = board.inputs.flatMap(\.keys)
    meanings =
      board.lines.buttons.map { PressMeaning($0.button, hold: $0.hold, withStop: $0.withStop) }
      + keys.map { PressMeaning($0.button, hold: $0.hold, withStop: $0.withStop) }
    people = board.lines.buttons.map { $0.by ?? .responder } + keys.map { $0.by ?? .responder }
    missing = board.inputs.map { _ in nil }
    chord = ChordWatch(duration: board.presses.chordTime)
  }

  /// Number of buttons.
  public var count: Int { meanings.count }

  // MARK: The loop

  /// Adds all descriptors to an empty poll table.
  public func register(in poll: inout Poll) { panel.register(in: &poll) }

  /// When the loop must call `events` although no descriptor is ready; nil for never.
  public var deadline: Monotonic? { [panel.deadline, chord.deadline].compactMap { $0 }.min() }

  /// Returns what happened, in order of time.
  ///
  /// Call it after each poll for which `register` was called, whichever descriptor was ready.
  public func events(after poll: Poll, now: Monotonic) -> [Event] {
    var events: [Event] = []
    for event in panel.events(after: poll, now: now) {
      let change = meanings[event.index].change(event.kind, at: event.time, isStopHeld: !stops.isEmpty)
      if let (button, time) = change {
        let path = panel.access[event.index].path
        events.append(.press(Press(button, by: path, at: time, of: people[event.index])))
      }
      let isStop = meanings[event.index].button == .control(.stop)
      // It is due before the release that ends it.
      events += takeChord(at: event.time)
      switch event.kind {
      case .pressed:
        if !stops.isEmpty, let other = meanings[event.index].withStop, other.isChord {
          chord.begin(event.index, other, at: event.time)
        }
      case .released, .stuck: chord.release(event.index, isStop: isStop)
      case .held, .freed: break
      }
      switch event.kind {
      case .pressed: if isStop { stops.insert(event.index) }
      // A stop that is stuck must not change what the other buttons mean.
      case .stuck:
        stops.remove(event.index)
        events.append(.fault(.buttonStuck, detail: name(of: event.index)))
      case .freed: events.append(.fault(.buttonFreed, detail: name(of: event.index)))
      case .released: stops.remove(event.index)
      case .held: break
      }
    }
    for failure in panel.takeFailures() {
      lost.insert(failure.index)
      stops.remove(failure.index)
      chord.release(failure.index, isStop: meanings[failure.index].button == .control(.stop))
      events.append(.fault(.lineLost, detail: "\(failure.error)"))
    }
    return events + takeChord(at: now) + deviceEvents()
  }

  private func takeChord(at now: Monotonic) -> [Event] {
    guard let due = chord.take(at: now) else { return [] }
    return [.press(Press(due.button, by: panel.access[due.index].path, at: due.time))]
  }

  /// Returns the losses and returns of input devices. The first call reports those that are missing at the start.
  private func deviceEvents() -> [Event] {
    panel.takeChanges().map { change in
      missing[change.input] = change.error?.description
      if let error = change.error { return .fault(.inputLost, detail: "\(error)") }
      return .fault(.inputFound, detail: "\(board.inputs[change.input])")
    }
  }

  /// Returns a button and where it is, for people.
  private func name(of index: Int) -> String { "\(meanings[index].button) (\(place(of: index)))" }

  /// Returns where a button is, for people: the address of its line, or its key and device.
  private func place(of index: Int) -> String {
    if index < board.lines.buttons.count { return board.lines.buttons[index].address }
    var first = board.lines.buttons.count
    for input in board.inputs {
      if index < first + input.keys.count {
        return "\(InputKey.kernelName(input.keys[index - first].code)) of \(input)"
      }
      first += input.keys.count
    }
    return ""
  }

  /// Shows a state and the answer mode on the LEDs from now on. Returns at once.
  public func show(_ state: Board.LED.State, _ mode: Board.AnswerMode? = nil) { leds?.show(state, mode) }

  /// Records the latency of a press whose command has just been handed to the player.
  public func recordLatency(of press: Press) {
    latencies[press.path, default: Latencies()].record(nanoseconds: Monotonic.now.since(press.time))
  }

  // MARK: Status

  /// The state of each button, for the control socket.
  public var buttonStatus: [DaemonStatus.ButtonStatus] {
    let stuck = Set(panel.stuck)
    return meanings.indices.map { index in
      .init(
        button: meanings[index].button.description, line: place(of: index), path: panel.access[index].description,
        state: lost.contains(index) ? .lost : stuck.contains(index) ? .stuck : .good)
    }
  }

  /// The state of each input device, for the control socket.
  public var inputStatus: [DaemonStatus.InputStatus] {
    zip(board.inputs, missing).map { .init(device: "\($0)", keys: $0.keys.count, fault: $1) }
  }

  /// The state of each LED, for the control socket.
  public var ledStatus: [DaemonStatus.LEDStatus] {
    zip(board.leds, leds?.faults ?? []).map { .init(led: $0.name, fault: $1) }
  }

  /// The latencies of presses by path, for the control socket.
  public var latencyStatus: [DaemonStatus.LatencyStatus] {
    latencies.sorted { $0.key < $1.key }.map { .init(path: $0.key, to: "player", $0.value) }
  }
}
