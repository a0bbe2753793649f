import Board
import Catalogue
import Diagnostics
import Kit

extension Scenario {
  /// Returns the buttons, LEDs, languages and prompts that the scenario names and that `board` or `kit` does not have.
  ///
  /// Checked before anything is started.
  public func findings(on board: Board, playing kit: KitManifest, _ bundles: [BundleManifest]) -> [Diagnostic] {
    let buttons = board.lines.buttons.map(\.button.description)
    let lights = board.leds.map(\.name)
    return steps.compactMap { step in
      func finding(_ message: String, _ remedy: String) -> Diagnostic {
        Diagnostic(path: file, line: step.line, message: message, remedy: remedy)
      }
      switch step.action {
      case .press(let button, .listener):
        let own = board.lines.buttons.filter { $0.by == .listener }.map(\.button.description)
        if own.contains(button.description) { return nil }
        let known = own.isEmpty ? "it has none" : "it has \(own.joined(separator: ", "))"
        return finding(
          "board \(board.name) has no line for a listener's own button '\(button)': \(known)",
          "name another board, such as listener-buttons.yaml")
      case .press(let button, .responder), .hold(let button, _), .bounce(let button, _):
        if buttons.contains(button.description) { return nil }
        return finding(
          "board \(board.name) has no line for the button '\(button)'\(Spelling.hint(button.description, buttons))",
          "press one of \(buttons.joined(separator: ", ")), or name another board")
      case .expect(.clip(let language, let prompt, _), _):
        guard let bundle = bundles.first(where: { $0.tag == language }) else {
          let tags = bundles.map(\.tag)
          return finding(
            "the kit \(kit.name) has no language '\(language)'\(Spelling.hint(language, tags))",
            "expect one of \(tags.joined(separator: ", ")), or name another kit")
        }
        if bundle.clip(prompt) != nil { return nil }
        return finding(
          "the kit \(kit.name) has no '\(prompt)' in \(language)", "expect another, or name another kit")
      case .expect(.led(let name, let look), _):
        guard let led = board.leds.first(where: { $0.name == name }) else {
          let known = lights.isEmpty ? "it has none" : "it has \(lights.joined(separator: ", "))"
          return finding("board \(board.name) has no LED '\(name)': \(known)", "name one of the board's")
        }
        if case .state(let state) = look, led.shows[state] == .dark {
          return finding(
            "LED '\(name)' of board \(board.name) is dark in the state '\(state.rawValue)'",
            "expect a pattern, or another LED")
        }
        return nil
      default: return nil
      }
    }
  }
}
