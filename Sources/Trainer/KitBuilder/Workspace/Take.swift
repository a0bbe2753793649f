/// A file that should be the recording of one item in one language and voice.
public struct Take: Codable, Hashable, Sendable {
  /// BCP 47.
  public var language: String
  /// `f1`, `m1`, `synthetic`.
  public var voice: String
  /// Number of the prompt; 0 for a formula.
  public var number: Int
  /// Id of the item: of a prompt, of one of its forms (`who-we-are.police`), or of a formula (`answer-card`).
  public var prompt: String
  /// Path of the file.
  public var path: String

  /// The voice whose recordings are all synthetic speech, whatever program made them.
  public static let synthetic = "synthetic"

  /// Creates a take; the file need not exist.
  public init(language: String, voice: String, number: Int, prompt: String, path: String) {
    self.language = language
    self.voice = voice
    self.number = number
    self.prompt = prompt
    self.path = path
  }
}
