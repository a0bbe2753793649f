import Synchronization

/// The one-time token of the printed address, and the cookies of the browsers that exchanged one. They end with the
/// program.
public final class AccessTokens: Sendable {
  private struct State {
    var token = AccessTokens.random()
    /// The oldest first.
    var cookies: [String] = []
  }

  private let state = Mutex(State())
  /// The maximum number of browsers; another one replaces the oldest.
  private static let limit = 32

  /// Creates the first token.
  public init() {}

  /// The token that the next browser exchanges.
  public var token: String { state.withLock { $0.token } }

  /// Exchanges the token for the value of a cookie, and makes the next token.
  ///
  /// - Returns: nil for any other text, also for a token that was exchanged before.
  public func exchange(_ token: String) -> String? {
    state.withLock { state in
      guard Self.areEqual(token, state.token) else { return nil }
      state.token = Self.random()
      let cookie = Self.random()
      state.cookies.append(cookie)
      if state.cookies.count > Self.limit { state.cookies.removeFirst() }
      return cookie
    }
  }

  /// Returns whether a text is the value of a cookie of this program.
  public func isSession(_ cookie: String) -> Bool {
    state.withLock { state in state.cookies.contains { Self.areEqual($0, cookie) } }
  }

  /// Compares two texts in a time that depends on their lengths only.
  private static func areEqual(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    return a.count == b.count && zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// Returns 256 random bits in hexadecimal. getrandom(2)
  private static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<4).map { _ in
      let digits = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
