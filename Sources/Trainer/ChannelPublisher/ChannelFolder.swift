import Channel
import Encoding
import Glibc
import Kit
import Posix

/// A channel on a publisher's disk: the directories `metadata` and `targets`, which any web server serves as they are,
/// and beside them what is not published yet.
///
/// `draft` holds metadata that waits for signatures, and `channel.json` the publisher's settings. Files are written
/// beside and renamed; files that nothing refers to come first. One program at a time changes a channel.
public final class ChannelFolder {
  /// The directory.
  public let path: Path
  /// The publisher's settings.
  public private(set) var settings: ChannelSettings
  private(set) var state: ChannelState
  private let lock: LockedFile
  let willWrite: (String) throws -> Void

  /// Opens a channel.
  ///
  /// - Parameter waits: whether to wait until no other program changes it.
  /// - Throws: `PublisherError` if there is none, or a published file is damaged; `SystemError`: EWOULDBLOCK if another
  ///   program changes it and `waits` is false.
  public convenience init(opening path: some PathConvertible, waits: Bool = true) throws {
    try self.init(opening: path, waits: waits) { _ in }
  }

  /// Opens a channel.
  ///
  /// - Parameter willWrite: called with the path of each file before it is written or removed; what it throws ends the
  ///   work, as a crash would.
  package init(
    opening path: some PathConvertible, waits: Bool = true, willWrite: @escaping (String) throws -> Void
  ) throws {
    let path = Path(path)
    guard Files.exists(path.appending(Name.settings)) else { throw PublisherError.noChannel(path: path.string) }
    lock = try LockedFile(opening: path.appending(Name.lock), O_RDWR | O_CREAT, waits: waits)
    self.path = path
    self.willWrite = willWrite
    settings = try Self.document(path.appending(Name.settings)) { (bytes) throws(DocumentError) in
      let settings = try Documents.decode(ChannelSettings.self, from: bytes)
      if settings.format != ChannelSettings.format {
        throw .format(settings.format, expected: ChannelSettings.format)
      }
      let days = settings.days
      for (name, value) in [
        ("root", days.root), ("targets", days.targets), ("snapshot", days.snapshot), ("timestamp", days.timestamp),
      ] {
        try Rule.range(value, "days.\(name)", 1...36_500)
      }
      return settings
    }
    state = ChannelState()
    try load()
  }

  /// Names in the directory of a channel.
  public enum Name {
    /// The publisher's settings, without which a directory is no channel.
    public static let settings = "channel.json"
    /// The file that a program locks while it changes the channel.
    public static let lock = ".lock"
    /// The directory of published metadata.
    public static let metadata = "metadata"
    /// The directory of files that are offered.
    public static let targets = "targets"
    /// The directory of metadata that waits for signatures.
    public static let draft = "draft"
  }

  /// Makes the directory of a channel that has nothing yet.
  ///
  /// - Throws: `.exists` if it is a channel already.
  static func make(_ path: Path, _ settings: ChannelSettings) throws {
    if Files.exists(path.appending(Name.settings)) { throw PublisherError.exists(path: path.string) }
    for name in [Name.metadata, Name.targets, Name.draft] {
      try Files.makeDirectory(path.appending(name))
      if !(try Files.list(path.appending(name))).isEmpty {
        throw PublisherError.content(path: path.appending(name).string, why: "it is not empty; use another directory")
      }
    }
    try Files.create(path.appending(Name.settings), with: try Documents.encode(settings))
  }

  // MARK: - Reading

  private func load() throws {
    var new = ChannelState()
    let names = try Files.list(path.appending(Name.metadata))
    for name in names {
      let parts = name.split(separator: ".", maxSplits: 1)
      if parts.count == 2, let version = Int(parts[0]), parts[1].hasSuffix(".json") {
        let role = String(parts[1].dropLast(5))
        new.highest[role] = max(new.highest[role] ?? 0, version)
      }
    }
    if let version = new.highest["root"] { new.root = try published("root", version) }
    if Files.exists(metadata("timestamp")) {
      let timestamp: SignedMetadata<TimestampRole> = try published("timestamp", nil)
      let snapshot: SignedMetadata<SnapshotRole> = try published("snapshot", timestamp.role.snapshot.version)
      for (name, file) in snapshot.role.meta {
        new.roles[String(name.dropLast(5))] = try published(String(name.dropLast(5)), file.version)
      }
      (new.timestamp, new.snapshot) = (timestamp, snapshot)
    }
    for name in try Files.list(path.appending(Name.draft)) where name.hasSuffix(".json") {
      let role = String(name.dropLast(5))
      if role == "root" {
        let draft: SignedMetadata<RootRole> = try parsed(draftPath(role), ChannelLimit.root)
        // A program that ended after publishing a draft and before removing it leaves one of no use.
        if draft.role.version > new.root?.role.version ?? 0 { new.draftRoot = draft }
      } else {
        let draft: SignedMetadata<TargetsRole> = try parsed(draftPath(role), ChannelLimit.targets)
        if draft.role.version > new.roles[role]?.role.version ?? 0 { new.drafts[role] = draft }
      }
    }
    state = new
  }

