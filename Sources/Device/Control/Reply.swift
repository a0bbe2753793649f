/// The daemon's reply to one request.
public struct Reply: Codable, Equatable, Sendable {
  /// The id of the request; 0 if the request could not be parsed.
  public var id: Int
  /// Whether the request succeeded.
  public var ok: Bool
  /// The reason, if it did not.
  public var error: Failure?
  /// For `hello`.
  public var hello: Hello?
  /// For `status`.
  public var status: DaemonStatus?
  /// For `subscribe`: the console's state before the first event.
  public var state: ConsoleState?

  /// Why a request failed.
  public struct Failure: Codable, Equatable, Sendable, Error, CustomStringConvertible {
    /// `bad-request`, `unknown-verb`, `unknown-button`, `too-long`, `wrong-protocol`.
    public var code: String
    /// One line for people.
    public var message: String

    /// Creates a failure.
    public init(code: String, message: String) {
      self.code = code
      self.message = message
    }

    /// The message.
    public var description: String { message }
  }

  /// Returns a reply without content to a request that succeeded.
  public static func done(_ id: Int) -> Reply { Reply(id: id, ok: true) }

  /// Returns a reply to a request that failed.
  public static func failed(_ id: Int, _ code: String, _ message: String) -> Reply {
    Reply(id: id, ok: false, error: Failure(code: code, message: message))
  }

  /// Creates a reply.
  public init(
    id: Int, ok: Bool, error: Failure? = nil, hello: Hello? = nil, status: DaemonStatus? = nil,
    state: ConsoleState? = nil
  ) {
    self.id = id
    self.ok = ok
    self.error = error
    self.hello = hello
    self.status = status
    self.state = state
  }
}

/// The daemon's program, protocol and limits.
public struct Hello: Codable, Equatable, Sendable {
  /// The name and version of the program.
  public var program: String
  /// `ControlProtocol.version`.
  public var `protocol`: Int
  /// The maximum length of a request in bytes.
  public var longest = ControlProtocol.longestLine
  /// The maximum number of connected clients.
  public var clients = ControlProtocol.maximumClients

  /// Creates the hello of this version of the protocol.
  public init(program: String) {
    self.program = program
    self.protocol = ControlProtocol.version
  }
}
