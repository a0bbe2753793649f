import Channel
import Distribution
import Encoding
import Kit
import Posix

/// What a channel has, what waits, and what must be done soon.
public struct ChannelStatus: Encodable, Sendable {
  /// The roles: the four of every root, then the countries'.
  public var roles: [Role] = []
  /// The files that are offered, or will be.
  public var targets: [Target] = []
  /// What a person must do; the first is the most urgent.
  public var steps: [Step] = []
  /// Whether a step cannot wait: metadata has expired, or expires within a week.
  public var isUrgent = false

  /// The steps in one sentence each, with the commands.
  public var tasks: [String] { steps.map(\.text) }

  private enum Keys: CodingKey { case roles, targets, tasks, isUrgent }

  /// Encodes what `firstword channel status --json` prints.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Keys.self)
    try fields.encode(roles, forKey: .roles)
    try fields.encode(targets, forKey: .targets)
    try fields.encode(tasks, forKey: .tasks)
    try fields.encode(isUrgent, forKey: .isUrgent)
  }

  /// A role.
  public struct Role: Encodable, Sendable {
    /// The name.
    public var name: String
    /// The published version; nil if it was never published.
    public var version: Int?
    /// The day after which readers no longer rely on it.
    public var expires: String?
    /// How many of its keys must sign.
    public var threshold: Int
    /// Its keys by their names.
    public var keys: [String]
    /// The next version; nil if there is no draft.
    public var draft: Int?
    /// The names of the keys that have signed the draft.
    public var signed: [String]
    /// How many signatures the draft still needs.
    public var lacking: Int
    /// The names of the keys that could give them.
    public var open: [String]
  }

  /// A file that is offered.
  public struct Target: Encodable, Sendable {
    /// The path.
    public var path: String
    /// The role that offers it.
    public var role: String
    /// The size in bytes.
    public var size: Int
    /// The kit's name and version; nil for other files.
    public var kit: String?
    /// The SHA-256 of the kit's `kit.json`.
    public var manifest: String?
    /// The share of the devices in percent that take the kit.
    public var percent: Int?
    /// Whether the roll-out is paused.
    public var paused: Bool?
    /// `published`, `waits` for signatures, `changes` or `ends` with the next signatures.
    public var state: State
  }

  /// Whether a file is offered.
  public enum State: String, Encodable, Sendable { case published, waits, changes, ends }

  /// Something that a person must do.
  public struct Step: Encodable, Sendable {
    /// What is to be done.
    public enum Kind: String, Encodable, Sendable {
      /// Keys must sign a draft.
      case sign
      /// All drafts are signed, and wait for a key of snapshot and timestamp.
      case publish
      /// Published metadata has expired.
      case expired
      /// Published metadata expires soon.
      case expires
    }

    /// What is to be done.
    public var kind: Kind
    /// The role; nil if all are meant.
    public var role: String?
    /// The version of the draft that waits.
    public var version: Int?
    /// How many signatures the draft needs.
    public var lacking: Int?
    /// The names of the keys that can give them.
    public var keys: [String] = []
    /// How many days are left.
    public var days: Int?
    /// Whether a key of snapshot and timestamp is enough.
    public var isOnline = false

    /// The step in one sentence, with the command.
    public var text: String {
      let name = role ?? ""
      let command = isOnline ? "channel sign --online" : "channel rotate --role \(name), then channel sign"
      switch kind {
      case .sign:
        return
          "\(name) \(version ?? 0) needs \(lacking ?? 0) more of: \(keys.joined(separator: ", ")) (channel sign --key)"
      case .publish: return "all drafts are signed: publish them (channel sign --online)"
      case .expired: return "\(name) has expired: \(command)"
      case .expires: return "\(name) expires in \(days ?? 0) days: \(command)"
      }
    }
  }
}

extension ChannelFolder {
  /// Returns whether a key signs snapshot or timestamp, now or after the next root.
  public func isOnline(_ key: SecretKey) -> Bool {
    ["snapshot", "timestamp"].contains { role in
      state.authorities(of: role).contains { $0.role.keyIDs.contains(key.channelID) }
    }
  }

  /// The SHA-256 of the `kit.json` of the newest version of each published kit.
  public var newestKits: Set<String> {
    var newest: [String: KitRelease] = [:]
    for (role, metadata) in state.roles {
      for file in metadata.role.targets.values {
        guard case .kit(let release) = TargetContent(custom: file.custom) else { continue }
        let key = "\(role)/\(release.name)"
        if let other = newest[key], !release.follows(other) { continue }
        newest[key] = release
      }
    }
    return Set(newest.values.map(\.manifest))
  }

