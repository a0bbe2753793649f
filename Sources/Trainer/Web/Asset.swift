import Encoding

/// A file of the page, which the program holds in memory.
public struct Asset: Sendable {
  /// The path below `/`: `index.html`.
  public let path: String
  /// The content.
  public let bytes: [UInt8]
  /// The SHA-256 of the content.
  public let hash: String

  /// The page itself, which `/` leads to.
  static let page = "index.html"

  /// Creates an asset.
  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    hash = Digest.sha256(bytes)
  }

  /// The media type, by the name's extension.
  var type: String {
    switch path.split(separator: ".").last {
    case "html": "text/html; charset=utf-8"
    case "js": "text/javascript; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "svg": "image/svg+xml"
    case "json": "application/json"
    case "png": "image/png"
    default: "application/octet-stream"
    }
  }

  /// Returns the response to a request for it. Browsers keep it, and ask each time whether it changed.
  func response(to head: RequestHead) -> WebResponse {
    .content(bytes, type: type, tag: hash, cache: "no-cache", for: head)
  }
}
