import Board
import Buttons
import Control
import Posix

/// A board's buttons and LEDs: what each button means, what is wrong with it, and how fast its presses were.
///
/// For a poll loop that somebody else owns, and of its thread.
public final class Controls {
  /// A press, with where it came from and when.
  public struct Press: Equatable, Sendable {
    public var button: Button
    /// `edge`, `poll`, `chardev`, `input`, `socket`
    public var path: String
    public var time: Monotonic

    public init(_ button: Button, by path: String, at time: Monotonic) {
      self.button = button
      self.path = path
      self.time = time
    }
  }

  /// What a turn of the loop brought.
  public enum News: Equatable, Sendable {
    case press(Press)
    /// For people and the journal.
    case fault(event: String, detail: String)
  }

  private let board: Board
  private let panel: ButtonPanel
  /// `nil` for a board without LEDs, which needs no thread for them.
  private let leds: LEDPanel?
  /// By index: what a press and a long press mean.
  private let meanings: [(button: Button, hold: Button?)]
  private var lost: Set<Int> = []
  /// By input device: why it is not there.
  private var missing: [String?]
  private var latencies: [String: Latencies] = [:]

  /// A line that cannot be had is an error; an input device or a LED that is missing is not.
  ///
  /// - Parameter complain: what is wrong with a LED; called on a thread of the LEDs' own.
  public init(_ board: Board, _ places: KernelPlaces, complain: @escaping @Sendable (String) -> Void) throws {
    self.board = board
    panel = try ButtonPanel(ButtonConfiguration(board, places))
    leds =
      board.leds.isEmpty ? nil : try LEDPanel(board.leds.map(LEDConfiguration.init), places, complain: complain)
    meanings =
      board.lines.buttons.map { ($0.button, $0.hold) } + board.inputs.flatMap { $0.keys.map { ($0.button, $0.hold) } }
    missing = board.inputs.map { _ in nil }
  }

  /// How many buttons there are.
  public var count: Int { meanings.count }

  // MARK: The loop

  /// Adds all descriptors to a fresh table.
  public func register(in poll: inout Poll) { panel.register(in: &poll) }

  /// When the loop has to come by though no descriptor answers; `nil` for as long as it takes.
  public var deadline: Monotonic? { panel.deadline }

  /// After each poll for which `register` was called, whoever it woke for.
  public func news(after poll: Poll, now: Monotonic) -> [News] {
    var news: [News] = []
    for event in panel.events(after: poll, now: now) {
      let (button, hold) = meanings[event.index]
      let path = panel.access[event.index].path
      switch event.kind {
      case .pressed: news.append(.press(Press(button, by: path, at: event.time)))
      case .held:
        if let hold { news.append(.press(Press(hold, by: path, at: event.time))) }
      case .stuck: news.append(.fault(event: "button-stuck", detail: "\(button) (\(place(of: event.index)))"))
      case .freed: news.append(.fault(event: "button-freed", detail: "\(button) (\(place(of: event.index)))"))
      case .released: break
      }
    }
    for failure in panel.takeFailures() {
      lost.insert(failure.index)
      news.append(.fault(event: "line-lost", detail: "\(failure.error)"))
    }
    return news + changes()
  }

  /// Input devices that came or went; those that were missing at the start are told by the first call.
  private func changes() -> [News] {
    panel.takeChanges().map { change in
      missing[change.input] = change.error?.description
      if let error = change.error { return .fault(event: "input-lost", detail: "\(error)") }
      return .fault(event: "input-found", detail: board.inputs[change.input].shown)
    }
  }

  private func place(of index: Int) -> String {
    if index < board.lines.buttons.count {
      let line = board.lines.buttons[index]
      return "\(line.chip):\(line.line)"
    }
    var first = board.lines.buttons.count
    for input in board.inputs {
      if index < first + input.keys.count { return "key \(input.keys[index - first].code) of \(input.shown)" }
      first += input.keys.count
    }
    return ""
  }

  /// What the LEDs show from now on; returns at once.
  public func show(_ state: LEDState) { leds?.show(state) }

  /// The command of a press has been handed to the player.
  public func handedOver(_ press: Press) {
    latencies[press.path, default: Latencies()].record(nanoseconds: Monotonic.now.since(press.time))
  }

  // MARK: Status

  public var buttonStatus: [DaemonStatus.ButtonStatus] {
    let stuck = Set(panel.stuck)
    return meanings.indices.map { index in
      .init(
        button: meanings[index].button.description, line: place(of: index), path: panel.access[index].description,
        state: lost.contains(index) ? .lost : stuck.contains(index) ? .stuck : .good)
    }
  }

  public var inputStatus: [DaemonStatus.InputStatus] {
    zip(board.inputs, missing).map { .init(device: $0.shown, keys: $0.keys.count, fault: $1) }
  }

  public var ledStatus: [DaemonStatus.LEDStatus] {
    zip(board.leds, leds?.faults ?? []).map { .init(led: "\(LEDConfiguration($0).kind)", fault: $1) }
  }

  public var latencyStatus: [DaemonStatus.LatencyStatus] {
    latencies.sorted { $0.key < $1.key }.map { .init(path: $0.key, to: "player", $0.value) }
  }
}
