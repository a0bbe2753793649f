import Channel
import Distribution
import Encoding
import Kit
import Posix

/// The keys of a role: public keys, and how many of them must sign.
public struct KeyChoice: Sendable {
  /// The keys.
  public var keys: [NamedPublicKey]
  /// How many must sign.
  public var threshold: Int

  /// Creates a choice.
  public init(_ keys: [NamedPublicKey], threshold: Int = 1) { (self.keys, self.threshold) = (keys, threshold) }

  /// Returns the keys as metadata names them.
  func roleKeys(_ role: String) throws(PublisherError) -> RoleKeys {
    var ids: [String] = []
    for key in keys where !ids.contains(key.channelKey.id) { ids.append(key.channelKey.id) }
    guard (1...max(1, ids.count)).contains(threshold), !ids.isEmpty else {
      throw .threshold(role: role, threshold: threshold, keys: ids.count)
    }
    return RoleKeys(keyIDs: ids, threshold: threshold)
  }
}

extension ChannelFolder {
  /// Makes a channel: drafts of its root and of its empty targets, which wait for their signatures.
  ///
  /// - Parameters:
  ///   - path: a directory that is no channel; it is made if it is missing.
  ///   - choices: the keys of `root`, `targets`, `snapshot` and `timestamp`.
  ///   - days: for how long metadata is valid.
  ///   - now: the time.
  public static func make(
    _ path: some PathConvertible, choices: [String: KeyChoice],
    days: ChannelSettings.Lifetimes = ChannelSettings.Lifetimes(), now: WallTime
  ) throws -> ChannelFolder {
    var (keys, roles, settings): ([String: ChannelKey], [String: RoleKeys], ChannelSettings) = ([:], [:], .init())
    settings.days = days
    for role in RootRole.roleNames {
      guard let choice = choices[role] else { throw PublisherError.threshold(role: role, threshold: 1, keys: 0) }
      roles[role] = try choice.roleKeys(role)
      for key in choice.keys {
        keys[key.channelKey.id] = key.channelKey
        settings.note(key)
      }
    }
    try make(Path(path), settings)
    let folder = try ChannelFolder(opening: path)
    let root = RootRole(version: 1, expires: now.after(days: days.root), keys: keys, roles: roles)
    try folder.write(draft: SignedMetadata(root))
    try folder.write(
      draft: SignedMetadata(TargetsRole(version: 1, expires: now.after(days: days.targets))), of: ChannelState.top)
    return folder
  }

  // MARK: - Files

  /// Changes the targets metadata of a role in its draft, which loses its signatures.
  func edit(_ role: String, now: WallTime, _ change: (inout TargetsRole) throws -> Void) throws {
    guard var targets = state.next(role), state.publishers.contains(role) else {
      throw PublisherError.unknownRole(role)
    }
    targets.version = state.nextVersion(of: role)
    targets.expires = now.after(days: settings.days.targets)
    try change(&targets)
    try write(draft: SignedMetadata(targets), of: role)
  }

  /// Returns the path of a target of a role: those of a country lie in its directory.
  func place(_ name: String, _ role: String) -> String { role == ChannelState.top ? name : "\(role)/\(name)" }

  /// The name of the recall list that a role offers.
  static let recalls = "recalls.json"

  /// What `add(kit:)` did.
  public enum Addition: Equatable, Sendable {
    /// The path of the target.
    case added(String)
    /// The same kit is offered already.
    case known(String)
  }

  /// Adds a kit to what a role offers. It is not published before the role's keys have signed.
  ///
  /// - Parameters:
  ///   - kit: a kit whose clips the caller has verified.
  ///   - role: the role that offers it.
  ///   - percent: the share of the devices that take it.
  ///   - acceptsDrafts: whether a draft may be offered.
  /// - Throws: `.content` for a draft, and for a version that is not above the one which the role offers.
  public func add(
    kit: KitFile, to role: String = "targets", percent: Int = 100, acceptsDrafts: Bool = false, now: WallTime
  ) throws -> Addition {
    guard let targets = state.next(role), state.publishers.contains(role) else {
      throw PublisherError.unknownRole(role)
    }
    let manifest = kit.manifest
    if manifest.draft && !acceptsDrafts {
      throw PublisherError.content(path: kit.path, why: "it is a DRAFT; build it with --release, or use --allow-draft")
    }
    let release = KitRelease(
      name: manifest.name, version: manifest.version, manifest: kit.sha256, rollout: Rollout(percent: percent))
    var others: [String: KitRelease] = [:]
    for (path, file) in targets.targets {
      guard case .kit(let other) = TargetContent(custom: file.custom), other.name == release.name else { continue }
      if other.manifest == release.manifest, file.length == kit.size { return .known(path) }
      others[path] = other
    }
    for (path, other) in others.sorted(by: { $0.key < $1.key }) {
      if !release.follows(other) {
        throw PublisherError.content(
          path: kit.path,
          why: "\(path) has version \(other.version), and devices never go back from it; raise the kit's version")
      }
    }
    let path = place("\(manifest.name)-\(manifest.version).kit", role)
    let (size, sha256) = try store(path) { (file: borrowing FileDescriptor) in try kit.copy(to: file) }
    try edit(role, now: now) { targets in
      targets.targets[path] = TargetFile(length: size, sha256: sha256, custom: TargetContent.kit(release).custom)
    }
    return .added(path)
  }

