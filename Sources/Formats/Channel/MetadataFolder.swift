import Glibc
import Posix

/// The directory of a channel's trusted metadata on a device: `root.json`, `timestamp.json`, `snapshot.json`,
/// `targets.json`, and a file for each delegated role. Each file is written beside and renamed.
public struct MetadataFolder: Sendable {
  /// The directory.
  public let directory: Path

  /// Creates a folder at this path, which need not exist yet.
  public init(_ directory: some PathConvertible) { self.directory = Path(directory) }

  /// Whether there is a trusted root.
  public var isInitialized: Bool { Files.exists(directory.appending("root.json")) }

  /// Makes a root the trusted one, in place of what was trusted before.
  ///
  /// - Throws: an error for a root that is malformed, or that its own keys have not signed.
  public func initialize(root: [UInt8]) throws(ChannelError) {
    _ = try ChannelClient(trustedRoot: root, now: .now, expiry: .warn) { _ in nil }
    do throws(SystemError) {
      try Files.makeDirectory(directory)
      try Files.replace(directory.appending("root.json"), with: root)
    } catch { throw .system(error) }
  }

  /// Returns a file; nil if there is none that can be read.
  public func read(_ name: String) -> [UInt8]? {
    guard let place = try? Directory(opening: directory) else { return nil }
    return try? place.read(name, limit: ChannelLimit.targets)
  }

  /// Carries a change out.
  public func apply(_ change: ChannelClient.Change) throws(ChannelError) {
    do throws(SystemError) {
      let place = try Directory(opening: directory)
      switch change {
      case .keep(let file, let bytes): try place.replace(file, with: bytes)
      case .remove(let file): if try place.remove(file) { try place.sync() }
      }
    } catch { throw .system(error) }
  }

  /// Returns a client that begins with the trusted metadata of this folder.
  public func client(now: WallTime, expiry: ChannelClient.Expiry) throws(ChannelError) -> ChannelClient {
    guard let root = read("root.json") else { throw .missing(file: directory.appending("root.json").string) }
    return try ChannelClient(trustedRoot: root, now: now, expiry: expiry) { name in read(name) }
  }

  /// Gets and verifies what a client requests, and keeps it: the refresh, or a search that was begun.
  ///
  /// - Throws: the error that ended a refresh. A search reports its errors by its result.
  public func advance(_ client: inout ChannelClient, from source: some ChannelSource) throws(ChannelError) {
    while let request = client.request {
      let bytes: [UInt8]?
      do throws(ChannelError) { bytes = try source.metadata(request.file, limit: request.limit) } catch {
        client.fail(error)
        if client.isComplete && error != .interrupted { continue }
        throw error
      }
      let changes: [ChannelClient.Change]
      do throws(ChannelError) { changes = try client.receive(bytes) } catch {
        if client.isComplete { continue }
        throw error
      }
      for change in changes { try apply(change) }
    }
  }
}
