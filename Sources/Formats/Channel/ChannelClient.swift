import Encoding
import Posix

/// Verifies a channel's metadata: the client workflow of TUF 1.0, section 5, as a state machine.
///
/// It reads and writes nothing. Its owner gets the file that `request` names, hands it to `receive(_:)`, and carries
/// the changes out, until `request` is nil. After an error the metadata that was verified before stays trusted, and a new
/// client begins again.
///
///     while let request = client.request {
///       for change in try client.receive(source.metadata(request.file, limit: request.limit)) { folder.apply(change) }
///     }
public struct ChannelClient: Sendable {
  /// What becomes of metadata that is past its end. Versions never go back under either.
  public enum Expiry: Sendable {
    /// It is refused: for a clock that can be trusted.
    case strict
    /// It is accepted, and a warning is kept: for a device without a clock battery.
    case warn
  }

  /// A metadata file that is needed.
  public struct Request: Equatable, Sendable {
    /// The file's name on the mirror.
    public var file: String
    /// The maximum size in bytes.
    public var limit: Int
    /// Whether the file need not exist.
    public var isOptional: Bool
  }

  /// A change of the trusted metadata on the disk.
  public enum Change: Equatable, Sendable {
    /// The file with this name gets these bytes, which are verified.
    case keep(file: String, [UInt8])
    /// The file with this name is no longer trusted.
    case remove(file: String)
  }

  /// Metadata that is past its end and was accepted.
  public struct Warning: Equatable, Sendable {
    /// The file.
    public var file: String
    /// The end of its validity.
    public var expires: WallTime
  }

  /// A file that the channel offers.
  public struct Target: Equatable, Sendable {
    /// The path, which the channel calls it by.
    public var path: String
    /// The path below `targets` on a mirror.
    public var name: String
    /// What the metadata says of it.
    public var file: TargetFile
    /// The role that offers it.
    public var role: String
  }

  private enum Stage { case root, timestamp, snapshot, targets, complete, failed }

  /// A delegation that was verified: a role's metadata counts only for those that delegated to its keys.
  private struct Edge: Hashable {
    var parent: String
    var role: String
  }

  /// What a search is for.
  private enum Goal: Equatable {
    case target(String)
    case everything
  }

  private enum Step {
    case found(Target)
    case absent
    case needs(Edge)
    case broken(ChannelError)
  }

  private let now: WallTime
  private let expiry: Expiry
  private let local: @Sendable (String) -> [UInt8]?

  private var stage = Stage.root
  private var root: SignedMetadata<RootRole>
  private var timestamp: SignedMetadata<TimestampRole>?
  private var snapshot: SignedMetadata<SnapshotRole>?
  /// The snapshot of an earlier refresh, below which no version may go.
  private var knownSnapshot: SignedMetadata<SnapshotRole>?
  private var targets: [String: SignedMetadata<TargetsRole>] = [:]
  private var verified: Set<Edge> = []
  private var unavailable: [Edge: ChannelError] = [:]
  private var rotations = 0
  private var isRecovering = false
  private var goal: Goal?

  /// Metadata that is past its end and was accepted, by the policy `warn`.
  public private(set) var warnings: [Warning] = []

  /// Creates a client.
  ///
  /// - Parameters:
  ///   - trustedRoot: the trusted root metadata, from the device's owner or an earlier refresh.
  ///   - now: the time at which the refresh begins.
  ///   - expiry: what becomes of metadata that is past its end.
  ///   - local: returns a metadata file that an earlier refresh kept; nil if there is none. It need not be trusted.
  /// - Throws: an error for a root that is malformed, or that its own keys have not signed.
  public init(
    trustedRoot: [UInt8], now: WallTime, expiry: Expiry, local: @escaping @Sendable (String) -> [UInt8]?
  ) throws(ChannelError) {
    let root: SignedMetadata<RootRole> = try Self.parse(trustedRoot, "root.json")
    try Self.demand(root, by: root.role.role("root"), among: root.role.keys, "root.json")
    self.root = root
    self.now = now
    self.expiry = expiry
    self.local = local
  }

  /// The version of the trusted root.
  public var rootVersion: Int { root.role.version }
  /// The version of the trusted timestamp; nil before one is verified.
  public var timestampVersion: Int? { timestamp?.role.version }
  /// The version of the trusted snapshot; nil before one is verified.
  public var snapshotVersion: Int? { snapshot?.role.version }
  /// The end of the validity of the trusted timestamp.
  public var expires: WallTime? { timestamp?.role.expires }
  /// Whether the refresh has succeeded: all top-level metadata is verified.
  public var isComplete: Bool { stage == .complete }

  // MARK: - Requests

