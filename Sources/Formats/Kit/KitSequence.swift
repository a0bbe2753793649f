/// Prompts that are played one after the other.
public struct KitSequence: Codable, Equatable, Sendable {
  /// The id, different from all prompts' and modules'.
  public var id: String
  /// The title for the responder.
  public var title: String
  /// The prompts, in order.
  public var steps: [Step]

  /// One prompt and the pause after it.
  public struct Step: Codable, Equatable, Sendable {
    /// The prompt's id.
    public var prompt: String
    /// The silence after it in milliseconds.
    public var pause: Int

    /// Creates a step.
    public init(prompt: String, pause: Int) {
      self.prompt = prompt
      self.pause = pause
    }
  }

  /// Creates a sequence.
  public init(id: String, title: String, steps: [Step]) {
    self.id = id
    self.title = title
    self.steps = steps
  }

  /// Returns the id of the sequence that replaces this one for a child.
  public static func forChildren(_ id: String) -> String { id + childEnding }

  /// Returns whether a sequence with this id is for a child: its messages are said in the forms for children.
  public static func isForChildren(_ id: String) -> Bool { id.hasSuffix(childEnding) }

  private static let childEnding = "-child"
}
