import CCurl
import Channel
import Glibc
import Posix

/// Gets files from web servers, one after another, over connections that stay open. libcurl-easy(3)
///
/// For one thread. Nothing of a server is trusted: sizes, redirects, protocols and times are bounded, and what arrives
/// is verified by others.
public final class Transfer {
  /// The bounds of a transfer.
  public struct Policy: Equatable, Sendable {
    /// Seconds in which a connection must be made.
    public var connecting = 20
    /// Bytes a second below which a transfer stalls.
    public var slowest = 512
    /// Seconds for which a transfer may stall.
    public var stalled = 60
    /// Seconds for a whole file of metadata.
    public var metadata = 120
    /// The maximum number of redirects.
    public var redirects = 3
    /// The maximum bytes a second; 0 for no maximum.
    public var speed = 0
    /// The proxy; nil for that of the environment (`http_proxy`, `https_proxy`).
    public var proxy: String?
    /// Whether certificates are verified. The channel's signatures are verified in any case.
    public var verifiesCertificates = true

    /// Creates the usual bounds.
    public init() {}
  }

  /// How a transfer ended that did not fail.
  enum Outcome {
    /// The file has arrived, from the offset that was asked for or from its beginning.
    case whole, partial
    /// The server has no such file.
    case missing
    /// The server has nothing at the offset.
    case unsatisfiable
  }

  private let curl: UnsafeMutableRawPointer
  private let policy: Policy
  private let isInterrupted: () -> Bool

  /// Creates a transfer without a connection. curl_easy_init(3)
  ///
  /// - Parameters:
  ///   - policy: the bounds.
  ///   - isInterrupted: returns whether to give up; called about once a second.
  public init(_ policy: Policy, isInterrupted: @escaping () -> Bool = { false }) throws(SystemError) {
    _ = Self.isReady
    guard let curl = curl_easy_init() else { throw SystemError("begin a transfer", code: ENOMEM) }
    self.curl = curl
    self.policy = policy
    self.isInterrupted = isInterrupted
  }

  deinit { curl_easy_cleanup(curl) }

  private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// What the callbacks of one transfer share.
  private final class Reception {
    /// The maximum number of bytes that a server may send besides the file.
    static let tolerance = 64 << 10

    let curl: UnsafeMutableRawPointer
    let limit: Int
    let isInterrupted: () -> Bool
    let sink: (UnsafeRawBufferPointer, _ isPartial: Bool) -> Bool
    var count = 0
    var isTooLong = false
    var wasInterrupted = false
    var nextQuestion = Monotonic(nanoseconds: 0)

    init(
      _ curl: UnsafeMutableRawPointer, limit: Int, isInterrupted: @escaping () -> Bool,
      sink: @escaping (UnsafeRawBufferPointer, _ isPartial: Bool) -> Bool
    ) {
      (self.curl, self.limit, self.isInterrupted, self.sink) = (curl, limit, isInterrupted, sink)
    }
  }

  /// Gets a file.
  ///
  /// - Parameters:
  ///   - url: a URL of http or https.
  ///   - file: its name, for errors.
  ///   - range: `100-`, `100-199`; nil for the whole file.
  ///   - limit: the maximum number of bytes; what follows is not read.
  ///   - seconds: the maximum time; 0 for none but that of a stall.
  ///   - sink: gets the bytes, and whether they begin at the range's start; returns false to give up.
  func get(
    _ url: String, file: String, range: String? = nil, limit: Int, seconds: Int,
    sink: (UnsafeRawBufferPointer, _ isPartial: Bool) -> Bool
  ) throws(ChannelError) -> Outcome {
    let code = withoutActuallyEscaping(sink) { sink in
      let reception = Reception(curl, limit: limit, isInterrupted: isInterrupted, sink: sink)
      let code = perform(url, range, seconds, nil, reception)
      return (code, reception.isTooLong)
    }
    if code.1 || code.0 == CURLE_FILESIZE_EXCEEDED { throw .tooLong(file: file, limit: limit) }
    let status = fw_curl_status(curl)
    switch code.0 {
    case CURLE_OK: return status == 206 ? .partial : .whole
    case CURLE_HTTP_RETURNED_ERROR where [403, 404, 410].contains(status): return .missing
    case CURLE_HTTP_RETURNED_ERROR where status == 416: return .unsatisfiable
    case CURLE_HTTP_RETURNED_ERROR: throw .unavailable(file: file, why: "\(url): the server answers with \(status)")
    case CURLE_ABORTED_BY_CALLBACK: throw .interrupted
    default: throw .unavailable(file: file, why: "\(url): \(String(cString: curl_easy_strerror(code.0)))")
    }
  }

