import Board
import Catalogue
import Diagnostics
import Journal
import Posix

/// Reads scenarios from YAML files.
public enum ScenarioFile {
  /// Reads a scenario.
  ///
  /// - Parameter catalogue: if given, its buttons, languages and prompts are the only ones that may be named.
  /// - Throws: ``DiagnosticsError`` with every finding, each with its line.
  public static func read(_ path: String, catalogue: Catalogue? = nil) throws(DiagnosticsError) -> Scenario {
    let log = DiagnosticLog()
    let scenario = YAMLFile.read(path, log: log).flatMap { Scenario($0, catalogue: catalogue) }
    try log.throwErrors()
    guard let scenario else { throw DiagnosticsError([.unusable(path)]) }
    return scenario
  }

  /// Reads several scenarios.
  ///
  /// - Parameter paths: files, or directories of `*.yaml` files, which are read in the order of their names.
  /// - Throws: ``DiagnosticsError`` with the findings of all files.
  public static func readAll(_ paths: [String], catalogue: Catalogue? = nil) throws(DiagnosticsError) -> [Scenario] {
    var scenarios: [Scenario] = []
    var findings: [Diagnostic] = []
    for path in paths {
      do throws(DiagnosticsError) {
        for file in try files(path) {
          do throws(DiagnosticsError) {
            scenarios.append(try read(file, catalogue: catalogue))
          } catch { findings += error.diagnostics }
        }
      } catch { findings += error.diagnostics }
    }
    if !findings.isEmpty { throw DiagnosticsError(findings) }
    return scenarios
  }

  private static func files(_ path: String) throws(DiagnosticsError) -> [String] {
    guard Files.isDirectory(path) else { return [path] }
    let names: [String]
    do throws(SystemError) { names = try Files.list(path) } catch {
      throw DiagnosticsError([.unreadable(path, error)])
    }
    let found = names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }
    if found.isEmpty {
      throw DiagnosticsError([
        Diagnostic(path: path, message: "no scenario (*.yaml) in this directory", remedy: "name another, or write one")
      ])
    }
    return found.map { Path(path).appending($0).string }
  }
}

// MARK: - Parsing

extension Scenario {
  fileprivate init?(_ root: Field, catalogue: Catalogue?) {
    guard let map = root.mapping(["name", "steps"]) else { return nil }
    let name = map["name"]?.text(length: 1...100)
    let steps = map["steps"]?.list(1...10_000)?.compactMap { Step($0, catalogue: catalogue) }
    guard let name, let steps else { return nil }
    self.init(name: name, steps: steps, file: root.file)
  }
}

extension Scenario.Step {
  private static let keys = ["press", "hold", "bounce", "wait", "expect"]

  fileprivate init?(_ field: Field, catalogue: Catalogue?) {
    if let text = field.scalarText {
      guard let event = Scenario.CardEvent(rawValue: text) else {
        let words = Scenario.CardEvent.allCases.map(\.rawValue)
        field.refuse(
          "'\(text.shown)' is no step\(Spelling.hint(text, words))",
          "write one of \(words.joined(separator: ", ")), or 'press: …'")
        return nil
      }
      self.init(.card(event), line: field.line)
      return
    }
    guard let map = field.mapping([], optional: Self.keys + ["within"]) else { return nil }
    guard let (key, value) = map.fields.first(where: { $0.key != "within" }), map.fields.count <= 2,
      map.fields.count == 1 || key == "expect" && map["within"] != nil
    else {
      // A single unknown key has its own finding already.
      if field.entries()?.count != 1 || map["within"] != nil {
        field.refuse(
          "a step has one key, not \(map.fields.count)",
          "begin each with '- ' on a line of its own; 'within' stands beside 'expect'")
      }
      return nil
    }
    let action: Scenario.Action? =
      switch key {
      case "press": value.press(catalogue)
      case "hold": value.hold(catalogue)
      case "bounce": value.bounce(catalogue)
      case "wait": value.wait().map { .wait($0) }
      default: value.expected(catalogue, within: map["within"])
      }
    guard let action else { return nil }
    self.init(action, line: field.line)
  }
}

extension Field {
  fileprivate func button(_ catalogue: Catalogue?) -> Button? {
    catalogue.map { button(prompts: $0.buttonNames) } ?? identifier().map { Button($0) }
  }

  fileprivate func press(_ catalogue: Catalogue?) -> Scenario.Action? {
    if isScalar { return button(catalogue).map { .press($0) } }
    guard let map = mapping(["button", "by"]) else { return nil }
    let button = map["button"]?.button(catalogue)
    let person = map["by"]?.word(Board.Person.self)
    guard let button, let person else { return nil }
    return .press(button, by: person)
  }

  fileprivate func hold(_ catalogue: Catalogue?) -> Scenario.Action? {
    guard let map = mapping(["button", "for"]) else { return nil }
    let button = map["button"]?.button(catalogue)
    let time = map["for"]?.integer(in: 1...600_000)
    guard let button, let time else { return nil }
    return .hold(button, milliseconds: time)
  }