  /// Adds a signed recall list to what a role offers, in place of its former issue.
  ///
  /// - Parameters:
  ///   - path: the list; `PATH.minisig` is its signature.
  ///   - trusted: the keys that may have signed it; nil to accept any signature, which the devices verify.
  /// - Throws: `.content` for a list of an issue that is not above the one which the role offers.
  public func recall(_ path: String, to role: String = "targets", trustedBy trusted: TrustedKeys?, now: WallTime) throws
    -> Addition
  {
    let document = try SignedDocument(reading: path)
    let list = try trusted.map { try RecallList.read(document, trustedBy: $0).list } ?? RecallList.read(path)
    let signature = try Files.read(SignedFile.signature(of: path), limit: SignedDocument.signatureLimit)
    return try offer(list, document.bytes, signature, named: path, to: role, now: now)
  }

  /// Adds a recall list and its signature, which the caller has verified, to what a role offers.
  ///
  /// - Parameter path: the list's path, for errors.
  func offer(
    _ list: RecallList, _ bytes: [UInt8], _ signature: [UInt8], named path: String, to role: String, now: WallTime
  ) throws -> Addition {
    guard let targets = state.next(role), state.publishers.contains(role) else {
      throw PublisherError.unknownRole(role)
    }
    let name = place(Self.recalls, role)
    if let other = targets.targets[name], case .recalls(let issue) = TargetContent(custom: other.custom) {
      let isSame = issue == list.issue && other.hashes["sha256"] == Digest.sha256(bytes)
      let isSigned = targets.targets[name + ".minisig"]?.hashes["sha256"] == Digest.sha256(signature)
      if isSame && isSigned { return .known(name) }
      // The same list, signed with the key that has replaced the publisher's, takes the place of the former.
      if issue >= list.issue && !isSame {
        throw PublisherError.content(
          path: path, why: "it has issue \(list.issue), and the channel offers \(issue) already")
      }
    }
    try offer(bytes, signature, as: name, .recalls(issue: list.issue), by: role, now: now)
    return .added(name)
  }

  /// Stores a document and its signature, and offers both.
  func offer(
    _ document: [UInt8], _ signature: [UInt8], as name: String, _ content: TargetContent, by role: String, now: WallTime
  ) throws {
    let signed = name + ".minisig"
    let first = try store(name) { (file: borrowing FileDescriptor) in try file.write(document) }
    let second = try store(signed) { (file: borrowing FileDescriptor) in try file.write(signature) }
    try edit(role, now: now) { targets in
      targets.targets[name] = TargetFile(length: first.size, sha256: first.sha256, custom: content.custom)
      targets.targets[signed] = TargetFile(
        length: second.size, sha256: second.sha256, custom: TargetContent.signature(of: name).custom)
    }
  }

  /// Returns the role that offers a target, now or with its draft.
  func role(offering path: String) throws(PublisherError) -> String {
    guard let role = state.publishers.first(where: { state.next($0)?.targets[path] != nil }) else {
      throw .noTarget(path)
    }
    return role
  }

  /// No longer offers a target. Devices that have it keep it: a recall takes a kit away.
  ///
  /// - Returns: the role that offered it.
  public func remove(_ path: String, now: WallTime) throws -> String {
    let role = try role(offering: path)
    try edit(role, now: now) { targets in
      targets.targets[path] = nil
      targets.targets[path + ".minisig"] = nil
    }
    return role
  }

  /// Changes the roll-out of a kit.
  ///
  /// - Parameters:
  ///   - percent: the new share of the devices; nil to leave it.
  ///   - isPaused: whether no further device takes it; nil to leave it.
  /// - Returns: the roll-out, and the role that offers the kit.
  public func roll(
    _ path: String, percent: Int?, isPaused: Bool?, now: WallTime
  ) throws -> (rollout: Rollout, role: String) {
    let role = try role(offering: path)
    guard let file = state.next(role)?.targets[path], case .kit(var release) = TargetContent(custom: file.custom) else {
      throw PublisherError.content(path: path, why: "it is no kit, so there is nothing to roll out")
    }
    if let percent { release.rollout.percent = min(100, max(0, percent)) }
    if let isPaused { release.rollout.isPaused = isPaused }
    let done = release
    try edit(role, now: now) { $0.targets[path]?.custom = TargetContent.kit(done).custom }
    return (done.rollout, role)
  }

