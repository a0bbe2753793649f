/// The head of an HTTP request: method, target and headers, as the client sent them. RFC 9112
public struct RequestHead: Equatable, Sendable {
  /// The method: `GET`, `POST`.
  public var method: String
  /// The path and the query, not decoded: `/api/1/projects?x=1`.
  public var target: String
  /// The headers in the order of the request, with names in lower case.
  public var headers: [Header]

  /// A header field.
  public struct Header: Equatable, Sendable {
    /// The name in lower case.
    public var name: String
    /// The value without spaces around it.
    public var value: String
  }

  /// Creates a head.
  ///
  /// - Parameter headers: names and values; the names may be in any case.
  public init(method: String, target: String, headers: [(String, String)]) {
    self.method = method
    self.target = target
    self.headers = headers.map { Header(name: $0.lowercased(), value: $1) }
  }

  /// Returns the values of all headers with a name in lower case.
  public func values(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }

  /// Returns the value of a header that occurs exactly once; nil if it is missing or occurs twice.
  public func value(_ name: String) -> String? {
    let values = values(name)
    return values.count == 1 ? values[0] : nil
  }

  /// Whether the client asks for a response without a body, or for one with it.
  var isRead: Bool { method == "GET" || method == "HEAD" }

  /// Returns the value of a cookie; nil if there is none, or more than one header with cookies. RFC 6265, 5.4
  func cookie(_ name: String) -> String? {
    guard let header = value("cookie") else { return nil }
    let pairs = header.split(separator: ";").map { $0.drop { $0 == " " } }
    return pairs.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.utf8.count + 1)) }
  }
}
