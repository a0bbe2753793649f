/// What a server serves: the page's files, the routes, and the guard before both.
public struct Site: Sendable {
  private let gate: RequestGuard
  private let assets: [String: Asset]
  private let routes: [Route]
  private let tokens: AccessTokens
  private let desk = UploadDesk()

  /// Creates a site.
  ///
  /// - Parameters:
  ///   - gate: the guard of the server's port.
  ///   - tokens: the browsers that were let in.
  ///   - assets: the page's files.
  ///   - routes: the paths with data; all begin with `/api/`.
  public init(gate: RequestGuard, tokens: AccessTokens, assets: [Asset], routes: [Route]) {
    self.gate = gate
    self.tokens = tokens
    self.assets = Dictionary(assets.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    self.routes = routes
  }

  /// Returns whether a request comes from a browser that was let in.
  func isSession(_ head: RequestHead) -> Bool { head.cookie(gate.cookie).map(tokens.isSession) ?? false }

  /// The decision on a request after its head.
  enum Admission: Sendable {
    /// This is the response, whatever the body is.
    case answered(WebResponse)
    /// The body is read, up to `length` bytes, and then answered.
    case awaitsBody(length: Int, respond: @Sendable ([UInt8]) -> WebResponse)
    /// The body goes into a file, and is then answered.
    case awaitsUpload(Upload, respond: @Sendable () -> WebResponse)
  }

  /// Decides on a request after its head, before any byte of its body is read.
  func admit(_ head: RequestHead) -> Admission {
    do throws(Refusal) { return try decide(head) } catch { return .answered(.refusal(error)) }
  }

  private func decide(_ head: RequestHead) throws(Refusal) -> Admission {
    if let refusal = gate.refusal(ofHost: head) { throw refusal }
    guard let target = RequestTarget(head.target) else {
      throw Refusal(400, "bad-request", "the path is not valid", "use the page that this program serves")
    }
    guard head.isRead || head.method == "POST" else { throw Self.method }
    if target.path.first != "api" { return .answered(try asset(target, head)) }
    let matching = routes.compactMap { route in route.parameters(in: target.path).map { (route: route, texts: $0) } }
    let method = head.isRead ? "GET" : "POST"
    guard let found = matching.first(where: { $0.route.method == method }) else {
      // What exists is the business of those who were let in.
      if let refusal = gate.refusal(of: head, for: head.isRead ? .read : .change, isSession: tokens.isSession) {
        throw refusal
      }
      throw matching.isEmpty ? Self.notFound : Self.method
    }
    let route = found.route
    if let refusal = gate.refusal(of: head, for: route.access, isSession: tokens.isSession) { throw refusal }
    let request = WebRequest(head: head, parameters: found.texts, query: target.query, body: [])
    let length = try Self.length(of: head, limit: route.limit)
    switch route.reply {
    case .content(let respond):
      if head.isRead { return .answered(Self.answer { () throws(Refusal) in try respond(request) }) }
      try Self.require("application/json", head)
      return .awaitsBody(length: length) { body in
        var request = request
        request.body = body
        return Self.answer { () throws(Refusal) in try respond(request) }
      }
    case .upload(let rule, let respond):
      try Self.require(UploadRule.type, head)
      let upload = try desk.begin(length, in: try rule.directory(request))
      return .awaitsUpload(upload) {
        Self.answer { () throws(Refusal) in
          try upload.requireComplete()
          return try respond(request, upload)
        }
      }
    }
  }

  private static func require(_ type: String, _ head: RequestHead) throws(Refusal) {
    guard head.value("content-type")?.split(separator: ";").first.map(String.init) == type else {
      throw Refusal(415, "type", "the body is not \(type)", "reload the page")
    }
  }

  private static func answer(_ respond: () throws(Refusal) -> WebResponse) -> WebResponse {
    do throws(Refusal) { return try respond() } catch { return .refusal(error) }
  }

  private func asset(_ target: RequestTarget, _ head: RequestHead) throws(Refusal) -> WebResponse {
    guard head.isRead else { throw Self.method }
    let path = target.path.isEmpty ? Asset.page : target.path.joined(separator: "/")
    guard let asset = assets[path] else { throw Self.notFound }
    _ = try Self.length(of: head, limit: 0)
    return asset.response(to: head)
  }

  /// Returns the length of the body that follows.
  private static func length(of head: RequestHead, limit: Int) throws(Refusal) -> Int {
    let values = head.values("content-length")
    let length = values.first.map { Int($0) } ?? 0
    guard head.values("transfer-encoding").isEmpty, values.count <= 1, let length, length >= 0,
      head.isRead || !values.isEmpty
    else { throw Refusal(411, "too-large", "the body has no length of its own", "reload the page") }
    let most = head.isRead ? 0 : limit
    if length > most {
      throw Refusal(413, "too-large", "the body has \(length) bytes; \(most) are the most", "send less at once")
    }
    return length
  }

  private static let notFound = Refusal(
    404, "not-found", "there is nothing at this address", "go back to the start page")
  private static let method = Refusal(405, "method", "this address takes another method", "reload the page")
}
