import Diagnostics
import FoundationEssentials

/// An HTTP response.
public struct WebResponse: Sendable {
  /// The HTTP status.
  public var status: Int
  /// Headers beside those that every response has; one of the same name replaces the common one.
  public var headers: [(name: String, value: String)]
  /// The body.
  public var body: Body

  /// The body of a response.
  public enum Body: Sendable {
    /// Bytes in memory.
    case bytes([UInt8])
    /// A part of a file, which is not read into memory.
    case file(OpenFile, Range<Int>)
    /// Server-sent events, until the client leaves or the server stops.
    case events(EventHub)
  }

  /// Creates a response.
  public init(_ status: Int, headers: [(String, String)] = [], body: Body = .bytes([])) {
    self.status = status
    self.headers = headers.map { (name: $0, value: $1) }
    self.body = body
  }

  /// Returns a response with a value as JSON, which no browser keeps.
  public static func json(_ value: some Encodable, status: Int = 200, headers: [(String, String)] = []) -> WebResponse {
    guard let bytes = encode(value) else {
      return refusal(Refusal(500, "failed", "the answer holds a number that JSON cannot express", "report this fault"))
    }
    return WebResponse(
      status, headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")] + headers,
      body: .bytes(bytes))
  }

  /// Returns a value as JSON on one line; nil for a number that JSON cannot express.
  static func encode(_ value: some Encodable) -> [UInt8]? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { Array($0) }
  }

  /// Returns the response to a refused request: `{"errors": […]}`.
  public static func refusal(_ refusal: Refusal) -> WebResponse {
    struct Errors: Encodable { var errors: [Diagnostic] }
    return json(Errors(errors: refusal.diagnostics), status: refusal.status)
  }

  /// Returns a response with a content, or with the part of it that the request asks for; 304 if the client has it.
  ///
  /// - Parameters:
  ///   - type: the media type.
  ///   - tag: a text that changes with the content, without quotes.
  ///   - cache: the value of `Cache-Control`.
  ///   - head: the request's head.
  public static func content(
    _ bytes: [UInt8], type: String, tag: String, cache: String, for head: RequestHead
  ) -> WebResponse {
    ranged(bytes.count, type: type, tag: tag, cache: cache, for: head) { range in
      .bytes(range.count == bytes.count ? bytes : Array(bytes[range]))
    }
  }

  /// Returns a response with a file, or with the part of it that the request asks for; 304 if the client has it. The
  /// parameters are those of `content`.
  public static func file(
    _ file: OpenFile, type: String, tag: String, cache: String, for head: RequestHead
  ) -> WebResponse {
    ranged(file.size, type: type, tag: tag, cache: cache, for: head) { .file(file, $0) }
  }

  private static func ranged(
    _ size: Int, type: String, tag: String, cache: String, for head: RequestHead, body: (Range<Int>) -> Body
  ) -> WebResponse {
    let tag = "\"\(tag)\""
    var headers = [("ETag", tag), ("Cache-Control", cache)]
    if head.values("if-none-match").contains(where: { $0.split(separator: ",").contains { $0.hasSuffix(tag) } }) {
      return WebResponse(304, headers: headers)
    }
    headers += [("Content-Type", type), ("Accept-Ranges", "bytes")]
    // A range of an earlier content is answered with the whole of the new one.
    let isSame = head.value("if-range").map { $0 == tag } ?? true
    switch ByteRange(isSame ? head.value("range") : nil, of: size) {
    case .whole: return WebResponse(200, headers: headers, body: body(0..<size))
    case .part(let range):
      headers.append(("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"))
      return WebResponse(206, headers: headers, body: body(range))
    case .unsatisfiable: return WebResponse(416, headers: [("Content-Range", "bytes */\(size)")])
    }
  }

  /// Returns a response with a self-contained page, for a tab or a frame of its own: it loads nothing, runs no script,
  /// and sends nothing. The page that shows it in a frame may print it.
  ///
  /// - Parameter html: the page, with its styles.
  public static func document(_ html: String) -> WebResponse {
    let policy =
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:; font-src data:; form-action 'none'; "
      + "frame-ancestors 'self'; base-uri 'none'; sandbox allow-same-origin allow-modals"
    return WebResponse(
      200,
      headers: [
        ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"),
        ("Content-Security-Policy", policy),
      ], body: .bytes(Array(html.utf8)))
  }
}