  fileprivate func bounce(_ catalogue: Catalogue?) -> Scenario.Action? {
    guard let map = mapping(["button", "as"]) else { return nil }
    let button = map["button"]?.button(catalogue)
    let bounce = map["as"]?.word(ContactBounce.self)
    guard let button, let bounce else { return nil }
    return .bounce(button, bounce)
  }

  fileprivate func wait() -> Scenario.Wait? {
    if scalarText == "end" { return .end }
    if let text = scalarText, Int(text) == nil {
      return refuse(
        "\(quoted) is '\(text.shown)'\(Spelling.hint(text, ["end"]))", "write end, or 1 to 600000 milliseconds")
    }
    return integer(in: 1...600_000).map { .milliseconds($0) }
  }

  fileprivate func expected(_ catalogue: Catalogue?, within: Field?) -> Scenario.Action? {
    let limit = within?.integer(in: 1...600_000)
    guard let expectation = expectation(catalogue), within == nil || limit != nil else { return nil }
    switch expectation {
    case .led, .volume:
      if let within { return within.refuse("'within' is for sounds and the journal", "leave it out") }
    default: break
    }
    return .expect(expectation, within: limit)
  }

  private func expectation(_ catalogue: Catalogue?) -> Scenario.Expectation? {
    if let text = scalarText {
      if text == "silence" { return .silence }
      return refuse(
        "\(quoted) is '\(text.shown)'\(Spelling.hint(text, ["silence"]))",
        "write silence, or {language: …, prompt: …, outcome: …}, {signal: …}, {led: …, shows: …}, {journal: …}, "
          + "{volume: …}")
    }
    guard let keys = entries()?.map(\.key) else { return nil }
    if keys.contains("signal") {
      return mapping(["signal"])?["signal"]?.word(Scenario.Signal.self).map { .signal($0) }
    }
    if keys.contains("led") { return led() }
    if keys.contains("journal") { return journal(catalogue) }
    if keys.contains("volume") { return mapping(["volume"])?["volume"]?.number(in: -60...0).map { .volume($0) } }
    guard let map = mapping(["language", "prompt", "outcome"]) else { return nil }
    let language = map["language"]?.language(catalogue)
    let prompt = map["prompt"]?.prompt(catalogue)
    let outcome = map["outcome"]?.word(Scenario.Outcome.self)
    guard let language, let prompt, let outcome else { return nil }
    return .clip(language: language, prompt: prompt, outcome: outcome)
  }

  private func led() -> Scenario.Expectation? {
    guard let map = mapping(["led", "shows"]) else { return nil }
    let name = map["led"]?.text(length: 1...100)
    guard let shows = map["shows"], let text = shows.scalarText else {
      return map["shows"].flatMap { $0.refuse("\($0.quoted) must be one word, not \($0.kind)", "write a pattern") }
    }
    let look: Scenario.LEDLook
    if let state = Board.LED.State(rawValue: text) {
      look = .state(state)
    } else if let pattern = Board.LED.Pattern(rawValue: text) {
      look = .pattern(pattern)
    } else {
      let words = Board.LED.State.allCases.map(\.rawValue) + Board.LED.Pattern.allCases.map(\.rawValue)
      return shows.refuse(
        "\(shows.quoted) is '\(text.shown)'\(Spelling.hint(text, words))",
        "write one of \(words.joined(separator: ", "))")
    }
    return name.map { .led($0, look) }
  }

  private func journal(_ catalogue: Catalogue?) -> Scenario.Expectation? {
    guard let map = mapping(["journal"], optional: ["language", "prompt", "detail"]) else { return nil }
    let event = map["journal"]?.word(JournalEvent.Name.self)?.rawValue
    let language = map["language"].map { ($0, $0.language(catalogue)) }
    let prompt = map["prompt"].map { ($0, $0.prompt(catalogue)) }
    let detail = map["detail"].map { ($0, $0.text()) }
    guard let event, language?.1 != nil || language == nil, prompt?.1 != nil || prompt == nil,
      detail?.1 != nil || detail == nil
    else { return nil }
    return .journal(event: event, language: language?.1, prompt: prompt?.1, detail: detail?.1)
  }

  private func language(_ catalogue: Catalogue?) -> String? {
    known("language", catalogue?.languages.map(\.tag)) { $0.text(length: 1...35) }
  }

  private func prompt(_ catalogue: Catalogue?) -> String? {
    known("prompt", catalogue?.prompts.map(\.id)) { $0.identifier() }
  }

  private func known(_ what: String, _ names: [String]?, _ read: (Field) -> String?) -> String? {
    guard let name = read(self) else { return nil }
    guard let names, !names.contains(name) else { return name }
    return refuse("the catalogue has no \(what) '\(name)'\(Spelling.hint(name, names))", "correct it")
  }
}
