import Board
import Buttons
import Diagnostics
import Glibc
import Posix

/// The checks of the lines, input devices and LEDs of a board.
struct ControlChecks {
  private let board: Board
  private let survey: Survey
  private let configuration: ButtonConfiguration

  /// Milliseconds for which the lines are watched. Any press meanwhile is a fault.
  private static let watchTime = 400

  /// Prepares the checks of a board.
  init(_ board: Board, _ paths: KernelPaths) {
    self.board = board
    survey = Survey(paths)
    configuration = ButtonConfiguration(board, paths)
  }

  /// Runs all checks; this takes about half a second.
  func run() -> [Diagnostic] { lines() + inputs() + leds() }

  private func lines() -> [Diagnostic] {
    let found = configuration.lines.map(survey.line)
    let working = found.indices.filter { found[$0].error == nil && !found[$0].isDown }
    let counts = presses(on: working)
    return zip(board.lines.buttons, found).enumerated().map { index, pair in
      let (line, result) = pair
      let name = "line \(line.button)"
      let place = line.address
      if let error = result.error { return Diagnostic(name, .error, "\(place): \(error)") }
      if result.isDown {
        return Diagnostic(
          name, .error, "\(place): it is down although no press is expected",
          remedy: "release it; else its level ('active'), its pull or its wire is wrong")
      }
      if let count = counts[index], count > 0 {
        return Diagnostic(
          name, count > 1 ? .error : .warning, "\(place): it went down \(count)× although no press is expected",
          remedy: "if nobody pressed it, it floats: give it a pull ('bias: up', or a resistor), and check its wire")
      }
      return Diagnostic(name, .note, "\(place): \(result.access.map { "\($0)" } ?? ""); \(result.reason)")
    }
  }

  /// Watches lines, and returns the number of presses by index; empty where they cannot be opened together.
  private func presses(on indices: [Int]) -> [Int: Int] {
    var watched = configuration
    watched.lines = indices.map { configuration.lines[$0] }
    watched.inputs = []
    guard !indices.isEmpty, let panel = try? ButtonPanel(watched) else { return [:] }
    var counts: [Int: Int] = [:]
    let end = Monotonic.now.adding(milliseconds: Self.watchTime)
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

  private func inputs() -> [Diagnostic] {
    board.inputs.map { input in
      switch survey.input(input) {
      case .success(let path): Diagnostic("input \(input)", .note, "there, at \(path), \(counted(input.keys.count, "key"))")
      // The error names the remedy.
      case .failure(let error): Diagnostic("input \(input)", .error, "\(error)")
      }
    }
  }

  private func leds() -> [Diagnostic] {
    board.leds.map { led in
      let name = "LED \(led.name)"
      guard let fault = survey.led(led) else { return Diagnostic(name, .note, "there, and can be switched") }
      return Diagnostic(
        name, .error, fault, remedy: "correct the board file, or give this user the right to write (group gpio)")
    }
  }
}
