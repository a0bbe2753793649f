import Channel
import Kit
import Posix

/// The files that bring a channel from one state to the next, in the order in which they must be written.
///
/// Files that nothing refers to come first, `timestamp.json` last: a reader finds the old state or the new one, whenever
/// writing ends.
struct Publication: Equatable {
  /// The names of metadata files and their contents.
  var files: [(name: String, bytes: [UInt8])] = []
  /// The drafts that are published with it.
  var drafts: [String] = []
  /// What is published: `targets 5`.
  var summary: [String] = []

  static func == (a: Publication, b: Publication) -> Bool {
    a.files.map(\.name) == b.files.map(\.name) && a.files.map(\.bytes) == b.files.map(\.bytes) && a.drafts == b.drafts
  }
}

extension ChannelState {
  /// Returns what is to be published now.
  ///
  /// - Parameters:
  ///   - signers: the keys of snapshot and timestamp.
  ///   - now: the time.
  ///   - days: for how long metadata is valid.
  /// - Returns: nil if nothing is; with what waits for signatures.
  func publication(
    signers: [SecretKey], now: WallTime, days: ChannelSettings.Lifetimes
  ) throws(PublisherError) -> (Publication?, held: [String]) {
    let (found, held) = selection()
    guard let selection = found else { throw .unsigned(held) }
    let next = selection.root.role
    try check(now, days)

    var publication = Publication()
    for (name, role) in selection.roles.sorted(by: { $0.key < $1.key }) where role != roles[name] {
      publication.files.append((ChannelName.metadata(name, version: role.role.version), role.file))
      publication.drafts.append(name)
      publication.summary.append("\(name) \(role.role.version)")
    }
    let meta = Dictionary(
      uniqueKeysWithValues: selection.roles.map { name, role in
        (ChannelName.metadata(name), MetaFile(version: role.role.version, bytes: role.file))
      })

    var newSnapshot = snapshot
    if snapshot?.role.meta != meta || !isSigned(snapshot, "snapshot", next)
      || isDue(snapshot, now, Int64(days.snapshot) * WallTime.day / 2)
    {
      let version = max(highest["snapshot"] ?? 0, snapshot?.role.version ?? 0) + 1
      let role = SnapshotRole(version: version, expires: now.after(days: days.snapshot), meta: meta)
      newSnapshot = try signed(SignedMetadata(role), "snapshot", signers, next)
    }
    guard let newSnapshot else { throw .unsigned(held) }
    let file = newSnapshot.file
    if newSnapshot != snapshot {
      publication.files.append((ChannelName.metadata("snapshot", version: newSnapshot.role.version), file))
      publication.summary.append("snapshot \(newSnapshot.role.version)")
    }

    var newTimestamp = timestamp
    let lifetime = Int64(days.timestamp) * WallTime.day
    if newSnapshot != snapshot || !isSigned(timestamp, "timestamp", next)
      || isDue(timestamp, now, lifetime - min(WallTime.day, lifetime / 2) + WallTime.minute * 60)
    {
      let version = max(highest["timestamp"] ?? 0, timestamp?.role.version ?? 0) + 1
      let entry = MetaFile(version: newSnapshot.role.version, bytes: file)
      let role = TimestampRole(version: version, expires: now.after(days: days.timestamp), snapshot: entry)
      newTimestamp = try signed(SignedMetadata(role), "timestamp", signers, next)
    }
    guard let newTimestamp else { throw .unsigned(held) }
    var last: [(name: String, bytes: [UInt8])] = []
    if newTimestamp != timestamp {
      last.append((ChannelName.metadata("timestamp"), newTimestamp.file))
      publication.summary.append("timestamp \(newTimestamp.role.version)")
    }
    if selection.root != root {
      let file = (name: ChannelName.metadata("root", version: next.version), bytes: selection.root.file)
      // Readers of the old root must accept everything until the new root is there. Where old keys have not signed, the
      // new root comes first, and there is a moment between the two.
      let isBridge = root.map { old in
        isSigned(newTimestamp, "timestamp", old.role) && isSigned(newSnapshot, "snapshot", old.role)
          && isSigned(selection.roles[Self.top], Self.top, old.role)
      }
      last.insert(file, at: isBridge == true ? last.count : 0)
      publication.drafts.append("root")
      publication.summary.append("root \(next.version)")
    }
    publication.files += last
    return (publication.files.isEmpty ? nil : publication, held)
  }

  private func isSigned<Role>(_ metadata: SignedMetadata<Role>?, _ role: String, _ root: RootRole) -> Bool {
    guard let metadata, let authority = Self.authority(of: role, root, nil) else { return false }
    return metadata.isSigned(by: authority.role, among: authority.keys)
  }

  private func isDue<Role>(_ metadata: SignedMetadata<Role>?, _ now: WallTime, _ rest: Int64) -> Bool {
    guard let metadata else { return true }
    return metadata.role.expires.since(now) < rest
  }

  /// Signs with those keys that are a role's in the next root, or in the published one.
  private func signed<Role>(
    _ metadata: SignedMetadata<Role>, _ role: String, _ signers: [SecretKey], _ next: RootRole
  ) throws(PublisherError) -> SignedMetadata<Role> {
    var metadata = metadata
    let ids = Set((next.roles[role]?.keyIDs ?? []) + (root?.role.roles[role]?.keyIDs ?? []))
    for key in signers where ids.contains(key.channelID) {
      metadata.add(signature: key.rawSignature(of: metadata.canonical), by: key.channelID)
    }
    guard let authority = Self.authority(of: role, next, nil) else { throw .unknownRole(role) }
    let has = metadata.signers(of: authority.role, among: authority.keys).count
    if has < authority.role.threshold { throw .keysMissing(role: role, has: has, needs: authority.role.threshold) }
    return metadata
  }

  /// Checks that the clock is not before the time at which the timestamp was made: what is signed now would expire before
  /// what it replaces.
  private func check(_ now: WallTime, _ days: ChannelSettings.Lifetimes) throws(PublisherError) {
    guard let timestamp else { return }
    let made = WallTime(milliseconds: timestamp.role.expires.milliseconds - Int64(days.timestamp) * WallTime.day)
    if now.since(made) < -WallTime.day { throw .clock(last: made.description) }
  }
}

extension WallTime {
  /// Returns the whole second that is so many days later.
  func after(days: Int) -> WallTime {
    let later = milliseconds + Int64(days) * WallTime.day
    return WallTime(milliseconds: later - (later % 1000 + 1000) % 1000)
  }
}