  /// The file that is needed next; nil if the refresh, and the search if there is one, have ended.
  public var request: Request? {
    switch stage {
    case .root:
      return Request(
        file: ChannelName.metadata("root", version: root.role.version + 1), limit: ChannelLimit.root, isOptional: true)
    case .timestamp:
      return Request(file: ChannelName.metadata("timestamp"), limit: ChannelLimit.timestamp, isOptional: false)
    case .snapshot: return request("snapshot", timestamp?.role.snapshot, ChannelLimit.snapshot)
    case .targets: return request("targets", meta("targets"), ChannelLimit.targets)
    case .complete:
      guard case .needs(let edge) = step else { return nil }
      return request(edge.role, meta(edge.role), ChannelLimit.targets)
    case .failed: return nil
    }
  }

  private func request(_ role: String, _ meta: MetaFile?, _ limit: Int) -> Request? {
    guard let meta else { return nil }
    return Request(
      file: ChannelName.metadata(role, version: root.role.consistentSnapshot ? meta.version : nil),
      limit: min(meta.length ?? limit, limit), isOptional: false)
  }

  private func meta(_ role: String) -> MetaFile? { snapshot?.role.meta["\(role).json"] }

  /// Verifies the file that `request` names.
  ///
  /// - Parameter bytes: the file; nil if the source has none.
  /// - Returns: the changes to carry out in their order, before anything else is requested.
  /// - Throws: an error for a file that is refused. A refresh has failed then; a search goes on without the role.
  public mutating func receive(_ bytes: [UInt8]?) throws(ChannelError) -> [Change] {
    guard let request else { return [] }
    do throws(ChannelError) {
      guard let bytes else {
        if !request.isOptional { throw .missing(file: request.file) }
        try beginTimestamp()
        return []
      }
      if bytes.count > request.limit { throw .tooLong(file: request.file, limit: request.limit) }
      switch stage {
      case .root: return try receiveRoot(bytes, request.file)
      case .timestamp: return try receiveTimestamp(bytes, request.file)
      case .snapshot: return try receiveSnapshot(bytes, request.file)
      case .targets: return try receiveTargets(bytes, request.file)
      case .complete: return try receiveDelegated(bytes, request.file)
      case .failed: return []
      }
    } catch {
      fail(error)
      throw error
    }
  }

  /// Records that the file that `request` names cannot be had.
  public mutating func fail(_ error: ChannelError) {
    if stage == .complete {
      // Nothing that this role, or one after it, may offer is found as long as it is unavailable.
      if case .needs(let edge) = step { unavailable[edge] = error }
      loadLocal()
    } else {
      stage = .failed
    }
  }

  // MARK: - Root, section 5.3

  private mutating func receiveRoot(_ bytes: [UInt8], _ file: String) throws(ChannelError) -> [Change] {
    let new: SignedMetadata<RootRole> = try Self.parse(bytes, file)
    let old = root.role
    try Self.demand(new, by: old.role("root"), among: old.keys, file)
    try Self.demand(new, by: new.role.role("root"), among: new.role.keys, file)
    if new.role.version < old.version + 1 {
      throw .rollback(file: file, found: new.role.version, known: old.version)
    }
    if new.role.version != old.version + 1 {
      throw .version(file: file, found: new.role.version, expected: old.version + 1)
    }
    root = new
    rotations += 1
    var changes = [Change.keep(file: "root.json", bytes)]
    // An attacker who had the keys may have used up the versions: those of the new keys begin again.
    let isRotated = ["timestamp", "snapshot"].contains { role in
      !Set(old.role(role).keyIDs).isSubset(of: new.role.role(role).keyIDs)
    }
    if isRotated {
      isRecovering = true
      changes += [.remove(file: "timestamp.json"), .remove(file: "snapshot.json")]
    }
    if rotations == ChannelLimit.rotations { try beginTimestamp() }
    return changes
  }

  private mutating func beginTimestamp() throws(ChannelError) {
    try check(root.role, "root.json")
    stage = .timestamp
    if isRecovering { return }
    // After a power cut a rotation may be kept, and the removal of the files that it ends not: the new root's keys have
    // not signed them.
    timestamp = known("timestamp.json", by: "timestamp")
    knownSnapshot = known("snapshot.json", by: "snapshot")
  }

  /// Returns metadata that an earlier refresh kept, if the trusted root's keys have signed it.
  private func known<Role: RoleMetadata>(_ file: String, by role: String) -> SignedMetadata<Role>? {
    guard let bytes = local(file), let metadata = try? SignedMetadata<Role>(parsing: bytes),
      metadata.isSigned(by: root.role.role(role), among: root.role.keys)
    else { return nil }
    return metadata
  }