  private func published<Role>(_ role: String, _ version: Int?) throws -> SignedMetadata<Role> {
    try parsed(metadata(role, version), ChannelLimit.targets)
  }

  private func parsed<Role>(_ path: Path, _ limit: Int) throws -> SignedMetadata<Role> {
    try Self.document(path, limit) { (bytes) throws(DocumentError) in try SignedMetadata<Role>(parsing: bytes) }
  }

  private static func document<Value>(
    _ path: Path, _ limit: Int = 4 << 20, _ decode: ([UInt8]) throws(DocumentError) -> Value
  ) throws -> Value {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path, limit: limit) } catch {
      if error.code == ENOENT { throw PublisherError.missing(path: path.string) }
      throw error
    }
    do throws(DocumentError) { return try decode(bytes) } catch {
      throw PublisherError.damaged(path: path.string, error)
    }
  }

  private func metadata(_ role: String, _ version: Int? = nil) -> Path {
    path.appending(Name.metadata).appending(ChannelName.metadata(role, version: version))
  }

  private func draftPath(_ role: String) -> Path { path.appending(Name.draft).appending("\(role).json") }

  // MARK: - Writing

  /// Replaces a file atomically.
  func write(_ bytes: [UInt8], to path: Path) throws {
    try willWrite(path.string)
    try Files.replace(path, with: bytes)
  }

  /// Writes the draft of a role.
  func write(draft: SignedMetadata<TargetsRole>, of role: String) throws {
    try write(draft.file, to: draftPath(role))
    state.drafts[role] = draft
  }

  /// Writes the draft of the root.
  func write(draft: SignedMetadata<RootRole>) throws {
    try write(draft.file, to: draftPath("root"))
    state.draftRoot = draft
  }

  /// Notes names of keys.
  func note(_ keys: [NamedPublicKey]) throws {
    for key in keys { settings.note(key) }
    try write(try Documents.encode(settings), to: path.appending(Name.settings))
  }

  /// Copies a file among the targets, under the name that its hash gives.
  ///
  /// - Parameter copy: writes the content to a file.
  /// - Returns: the size and the SHA-256 of the copy.
  func store(_ target: String, _ copy: (borrowing FileDescriptor) throws -> Void) throws -> (size: Int, sha256: String)
  {
    let folder = Path(path.appending(Name.targets).appending(target)).parent
    try willWrite(folder.string)
    try Files.makeDirectory(folder)
    let file = try UnnamedFile(in: folder)
    try copy(file.descriptor)
    // The hash is of what will be served.
    var (digest, size) = (RunningDigest(), 0)
    let whole = try file.descriptor.regularFileSize(path: folder)
    while size < whole {
      guard let part = try file.descriptor.read(min(1 << 20, whole - size), at: size) else {
        throw SystemError("read", path: folder, code: EIO)
      }
      part.withUnsafeBytes { digest.add($0) }
      size += part.count
    }
    let name = path.appending(Name.targets).appending(ChannelName.target(target, hash: digest.hexadecimal))
    if !Files.exists(name) {
      try willWrite(name.string)
      try file.keep(name)
    }
    return (size, digest.hexadecimal)
  }

  // MARK: - Publishing

  /// What a publication did.
  public struct Published: Sendable {
    /// The metadata that was published: `targets 5`; empty if nothing had to be.
    public let published: [String]
    /// What waits, and for what.
    public let held: [String]
  }

  /// Publishes what has its signatures, and signs snapshot and timestamp again where that is due.
  ///
  /// - Parameters:
  ///   - signers: the keys of snapshot and timestamp; may be none if neither must be signed.
  ///   - now: the time.
  @discardableResult
  public func publish(signedBy signers: [SecretKey], now: WallTime) throws -> Published {
    var (publication, held): (Publication?, [String])
    do throws(PublisherError) {
      (publication, held) = try state.publication(signers: signers, now: now, days: settings.days)
    } catch {
      // Keys that are to be replaced go on signing until the new ones are there.
      guard case .keysMissing(let role, _, _) = error, let next = state.draftRoot, state.root != nil else {
        throw error
      }
      var before = state
      before.draftRoot = nil
      (publication, held) = try before.publication(signers: signers, now: now, days: settings.days)
      held.append("root \(next.role.version) waits for its own keys of \(role)")
    }
    guard let publication else { return Published(published: [], held: held) }
    for file in publication.files {
      try write(file.bytes, to: path.appending(Name.metadata).appending(file.name))
    }
    for role in publication.drafts where Files.exists(draftPath(role)) {
      try willWrite(draftPath(role).string)
      try posix("remove", path: draftPath(role)) { unlink(draftPath(role).string) }
    }
    try load()
    return Published(published: publication.summary, held: held)
  }
}