  /// Posts a document. What the server answers besides its status is ignored.
  ///
  /// - Parameters:
  ///   - url: a URL of http or https; redirects are not followed.
  ///   - file: its name, for errors.
  func post(_ body: [UInt8], to url: String, file: String) throws(ChannelError) {
    let reception = Reception(curl, limit: 0, isInterrupted: isInterrupted) { _, _ in true }
    switch perform(url, nil, policy.metadata, body, reception) {
    case CURLE_OK: return
    case CURLE_ABORTED_BY_CALLBACK where !reception.isTooLong: throw .interrupted
    case CURLE_HTTP_RETURNED_ERROR:
      throw .unavailable(file: file, why: "\(url): the server answers with \(fw_curl_status(curl))")
    // It has answered with more than a status.
    case CURLE_ABORTED_BY_CALLBACK, CURLE_WRITE_ERROR, CURLE_FILESIZE_EXCEEDED:
      if (200..<300).contains(fw_curl_status(curl)) { return }
      throw .unavailable(file: file, why: "\(url): the server answers with \(fw_curl_status(curl))")
    case let code: throw .unavailable(file: file, why: "\(url): \(String(cString: curl_easy_strerror(code)))")
    }
  }

  /// Performs a transfer. An error of HTTP is `CURLE_HTTP_RETURNED_ERROR`, however its text ends: the text is read and
  /// dropped, so that the connection stays open for the next request.
  private func perform(
    _ url: String, _ range: String?, _ seconds: Int, _ body: [UInt8]?, _ reception: Reception
  ) -> CURLcode {
    let code = transfer(url, range, seconds, body, reception)
    if reception.wasInterrupted || fw_curl_status(curl) < 400 { return code }
    reception.isTooLong = false
    return CURLE_HTTP_RETURNED_ERROR
  }

  private func transfer(
    _ url: String, _ range: String?, _ seconds: Int, _ body: [UInt8]?, _ reception: Reception
  ) -> CURLcode {
    var request = fw_curl_request()
    request.limit = curl_off_t(reception.limit + Reception.tolerance)
    request.speed = curl_off_t(policy.speed)
    request.connecting = policy.connecting
    request.slowest = policy.slowest
    request.stalled = policy.stalled
    request.total = seconds
    request.redirects = body == nil ? policy.redirects : 0
    request.verifies = policy.verifiesCertificates ? 1 : 0
    request.context = Unmanaged.passUnretained(reception).toOpaque()
    request.receive = { bytes, one, count, context in
      guard let bytes, let context else { return 0 }
      let reception = Unmanaged<Reception>.fromOpaque(context).takeUnretainedValue()
      let size = one * count
      let status = fw_curl_status(reception.curl)
      reception.count += size
      if reception.count > (status < 400 ? reception.limit : Reception.tolerance) {
        reception.isTooLong = true
        return 0
      }
      if status >= 400 { return size }
      let isPartial = status == 206
      return reception.sink(UnsafeRawBufferPointer(start: bytes, count: size), isPartial) ? size : 0
    }
    request.progress = { context, _, received, _, _ in
      guard let context else { return 0 }
      let reception = Unmanaged<Reception>.fromOpaque(context).takeUnretainedValue()
      // Also of what is not passed on, such as the text of a redirect.
      if Int(received) > reception.limit + Reception.tolerance {
        reception.isTooLong = true
        return 1
      }
      let now = Monotonic.now
      if now < reception.nextQuestion { return 0 }
      reception.nextQuestion = now.adding(milliseconds: 1000)
      reception.wasInterrupted = reception.isInterrupted()
      return reception.wasInterrupted ? 1 : 0
    }
    return withExtendedLifetime(reception) {
      url.withCString { url in
        Self.with(range) { range in
          Self.with(policy.proxy) { proxy in
            "firstword-sync".withCString { agent in
              (request.url, request.range, request.proxy, request.agent) = (url, range, proxy, agent)
              return perform(&request, body)
            }
          }
        }
      }
    }
  }

  private func perform(_ request: inout fw_curl_request, _ body: [UInt8]?) -> CURLcode {
    guard let body else {
      let code = fw_curl_prepare(curl, &request)
      return code == CURLE_OK ? curl_easy_perform(curl) : code
    }
    return body.withUnsafeBytes { bytes in
      request.body = bytes.bindMemory(to: CChar.self).baseAddress
      request.body_size = curl_off_t(bytes.count)
      let code = fw_curl_prepare(curl, &request)
      return code == CURLE_OK ? curl_easy_perform(curl) : code
    }
  }

  private static func with<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
  }
}