  // MARK: - Timestamp, section 5.4

  private mutating func receiveTimestamp(_ bytes: [UInt8], _ file: String) throws(ChannelError) -> [Change] {
    let new: SignedMetadata<TimestampRole> = try Self.parse(bytes, file)
    try Self.demand(new, by: root.role.role("timestamp"), among: root.role.keys, file)
    var changes: [Change] = []
    if let old = timestamp?.role, new.role.version <= old.version {
      if new.role.version < old.version {
        throw .rollback(file: file, found: new.role.version, known: old.version)
      }
      // No news: the known one stays, whatever else this one has.
      try check(old, file)
    } else {
      if let old = timestamp?.role, new.role.snapshot.version < old.snapshot.version {
        throw .rollback(file: "snapshot.json", found: new.role.snapshot.version, known: old.snapshot.version)
      }
      try check(new.role, file)
      timestamp = new
      changes = [.keep(file: file, bytes)]
    }
    stage = .snapshot
    if let bytes = local("snapshot.json"), !isRecovering, (try? acceptSnapshot(bytes, "snapshot.json")) != nil {
      beginTargets()
    }
    return changes
  }

  // MARK: - Snapshot, section 5.5

  private mutating func receiveSnapshot(_ bytes: [UInt8], _ file: String) throws(ChannelError) -> [Change] {
    try acceptSnapshot(bytes, file)
    beginTargets()
    return [.keep(file: "snapshot.json", bytes)]
  }

  private mutating func acceptSnapshot(_ bytes: [UInt8], _ file: String) throws(ChannelError) {
    guard let meta = timestamp?.role.snapshot else { throw .missing(file: "timestamp.json") }
    if !meta.matches(bytes) { throw .mismatch(file: file) }
    let new: SignedMetadata<SnapshotRole> = try Self.parse(bytes, file)
    try Self.demand(new, by: root.role.role("snapshot"), among: root.role.keys, file)
    if new.role.version != meta.version {
      throw .version(file: file, found: new.role.version, expected: meta.version)
    }
    for (name, known) in knownSnapshot?.role.meta ?? [:] {
      guard let listed = new.role.meta[name] else { throw .removed(file: name) }
      if listed.version < known.version {
        throw .rollback(file: name, found: listed.version, known: known.version)
      }
    }
    try check(new.role, file)
    snapshot = new
  }

  // MARK: - Targets, section 5.6

  private mutating func beginTargets() {
    stage = .targets
    if let bytes = local("targets.json"), (try? acceptTargets(bytes, "targets.json")) != nil { stage = .complete }
  }

  private mutating func receiveTargets(_ bytes: [UInt8], _ file: String) throws(ChannelError) -> [Change] {
    try acceptTargets(bytes, file)
    stage = .complete
    return [.keep(file: "targets.json", bytes)]
  }

  private mutating func acceptTargets(_ bytes: [UInt8], _ file: String) throws(ChannelError) {
    targets["targets"] = try accept(bytes, "targets", by: root.role.role("targets"), among: root.role.keys, file)
  }

  /// Verifies the metadata of a targets role against the snapshot and the keys that it was delegated to.
  private mutating func accept(
    _ bytes: [UInt8], _ role: String, by keys: RoleKeys, among all: [String: ChannelKey], _ file: String
  ) throws(ChannelError) -> SignedMetadata<TargetsRole> {
    guard let meta = meta(role) else { throw .missing(file: file) }
    if !meta.matches(bytes) { throw .mismatch(file: file) }
    let new: SignedMetadata<TargetsRole> = try Self.parse(bytes, file)
    try Self.demand(new, by: keys, among: all, file)
    if new.role.version != meta.version {
      throw .version(file: file, found: new.role.version, expected: meta.version)
    }
    try check(new.role, file)
    return new
  }

  // MARK: - Searches, section 5.6.7

  /// Begins a search for a target. When `request` is nil, `target(_:)` has the result.
  public mutating func search(for path: String) {
    goal = .target(path)
    loadLocal()
  }

  /// Begins to load the metadata of all roles. When `request` is nil, `targets(where:)` has the result; roles that
  /// could not be loaded are left out, and those after them that may offer the same.
  public mutating func searchAll() {
    goal = .everything
    loadLocal()
  }

  /// Returns the target with a path, after a search for it.
  ///
  /// - Throws: an error if no role offers it, or the metadata of a role that may is refused or unavailable.
  public func target(_ path: String) throws(ChannelError) -> Target {
    switch walk(.target(path)) {
    case .found(let target): return target
    case .broken(let error): throw error
    case .needs(let edge): throw .missing(file: ChannelName.metadata(edge.role))
    case .absent: throw .noTarget(path: path)
    }
  }

