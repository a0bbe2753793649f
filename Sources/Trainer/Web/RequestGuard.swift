/// Decides whether a request comes from this server's own page, in a browser that was given the token.
///
/// Any page on the web can make a browser send requests to 127.0.0.1. It cannot choose the headers `Origin` and
/// `Sec-Fetch-Site`, nor `Host` after a rebinding of a name; it cannot read the cookie, nor send a header of its own
/// without asking first.
public struct RequestGuard: Equatable, Sendable {
  /// The port on which the server listens.
  public let port: Int

  /// Creates the guard of a server on a port of 127.0.0.1.
  public init(port: Int) { self.port = port }

  /// What a request wants.
  public enum Access: Sendable {
    /// A file of the page, which holds no data.
    case asset
    /// Data.
    case read
    /// A change, or anything else that has a body.
    case change
    /// The cookie, in exchange for the token in the body.
    case exchange
  }

  /// The only `Host` of a valid request.
  public var host: String { "127.0.0.1:\(port)" }
  /// The page's origin.
  public var origin: String { "http://\(host)" }
  /// The cookie's name. A browser sends cookies to all ports of a host, so the name has the port.
  public var cookie: String { "firstword-\(port)" }
  /// The name of the header that every change has. Another origin would have to ask for permission to send it.
  public static let header = "x-firstword"

  /// Returns why a request is refused; nil if it is not.
  ///
  /// - Parameters:
  ///   - head: the request's head.
  ///   - access: what the request wants.
  ///   - isSession: returns whether a cookie's value belongs to a session of this program.
  public func refusal(of head: RequestHead, for access: Access, isSession: (String) -> Bool) -> Refusal? {
    if let refusal = refusal(ofHost: head) { return refusal }
    if access == .asset { return nil }
    if access == .read {
      guard head.values("sec-fetch-site").allSatisfy({ $0 == "same-origin" || $0 == "none" }) else {
        return .forbidden("another page asked for it")
      }
    } else {
      guard head.value("origin") == origin else { return .forbidden("'Origin' is not \(origin)") }
      guard head.value("sec-fetch-site") == "same-origin" else {
        return .forbidden("'Sec-Fetch-Site' is not same-origin")
      }
      guard head.value(Self.header) == "1" else { return .forbidden("the header X-Firstword is missing") }
    }
    if access == .exchange || head.cookie(cookie).map(isSession) == true { return nil }
    return Refusal(
      401, "no-session", "this browser has not been let in",
      "open the address that the program printed, with its token")
  }

  /// Returns a refusal unless the request names this server as its host, exactly and once.
  func refusal(ofHost head: RequestHead) -> Refusal? {
    head.value("host") == host ? nil : .forbidden("'Host' is not \(host)")
  }
}
