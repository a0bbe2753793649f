import Board

/// Several prompts in the order of playing, with pauses between them: `Prompts/first-contact.yaml`.
public struct PromptSequence: Equatable, Sendable {
  /// The id: lower-case words with hyphens; also the file's name.
  public var id: String
  /// The title on buttons and cards, in English.
  public var title: String
  /// The prompts in order.
  public var steps: [Step]
  /// The file from which it was read.
  public var file: String

  /// A prompt and the pause after it.
  public struct Step: Equatable, Sendable {
    /// The prompt's id.
    public var prompt: String
    /// The silence after the prompt in seconds, in which the listener can answer or act.
    public var pause: Double
    /// The line in the file, from 1.
    public var line: Int
  }
}

extension PromptSequence {
  /// Returns whether a document is a sequence instead of a prompt: only a sequence has steps.
  static func isSequence(_ root: Field) -> Bool { root.keys.contains("steps") }

  /// Parses a sequence; returns nil after adding the errors to the log.
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
      map["id"]?.refuse("the file's name differs from the id", "rename it to '\(id).yaml'")
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