  /// Returns what the channel has and what waits.
  public func status(now: WallTime) -> ChannelStatus {
    var status = ChannelStatus()
    let all = ["root", ChannelState.top, "snapshot", "timestamp"] + state.publishers.dropFirst()
    for name in all {
      let published = published(name)
      let authority = state.nextAuthority(of: name)
      let progress = state.progress(of: name)
      let role = ChannelStatus.Role(
        name: name, version: published?.version, expires: published.map { String($0.expires.description.prefix(10)) },
        threshold: authority?.role.threshold ?? 0, keys: (authority?.role.keyIDs ?? []).map(settings.name(of:)),
        draft: progress?.version, signed: (progress?.signers ?? []).map(settings.name(of:)),
        lacking: progress?.lacking ?? 0, open: (progress?.open ?? []).map(settings.name(of:)))
      status.roles.append(role)
    }
    for role in state.publishers { status.targets += targets(of: role) }
    steps(&status, now)
    return status
  }

  private func published(_ role: String) -> (version: Int, expires: WallTime)? {
    switch role {
    case "root": state.root.map { ($0.role.version, $0.role.expires) }
    case "snapshot": state.snapshot.map { ($0.role.version, $0.role.expires) }
    case "timestamp": state.timestamp.map { ($0.role.version, $0.role.expires) }
    default: state.roles[role].map { ($0.role.version, $0.role.expires) }
    }
  }

  private func targets(of role: String) -> [ChannelStatus.Target] {
    let before = state.roles[role]?.role.targets ?? [:]
    let after = state.next(role)?.targets ?? [:]
    return Set(before.keys).union(after.keys).sorted().compactMap { path in
      guard let file = after[path] ?? before[path] else { return nil }
      let isSame = before[path] == after[path]
      let stage: ChannelStatus.State =
        before[path] == nil ? .waits : after[path] == nil ? .ends : isSame ? .published : .changes
      var target = ChannelStatus.Target(path: path, role: role, size: file.length, state: stage)
      if case .kit(let release) = TargetContent(custom: file.custom) {
        target.kit = "\(release.name) \(release.version)"
        target.manifest = release.manifest
        target.percent = release.rollout.percent
        target.paused = release.rollout.isPaused
      }
      return target
    }
  }

  private func steps(_ status: inout ChannelStatus, _ now: WallTime) {
    var waits = false
    for role in status.roles {
      guard let draft = role.draft else { continue }
      waits = true
      if role.lacking > 0 {
        status.steps.append(.init(kind: .sign, role: role.name, version: draft, lacking: role.lacking, keys: role.open))
      }
    }
    if waits, status.roles.allSatisfy({ $0.lacking == 0 }) {
      status.steps.append(.init(kind: .publish, isOnline: true))
    }
    for role in status.roles {
      guard let published = published(role.name) else { continue }
      let isOnline = ["snapshot", "timestamp"].contains(role.name)
      let days = published.expires.since(now) / WallTime.day
      let notice: Int64 = isOnline ? (role.name == "timestamp" ? 3 : 14) : 60
      if published.expires <= now {
        status.steps.insert(.init(kind: .expired, role: role.name, isOnline: isOnline), at: 0)
        status.isUrgent = true
      } else if days < notice {
        status.steps.append(.init(kind: .expires, role: role.name, days: Int(days) + 1, isOnline: isOnline))
        if days < (isOnline ? 1 : 7) { status.isUrgent = true }
      }
    }
  }

  /// A text that changes with everything that people sign or have signed.
  public var version: String {
    var parts = [state.draftRoot?.file ?? [], state.root?.file ?? [], state.timestamp?.file ?? []]
    for (role, draft) in state.drafts.sorted(by: { $0.key < $1.key }) { parts += [Array(role.utf8), draft.file] }
    return String(Digest.sha256(parts.map { Digest.sha256($0) }.joined()).prefix(16))
  }

  /// The SHA-256 of the first root, the one file that a device gets by hand; nil before it is published.
  public var firstRoot: (path: Path, sha256: String)? {
    let path = path.appending(Name.metadata).appending(ChannelName.metadata("root", version: 1))
    guard state.root != nil, let bytes = try? Files.read(path, limit: ChannelLimit.root) else { return nil }
    return (path, Digest.sha256(bytes))
  }
}
