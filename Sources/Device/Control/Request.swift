/// A client's request: `{"id":1,"do":"status"}`.
public struct Request: Codable, Equatable, Sendable {
  /// The client's number for the request; the reply repeats it.
  public var id: Int
  /// The text of `do`: one of `Verb`, or an unknown word.
  public var verb: String
  /// For `press`: a control, a digit, `*`, a module, or the id of a prompt or sequence.
  public var button: String?
  /// For `press`: `listener` if the listener presses an answer; absent for the responder.
  public var by: String?
  /// For `notice`: `begun`, or how it ended: `present`, `done`, `refused`, `failed`.
  public var outcome: String?
  /// For `notice`: what happened, for people.
  public var detail: String?
  /// For `hello`: the version that the client speaks.
  public var version: Int?

  enum CodingKeys: String, CodingKey {
    case id
    case verb = "do"
    case button, by, outcome, detail
    case version = "protocol"
  }

  /// What a request asks for.
  public enum Verb: String, CaseIterable, Sendable {
    /// The program and the version of the protocol.
    case hello
    /// The state of the whole daemon.
    case status
    /// A press of `button`.
    case press
    /// A press of `stop`.
    case stop
    /// Sends events to this client from now on.
    case subscribe
    /// Reads the store again, and changes to its kit between two messages.
    case reload
    /// A stick or an update is being examined, or was: LEDs, tones and the operator's voice say so when nothing plays.
    case notice
  }

  /// Creates a request.
  public init(
    id: Int, _ verb: Verb, button: String? = nil, by: String? = nil, outcome: String? = nil, detail: String? = nil,
    version: Int? = nil
  ) {
    (self.outcome, self.detail) = (outcome, detail)
    self.by = by
    self.id = id
    self.verb = verb.rawValue
    self.button = button
    self.version = version
  }

  /// Creates a request for a press, or one whose verb is not known yet.
  init(id: Int, verb: String, button: String?, by: String?) {
    (self.id, self.verb, self.button, self.by) = (id, verb, button, by)
  }
}
