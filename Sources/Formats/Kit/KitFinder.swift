/// The order in which the languages introduce themselves to a listener whose language is unknown.
public struct KitFinder: Codable, Equatable, Sendable {
  /// Tags, the most likely first. The kit's other languages follow in its order.
  public var languages: [String]
  /// The pause after each language in milliseconds, in which the listener can raise a hand.
  public var pause: Int

  /// Creates an order.
  public init(languages: [String] = [], pause: Int = 5000) {
    self.languages = languages
    self.pause = pause
  }
}
