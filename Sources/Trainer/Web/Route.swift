import Encoding

/// A path of the server, and what answers requests for it.
public struct Route: Sendable {
  /// The method: `GET` or `POST`.
  public let method: String
  /// The parts of the path; one that begins with a colon stands for any text: `:language`.
  public let path: [String]
  /// What the guard asks for.
  public let access: RequestGuard.Access
  /// The maximum size of the body in bytes.
  public let limit: Int
  /// What the route does with a body, and its response.
  let reply: Reply

  /// Answers a request. Any thread calls it, also several at once.
  enum Reply: Sendable {
    /// The body is JSON, in memory.
    case content(@Sendable (WebRequest) throws(Refusal) -> WebResponse)
    /// The body is bytes, in a file.
    case upload(UploadRule, @Sendable (WebRequest, Upload) throws(Refusal) -> WebResponse)
  }

  /// Creates a route.
  ///
  /// - Parameters:
  ///   - method: `GET` or `POST`.
  ///   - path: `/api/1/projects/:project`.
  ///   - access: what the guard asks for; nil for reading with GET, and for changing with POST.
  ///   - limit: the maximum size of the body in bytes.
  ///   - respond: answers a request; any thread calls it, also several at once.
  public init(
    _ method: String, _ path: String, access: RequestGuard.Access? = nil, limit: Int = 1 << 20,
    respond: @escaping @Sendable (WebRequest) throws(Refusal) -> WebResponse
  ) {
    self.method = method
    self.path = path.split(separator: "/").map(String.init)
    self.access = access ?? (method == "GET" ? .read : .change)
    self.limit = limit
    reply = .content(respond)
  }

  /// Creates a route that takes a file: a body of any size within a bound, which lies on the disk and not in memory.
  ///
  /// - Parameters:
  ///   - method: `POST`.
  ///   - path: `/api/1/projects/:project/imports`.
  ///   - rule: where the file goes, and how long it may be.
  ///   - respond: answers a request with the complete file; any thread calls it, also several at once. A file that it
  ///     does not keep is removed.
  public init(
    _ method: String, _ path: String, upload rule: UploadRule,
    respond: @escaping @Sendable (WebRequest, Upload) throws(Refusal) -> WebResponse
  ) {
    self.method = method
    self.path = path.split(separator: "/").map(String.init)
    access = .change
    limit = rule.bytes
    reply = .upload(rule, respond)
  }

  /// Returns the texts for the parts with a colon; nil if another path is asked for.
  func parameters(in path: [String]) -> [String: String]? {
    guard path.count == self.path.count else { return nil }
    var parameters: [String: String] = [:]
    for (own, given) in zip(self.path, path) {
      if own.hasPrefix(":") { parameters[String(own.dropFirst())] = given } else if own != given { return nil }
    }
    return parameters
  }
}

/// A request that the guard let through, with its body.
public struct WebRequest: Sendable {
  /// The head.
  public var head: RequestHead
  /// The texts for the parts of the route's path that begin with a colon, by their names.
  public var parameters: [String: String]
  /// The query's values by their names.
  public var query: [String: String]
  /// The body.
  public var body: [UInt8]

  /// Returns the text for a part of the route's path.
  public subscript(name: String) -> String { parameters[name] ?? "" }

  /// Decodes the body from JSON.
  public func decode<Value: Decodable>(_ type: Value.Type) throws(Refusal) -> Value {
    do throws(DocumentError) { return try Documents.decode(type, from: body) } catch {
      throw Refusal(400, "bad-request", "the request cannot be read: \(error)", "reload the page")
    }
  }
}
