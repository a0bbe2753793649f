import Board

/// The order in which a responder plays several prompts, with the pauses between: `Prompts/first-contact.yaml`.
public struct PromptSequence: Equatable, Sendable {
  /// Lower-case words with hyphens; the file's name.
  public var id: String
  /// What a button or a card shows, in English.
  public var title: String
  public var steps: [Step]
  /// The file it was read from.
  public var file: String

  public struct Step: Equatable, Sendable {
    /// Id.
    public var prompt: String
    /// Seconds of silence after it: time to think, to answer, or to do what was asked.
    public var pause: Double
    public var line: Int
  }
}

extension PromptSequence {
  /// Whether a document is a sequence and no prompt: it alone has steps.
  static func isSequence(_ root: Field) -> Bool {
    guard case .mapping(let mapping) = root.node else { return false }
    return mapping.contains { $0.key.scalar?.string == "steps" }
  }

  /// Reads a sequence; nil after the reasons were taken down.
  init?(_ root: Field) {
    guard let map = root.mapping(["id", "title", "steps"]) else { return nil }
    let id = map["id"].flatMap { $0.identifier() }
    let title = map["title"]?.text(length: 1...40)
    let steps = map["steps"]?.list(1...100)?.compactMap(Step.init)
    guard let id, let title, let steps else { return nil }
    self.init(id: id, title: title, steps: steps, file: root.file)
    if Button.Control(rawValue: id) != nil {
      map["id"]?.refuse("'\(id)' is the name of a control button", "choose another id")
    }
    if Prompt.Module(rawValue: id) != nil {
      map["id"]?.refuse("'\(id)' is the name of a module", "choose another id")
    }
    if root.file.split(separator: "/").last.map(String.init) != "\(id).yaml" {
      map["id"]?.refuse("the file's name does not agree with the id", "rename it to '\(id).yaml'")
    }
  }
}

extension PromptSequence.Step {
  fileprivate init?(_ field: Field) {
    guard let map = field.mapping(["prompt", "pause"]) else { return nil }
    let prompt = map["prompt"].flatMap { $0.identifier() }
    let pause = map["pause"]?.number(in: 0.5...60)
    guard let prompt, let pause else { return nil }
    self.init(prompt: prompt, pause: pause, line: field.line)
  }
}
