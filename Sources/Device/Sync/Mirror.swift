import Channel
import KitDelta
import Posix

/// A mirror of a configuration: a web server or a directory.
struct Mirror: ChannelSource {
  /// The mirror, as it is configured.
  let name: String
  private let web: WebSource?
  private let directory: DirectorySource

  /// Creates a source for a URL or a directory.
  init(_ name: String, _ transfer: Transfer, _ policy: Transfer.Policy) {
    self.name = name
    web = SyncConfiguration.isURL(name) ? WebSource(name, transfer, policy) : nil
    directory = DirectorySource(name)
  }

  func metadata(_ name: String, limit: Int) throws(ChannelError) -> [UInt8]? {
    if let web { return try web.metadata(name, limit: limit) }
    return try directory.metadata(name, limit: limit)
  }

  func target(
    _ name: String, from offset: Int, size: Int, into sink: (UnsafeRawBufferPointer) throws(ChannelError) -> Void
  ) throws(ChannelError) {
    if let web { return try web.target(name, from: offset, size: size, into: sink) }
    try directory.target(name, from: offset, size: size, into: sink)
  }
}

extension Mirror {
  /// Reads bytes of a target; nil where the server gives whole files only.
  func read(_ range: Range<Int>, of name: String) throws(ChannelError) -> [UInt8]? {
    if let web { return try web.read(range, of: name) }
    var bytes: [UInt8] = []
    try directory.target(name, from: range.lowerBound, size: range.upperBound) { bytes += $0 }
    if bytes.count != range.count {
      throw .unavailable(file: name, why: "it ends at byte \(range.lowerBound + bytes.count)")
    }
    return bytes
  }
}

/// A target of a mirror, which is read in parts.
struct MirrorFile: RangedSource {
  let mirror: Mirror
  let name: String

  mutating func read(_ range: Range<Int>) throws -> [UInt8]? { try mirror.read(range, of: name) }
}

/// Several mirrors of one channel: each file comes from the first that has it.
struct Mirrors: ChannelSource {
  let mirrors: [Mirror]

  func metadata(_ name: String, limit: Int) throws(ChannelError) -> [UInt8]? {
    var failure: ChannelError?
    for mirror in mirrors {
      do throws(ChannelError) {
        if let bytes = try mirror.metadata(name, limit: limit) { return bytes }
      } catch { failure = error }
    }
    if let failure { throw failure }
    return nil
  }

  func target(
    _ name: String, from offset: Int, size: Int, into sink: (UnsafeRawBufferPointer) throws(ChannelError) -> Void
  ) throws(ChannelError) {
    guard let first = mirrors.first else { throw .missing(file: name) }
    try first.target(name, from: offset, size: size, into: sink)
  }
}
