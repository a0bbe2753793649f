import Board
import Buttons
import Glibc
import Panel
import Posix

/// The lines, input devices and LEDs of a board.
struct ControlChecks {
  private let board: Board
  private let survey: Survey
  private let configuration: ButtonConfiguration

  /// Milliseconds for which the lines are watched: nobody is to press meanwhile.
  private static let watch = 400

  init(_ board: Board, _ places: KernelPlaces) {
    self.board = board
    survey = Survey(places)
    configuration = ButtonConfiguration(board, places)
  }

  func run() -> [Check] { lines() + inputs() + leds() }

  private func lines() -> [Check] {
    let found = configuration.lines.map(survey.line)
    let sound = found.indices.filter { found[$0].error == nil && !found[$0].isDown }
    let presses = movements(of: sound)
    return zip(board.lines.buttons, found).enumerated().map { index, pair in
      let (line, seen) = pair
      let name = "line \(line.button)"
      let place = "\(line.chip):\(line.line)"
      if let error = seen.error { return Check(name, .error, "\(place): \(error)") }
      if seen.isDown {
        return Check(
          name, .error, "\(place): it is down, and nobody was asked to press it",
          remedy: "let it go; else its level ('active'), its pull or its wire is wrong")
      }
      if let count = presses[index], count > 0 {
        return Check(
          name, count > 1 ? .error : .warning, "\(place): it went down \(count)× while nobody was asked to press it",
          remedy: "if nobody did, it floats: give it a pull ('bias: up', or a resistor), and look at its wire")
      }
      return Check(name, .ok, "\(place): \(seen.access.map { "\($0)" } ?? ""); \(seen.why)")
    }
  }

  /// By index, how often each of these lines was pressed while it was watched; none where they cannot be had together.
  private func movements(of indices: [Int]) -> [Int: Int] {
    var watched = configuration
    watched.lines = indices.map { configuration.lines[$0] }
    watched.inputs = []
    guard !indices.isEmpty, let panel = try? ButtonPanel(watched) else { return [:] }
    var counts: [Int: Int] = [:]
    let end = Monotonic.now.adding(milliseconds: Self.watch)
    while Monotonic.now < end {
      var poll = Poll()
      panel.register(in: &poll)
      do { try poll.wait(until: min(end, panel.deadline ?? end)) } catch { break }
      for event in panel.events(after: poll, now: .now) where event.kind == .pressed {
        counts[indices[event.index], default: 0] += 1
      }
    }
    return counts
  }

  private func inputs() -> [Check] {
    zip(board.inputs, configuration.inputs).map { input, setting in
      switch survey.input(setting.device) {
      case .success(let path): Check("input \(input.shown)", .ok, "there, at \(path), \(input.keys.count) keys")
      // It says what to do.
      case .failure(let error): Check("input \(input.shown)", .error, "\(error)")
      }
    }
  }

  private func leds() -> [Check] {
    board.leds.map { led in
      let setting = LEDConfiguration(led)
      let name = "LED \(setting.kind)"
      guard let fault = survey.led(setting) else { return Check(name, .ok, "there, and can be lit") }
      return Check(
        name, .error, fault, remedy: "correct the board file, or give this user the right to write (group gpio)")
    }
  }
}
