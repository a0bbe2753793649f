import Board
import Kit
import Posix

/// What a tester does to a device and expects of it, step by step.
public struct Scenario: Equatable, Sendable {
  public var name: String
  public var steps: [Step]
  /// The file it was read from.
  public var file: String

  public struct Step: Equatable, Sendable {
    public var action: Action
    /// Where it stands in the file, for the report of a failure.
    public var line: Int

    public init(_ action: Action, line: Int) {
      self.action = action
      self.line = line
    }
  }

  public enum Action: Equatable, Sendable {
    case press(Button)
    /// Down for so many milliseconds.
    case hold(Button, milliseconds: Int)
    /// A press of a contact that chatters.
    case bounce(Button, Chatter)
    case wait(Wait)
    case card(CardEvent)
    /// Within so many milliseconds of the press (of the step before, for what is no sound).
    case expect(Expectation, within: Int?)
  }

  public enum Wait: Equatable, Sendable {
    /// Until what plays has ended.
    case end
    /// Milliseconds of the card's time since the step before.
    case milliseconds(Int)
  }

  /// What happens to the sound card.
  public enum CardEvent: String, CaseIterable, Sendable {
    case unplug, replug
    /// It runs out of frames; it is suspended as by a sleeping machine.
    case xrun, suspend
    /// Its clock stands still, and goes on.
    case stall, unstall
    /// Another program has it, and lets it go.
    case busy, free
  }

  public enum Expectation: Equatable, Sendable {
    case silence
    /// This clip, among what sounded after the press.
    case clip(language: String, prompt: String, outcome: Outcome)
    /// A tone that the device makes itself.
    case signal(Signal)
    /// A LED of the board, by its name or `chip:line`, shows this.
    case led(String, LEDLook)
    /// A line of the journal since the step before that was no `wait` and no `expect`.
    case journal(event: String, language: String?, prompt: String?, detail: String?)
    /// In dB, as the daemon says.
    case volume(Double)
  }

  public enum Outcome: String, CaseIterable, Sendable { case completed, stopped }

  public enum Signal: String, CaseIterable, Sendable {
    case error
    case notAvailable = "not-available"
    case done
  }

  /// A pattern of light, or the board's pattern for a state of the device.
  public enum LEDLook: Equatable, Sendable {
    case pattern(Board.Pattern)
    case state(LEDStateName)
  }

  public enum LEDStateName: String, CaseIterable, Sendable { case ready, draft, playing, waiting, error }
}

/// A scenario in YAML.
public enum ScenarioFile {
  /// Reads a scenario; with a catalogue, buttons, languages and prompts must be its own.
  public static func read(_ path: String, catalogue: Catalogue? = nil) throws(CatalogueError) -> Scenario {
    let log = FindingLog()
    let scenario = YAMLFile.read(path, log: log).flatMap { Scenario($0, catalogue: catalogue) }
    try log.throwErrors()
    guard let scenario else { throw CatalogueError([.unread(path)]) }
    return scenario
  }

  /// Files stand for themselves, a directory for all `*.yaml` in it, by their names. Every finding of all of them is told.
  public static func readAll(_ paths: [String], catalogue: Catalogue? = nil) throws(CatalogueError) -> [Scenario] {
    var scenarios: [Scenario] = []
    var findings: [Finding] = []
    for path in paths {
      do throws(CatalogueError) {
        for file in try files(path) {
          do throws(CatalogueError) {
            scenarios.append(try read(file, catalogue: catalogue))
          } catch { findings += error.findings }
        }
      } catch { findings += error.findings }
    }
    if !findings.isEmpty { throw CatalogueError(findings) }
    return scenarios
  }

  private static func files(_ path: String) throws(CatalogueError) -> [String] {
    guard Files.isDirectory(path) else { return [path] }
    let names: [String]
    do throws(SystemError) { names = try Files.list(path) } catch {
      throw CatalogueError([.unreadable(path, error)])
    }
    let found = names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }
    if found.isEmpty {
      throw CatalogueError([
        Finding(file: path, message: "no scenario (*.yaml) in this directory", remedy: "name another, or write one")
      ])
    }
    return found.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
  }
}

extension Scenario {
  /// What of the scenario this board and this kit do not have: found before anything is started.
  public func findings(on board: Board, playing kit: KitManifest, _ bundles: [BundleManifest]) -> [Finding] {
    let buttons = board.lines.buttons.map(\.button.description)
    let lights = board.leds.map(\.name)
    return steps.compactMap { step in
      func finding(_ message: String, _ remedy: String) -> Finding {
        Finding(file: file, line: step.line, message: message, remedy: remedy)
      }
      switch step.action {
      case .press(let button), .hold(let button, _), .bounce(let button, _):
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

extension Board.LED {
  /// As people name it: the kernel's name, or `chip:line`.
  public var name: String { led ?? output.map { "\($0.chip):\($0.line)" } ?? "" }
}

extension Board.Patterns {
  public subscript(state: Scenario.LEDStateName) -> Board.Pattern {
    switch state {
    case .ready: ready
    case .draft: draft
    case .playing: playing
    case .waiting: waiting
    case .error: error
    }
  }
}

// MARK: - Reading

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
    if case .scalar(let scalar) = field.node {
      guard let event = Scenario.CardEvent(rawValue: scalar.string) else {
        let words = Scenario.CardEvent.allCases.map(\.rawValue)
        field.refuse(
          "'\(scalar.string.shown)' is no step\(Spelling.hint(scalar.string, words))",
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
      case "press": value.button(catalogue).map { .press($0) }
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
    let chatter = map["as"]?.word(Chatter.self)
    guard let button, let chatter else { return nil }
    return .bounce(button, chatter)
  }

  fileprivate func wait() -> Scenario.Wait? {
    if case .scalar(let scalar) = node, scalar.string == "end" { return .end }
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
    if case .scalar(let scalar) = node {
      if scalar.string == "silence" { return .silence }
      return refuse(
        "\(quoted) is '\(scalar.string.shown)'",
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
    guard let shows = map["shows"], case .scalar(let scalar) = shows.node else {
      return map["shows"].flatMap { $0.refuse("\($0.quoted) must be one word, not \($0.kind)", "write a pattern") }
    }
    let look: Scenario.LEDLook
    if let state = Scenario.LEDStateName(rawValue: scalar.string) {
      look = .state(state)
    } else if let pattern = Board.Pattern(rawValue: scalar.string) {
      look = .pattern(pattern)
    } else {
      let words = Scenario.LEDStateName.allCases.map(\.rawValue) + Board.Pattern.allCases.map(\.rawValue)
      return shows.refuse(
        "\(shows.quoted) is '\(scalar.string.shown)'\(Spelling.hint(scalar.string, words))",
        "write one of \(words.joined(separator: ", "))")
    }
    return name.map { .led($0, look) }
  }

  private func journal(_ catalogue: Catalogue?) -> Scenario.Expectation? {
    guard let map = mapping(["journal"], optional: ["language", "prompt", "detail"]) else { return nil }
    let event = map["journal"]?.text(length: 1...40)
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
