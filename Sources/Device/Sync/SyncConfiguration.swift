import Channel
import Encoding

/// What a device follows: `channel.json`, which its owner writes.
public struct SyncConfiguration: Codable, Equatable, Sendable {
  /// The format that this program reads.
  public static let format = "firstword-channel/1"

  /// What becomes of metadata that is past its end.
  public enum Expiry: String, Codable, Sendable {
    /// It is refused: for a machine whose clock can be trusted.
    case strict
    /// It is accepted and reported: for a device without a clock battery.
    case warn
  }

  /// The format of this document.
  public var format = Self.format
  /// The mirrors: URLs of http and https, and absolute paths of directories.
  public var mirrors: [String]
  /// The names of the kits that the device should have; absent for those that its store has.
  public var kits: [String]?
  /// What becomes of metadata that is past its end; absent for `warn`.
  public var expiry: Expiry?
  /// The maximum bytes a second; absent for no maximum.
  public var bytesPerSecond: Int?
  /// The seconds for which a transfer may stall; absent for 60.
  public var stallSeconds: Int?
  /// The mean seconds before a run asks again when no mirror answers, twice as long before each further attempt; 0 to
  /// leave that to the next run; absent for 10.
  public var retrySeconds: Int?
  /// The proxy as curl takes it, `http://proxy:3128`; absent for that of the environment.
  public var proxy: String?
  /// The URL to which the device posts its receipts; absent for none.
  public var receipts: String?
  /// Whether the device keeps a copy of the channel for its neighbours on the local network; absent for no.
  public var neighbours: Bool?
  /// The days after which a channel without news is signalled, 0 for never; absent for 30.
  public var silentDays: Int?
  /// Whether the certificates of mirrors are verified; absent for yes. Trust never rests on them.
  public var checkCertificates: Bool?

  /// Creates a configuration of these mirrors.
  public init(mirrors: [String]) { self.mirrors = mirrors }

  /// Decodes and validates a configuration.
  public init(json: [UInt8]) throws(DocumentError) {
    do throws(DocumentError) { self = try Documents.decode(SyncConfiguration.self, from: json) } catch {
      if let other = Documents.format(of: json), other != Self.format { throw .format(other, expected: Self.format) }
      throw error
    }
    if format != Self.format { throw .format(format, expected: Self.format) }
    try Self.check(mirrors)
    for (index, name) in (kits ?? []).enumerated() {
      try Rule.word(name, "kits[\(index)]", alphabet: Rule.names, limit: 64)
    }
    if let bytesPerSecond { try Rule.range(bytesPerSecond, "bytesPerSecond", 1024...1 << 40) }
    if let stallSeconds { try Rule.range(stallSeconds, "stallSeconds", 1...3600) }
    if let retrySeconds { try Rule.range(retrySeconds, "retrySeconds", 0...600) }
    if let proxy { try Rule.text(proxy, "proxy", needed: true) }
    if let silentDays { try Rule.range(silentDays, "silentDays", 0...3650) }
    if let receipts {
      try Rule.text(receipts, "receipts", needed: true)
      if !Self.isURL(receipts) { throw DocumentError("receipts", "is no URL of http or https") }
    }
  }

  /// Checks a list of mirrors: 1 to 16 URLs and absolute paths.
  public static func check(_ mirrors: [String]) throws(DocumentError) {
    if mirrors.isEmpty { throw DocumentError("mirrors", "is empty") }
    try Rule.count(mirrors.count, "mirrors", limit: 16)
    for (index, mirror) in mirrors.enumerated() {
      try Rule.text(mirror, "mirrors[\(index)]", needed: true)
      if !isURL(mirror) && !mirror.hasPrefix("/") {
        throw DocumentError("mirrors[\(index)]", "is neither a URL of http or https nor an absolute path")
      }
    }
  }

  /// Returns whether a mirror is a web server, and not a directory.
  static func isURL(_ mirror: String) -> Bool { mirror.hasPrefix("http://") || mirror.hasPrefix("https://") }

  /// The delays before a run asks again. A directory that is not there does not come back by itself.
  var retryDelays: RetryDelays { RetryDelays(seconds: mirrors.contains(where: Self.isURL) ? retrySeconds ?? 10 : 0) }

  /// The bounds of transfers.
  ///
  /// - Parameter clockIsPlausible: whether the clock was set since this program was made; if not, no certificate would
  ///   be valid, and none is verified.
  func policy(clockIsPlausible: Bool) -> Transfer.Policy {
    var policy = Transfer.Policy()
    policy.speed = bytesPerSecond ?? 0
    if let stallSeconds { policy.stalled = stallSeconds }
    policy.proxy = proxy
    policy.verifiesCertificates = checkCertificates ?? true && clockIsPlausible
    return policy
  }
}