  /// Returns the targets that satisfy a condition, sorted by path, after `searchAll()`.
  ///
  /// - Parameters:
  ///   - limit: the maximum number that is considered.
  ///   - condition: gets what the metadata says of a target.
  public func targets(limit: Int = 10_000, where condition: (TargetFile) -> Bool) -> [Target] {
    var paths: Set<String> = []
    for metadata in targets.values {
      for (path, file) in metadata.role.targets where paths.count < limit && condition(file) { paths.insert(path) }
    }
    return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.compactMap { path in
      guard case .found(let target) = walk(.target(path)), condition(target.file) else { return nil }
      return target
    }
  }

  /// The errors of roles whose metadata could not be loaded, by role.
  public var unavailableRoles: [String: ChannelError] {
    Dictionary(unavailable.map { ($0.key.role, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  private var step: Step { goal.map(walk) ?? .absent }

  /// Searches the roles in preorder, as far as their metadata is loaded.
  private func walk(_ goal: Goal) -> Step {
    var pending = [Edge(parent: "", role: "targets")]
    var visited: Set<String> = []
    while let edge = pending.popLast() {
      if visited.contains(edge.role) { continue }
      if visited.count == ChannelLimit.roles { break }
      visited.insert(edge.role)
      if let error = unavailable[edge] {
        if goal == .everything { continue }
        return .broken(error)
      }
      guard let metadata = targets[edge.role], edge.role == "targets" || verified.contains(edge) else {
        return .needs(edge)
      }
      if case .target(let path) = goal, let file = metadata.role.targets[path] { return found(path, file, edge.role) }
      var children: [Edge] = []
      for delegation in metadata.role.delegations?.roles ?? [] {
        if case .target(let path) = goal {
          if !delegation.covers(path) { continue }
          if delegation.isTerminating { pending = [] }
        }
        children.append(Edge(parent: edge.role, role: delegation.name))
        if delegation.isTerminating && goal != .everything { break }
      }
      pending += children.reversed()
    }
    return .absent
  }

  private func found(_ path: String, _ file: TargetFile, _ role: String) -> Step {
    var hash: String?
    if root.role.consistentSnapshot {
      guard let name = file.nameHash else { return .broken(.mismatch(file: path)) }
      hash = name
    }
    return .found(Target(path: path, name: ChannelName.target(path, hash: hash), file: file, role: role))
  }

  /// Takes the metadata that a search needs from earlier refreshes, as far as it is still current.
  private mutating func loadLocal() {
    if stage != .complete { return }
    while case .needs(let edge) = step {
      if meta(edge.role) == nil {
        unavailable[edge] = .missing(file: ChannelName.metadata(edge.role))
        continue
      }
      let file = ChannelName.metadata(edge.role)
      guard let bytes = local(file), (try? acceptDelegated(bytes, edge, file)) != nil else { return }
    }
  }

  private mutating func receiveDelegated(_ bytes: [UInt8], _ file: String) throws(ChannelError) -> [Change] {
    guard case .needs(let edge) = step else { return [] }
    try acceptDelegated(bytes, edge, file)
    loadLocal()
    return [.keep(file: ChannelName.metadata(edge.role), bytes)]
  }

  private mutating func acceptDelegated(_ bytes: [UInt8], _ edge: Edge, _ file: String) throws(ChannelError) {
    guard let delegations = targets[edge.parent]?.role.delegations,
      let delegation = delegations.roles.first(where: { $0.name == edge.role })
    else { throw .missing(file: file) }
    targets[edge.role] = try accept(bytes, edge.role, by: delegation.keys, among: delegations.keys, file)
    verified.insert(edge)
  }

  // MARK: - Checks

  private static func parse<Role: RoleMetadata>(
    _ bytes: [UInt8], _ file: String
  ) throws(ChannelError) -> SignedMetadata<Role> {
    do throws(DocumentError) { return try SignedMetadata(parsing: bytes) } catch {
      throw .malformed(file: file, error)
    }
  }

  private static func demand<Role: RoleMetadata>(
    _ metadata: SignedMetadata<Role>, by role: RoleKeys, among keys: [String: ChannelKey], _ file: String
  ) throws(ChannelError) {
    if !metadata.isSigned(by: role, among: keys) { throw .unsigned(file: file, threshold: role.threshold) }
  }

  private mutating func check(_ role: some RoleMetadata, _ file: String) throws(ChannelError) {
    if role.expires > now { return }
    if expiry == .strict { throw .expired(file: file, role.expires) }
    let warning = Warning(file: file, expires: role.expires)
    if !warnings.contains(warning) { warnings.append(warning) }
  }
}
