import Kit

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
    case wait(Wait)
    case expect(Expectation)
  }

  public enum Wait: Equatable, Sendable {
    /// Until what plays has ended.
    case end
    /// Milliseconds of the card's time since the step before.
    case milliseconds(Int)
  }

  public enum Expectation: Equatable, Sendable {
    case silence
    /// This clip, as the latest that sounded.
    case clip(language: String, prompt: String, outcome: Outcome)
  }

  public enum Outcome: String, CaseIterable, Sendable { case completed, stopped }
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
}

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
  fileprivate init?(_ field: Field, catalogue: Catalogue?) {
    guard let map = field.mapping([], optional: ["press", "wait", "expect"]) else { return nil }
    guard map.fields.count == 1, let (key, value) = map.fields.first else {
      // A single unknown key has its own finding already.
      if field.entries()?.count != 1 {
        field.refuse("a step has one key, not \(map.fields.count)", "begin each with '- ' on a line of its own")
      }
      return nil
    }
    let action: Scenario.Action? =
      switch key {
      case "press": value.button(catalogue).map { .press($0) }
      case "wait": value.wait().map { .wait($0) }
      default: value.expectation(catalogue).map { .expect($0) }
      }
    guard let action else { return nil }
    self.init(action, line: field.line)
  }
}

extension Field {
  fileprivate func button(_ catalogue: Catalogue?) -> Button? {
    catalogue.map { button(prompts: $0.buttonNames) } ?? identifier().map { Button($0) }
  }

  fileprivate func wait() -> Scenario.Wait? {
    if case .scalar(let scalar) = node, scalar.string == "end" { return .end }
    return integer(in: 1...600_000).map { .milliseconds($0) }
  }

  fileprivate func expectation(_ catalogue: Catalogue?) -> Scenario.Expectation? {
    if case .scalar(let scalar) = node {
      if scalar.string == "silence" { return .silence }
      return refuse(
        "\(quoted) is '\(scalar.string.shown)'", "write silence, or {language: …, prompt: …, outcome: …}")
    }
    guard let map = mapping(["language", "prompt", "outcome"]) else { return nil }
    let language = map["language"]?.known("language", catalogue?.languages.map(\.tag)) {
      $0.text(length: 1...35)
    }
    let prompt = map["prompt"]?.known("prompt", catalogue?.prompts.map(\.id)) { $0.identifier() }
    let outcome = map["outcome"]?.word(Scenario.Outcome.self)
    guard let language, let prompt, let outcome else { return nil }
    return .clip(language: language, prompt: prompt, outcome: outcome)
  }

  private func known(_ what: String, _ names: [String]?, _ read: (Field) -> String?) -> String? {
    guard let name = read(self) else { return nil }
    guard let names, !names.contains(name) else { return name }
    return refuse("the catalogue has no \(what) '\(name)'\(Spelling.hint(name, names))", "correct it")
  }
}