  // MARK: - Keys

  /// Lets another publisher offer files below a directory of its name.
  ///
  /// - Parameters:
  ///   - role: the name: `moldova`.
  ///   - choice: the keys of that publisher.
  public func delegate(_ role: String, _ choice: KeyChoice, now: WallTime) throws {
    do throws(DocumentError) { try Rule.word(role, "role", alphabet: Rule.ids, limit: 40) } catch {
      throw PublisherError.roleName(role)
    }
    if role.utf8.count < 2 || RootRole.roleNames.contains(role) { throw PublisherError.roleName(role) }
    if state.publishers.contains(role) {
      throw PublisherError.content(path: role, why: "it is a publisher already; change its keys with 'channel rotate'")
    }
    let keys = try choice.roleKeys(role)
    try note(choice.keys)
    // The role's own metadata first: a draft that nothing names yet does no harm.
    let version = state.nextVersion(of: role)
    try write(
      draft: SignedMetadata(TargetsRole(version: version, expires: now.after(days: settings.days.targets))), of: role)
    try edit(ChannelState.top, now: now) { targets in
      var delegations = targets.delegations ?? .init()
      for key in choice.keys { delegations.keys[key.channelKey.id] = key.channelKey }
      delegations.roles.append(DelegatedRole(name: role, keys: keys, paths: ["\(role)/*"], isTerminating: true))
      targets.delegations = delegations
    }
  }

  /// Changes the keys of a role, or only makes its metadata anew, with a later end.
  ///
  /// The change waits for signatures: of root, by its keys before and after; of a country's role, by those of `targets`.
  ///
  /// - Parameters:
  ///   - role: `root`, `targets`, `snapshot`, `timestamp`, or a country's.
  ///   - add: keys that the role gets.
  ///   - remove: the ids or names of keys that it loses.
  ///   - threshold: the number of keys that must sign; nil to leave it.
  /// - Returns: the roles whose drafts wait for signatures.
  public func rotate(
    _ role: String, add: [NamedPublicKey] = [], remove: [String] = [], threshold: Int? = nil, now: WallTime
  ) throws -> [String] {
    guard let authority = state.nextAuthority(of: role) else { throw PublisherError.unknownRole(role) }
    var keys = authority.role
    for key in add {
      if keys.keyIDs.contains(key.channelKey.id) { throw PublisherError.knownKey(role: role, key: key.name) }
      keys.keyIDs.append(key.channelKey.id)
    }
    for name in remove {
      let found = keys.keyIDs.filter { id in
        id == name || settings.keys[id]?.name == name || settings.keys[id]?.id == name
          || name.utf8.count >= 8 && id.hasPrefix(name)
      }
      guard found.count == 1 else { throw PublisherError.unknownKey(role: role, key: name) }
      keys.keyIDs.removeAll { $0 == found[0] }
    }
    keys.threshold = threshold ?? keys.threshold
    guard (1...max(1, keys.keyIDs.count)).contains(keys.threshold), !keys.keyIDs.isEmpty else {
      throw PublisherError.threshold(role: role, threshold: keys.threshold, keys: keys.keyIDs.count)
    }
    if !add.isEmpty { try note(add) }
    let isChange = keys != authority.role
    if RootRole.roleNames.contains(role) {
      // Without a change, targets alone gets a later end; root, snapshot and timestamp follow from the root.
      if role == ChannelState.top { try edit(role, now: now) { _ in } }
      if role == ChannelState.top && !isChange { return [role] }
      try rotateRoot(role, keys, add, now)
      return role == ChannelState.top ? ["root", role] : ["root"]
    }
    try edit(role, now: now) { _ in }
    if !isChange { return [role] }
    try edit(ChannelState.top, now: now) { targets in
      guard var delegations = targets.delegations else { return }
      for key in add { delegations.keys[key.channelKey.id] = key.channelKey }
      for index in delegations.roles.indices where delegations.roles[index].name == role {
        delegations.roles[index].keys = keys
      }
      let used = Set(delegations.roles.flatMap(\.keys.keyIDs))
      delegations.keys = delegations.keys.filter { used.contains($0.key) }
      targets.delegations = delegations
    }
    return [ChannelState.top, role]
  }

  private func rotateRoot(_ role: String, _ keys: RoleKeys, _ add: [NamedPublicKey], _ now: WallTime) throws {
    guard var root = state.nextRoot else { throw PublisherError.unknownRole("root") }
    root.version = (state.root?.role.version ?? 0) + 1
    root.expires = now.after(days: settings.days.root)
    for key in add { root.keys[key.channelKey.id] = key.channelKey }
    root.roles[role] = keys
    let used = Set(root.roles.values.flatMap(\.keyIDs))
    root.keys = root.keys.filter { used.contains($0.key) }
    try write(draft: SignedMetadata(root))
  }
}
