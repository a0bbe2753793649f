extension Board {
  /// The person whose button it is, and whose press.
  public enum Person: String, Codable, CaseIterable, Sendable {
    /// The person who holds the device. An answer that they press is a sign of the listener, as they judge it.
    case responder
    /// The person whom the device speaks to.
    case listener
  }

  /// The way in which a listener answers a question. Each mode has signs of its own.
  public enum AnswerMode: String, Codable, CaseIterable, Sendable {
    /// The listener points to a square of a card, or somebody points to each square in turn.
    case card
    /// The listener makes signs with one hand.
    case hand
    /// The listener taps with a hand or a foot.
    case tap
    /// The listener presses buttons in their own reach.
    case buttons
  }
}
