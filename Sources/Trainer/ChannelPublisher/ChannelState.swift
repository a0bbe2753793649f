import Channel
import Kit
import Posix

/// A channel as its directory has it: what is published, and the drafts that wait for signatures. Pure values.
struct ChannelState: Sendable {
  /// The published root; nil if nothing was ever published.
  var root: SignedMetadata<RootRole>?
  var timestamp: SignedMetadata<TimestampRole>?
  var snapshot: SignedMetadata<SnapshotRole>?
  /// The published targets metadata by role, as the snapshot names it.
  var roles: [String: SignedMetadata<TargetsRole>] = [:]
  /// The next root, not yet published.
  var draftRoot: SignedMetadata<RootRole>?
  /// The next targets metadata by role, not yet published.
  var drafts: [String: SignedMetadata<TargetsRole>] = [:]
  /// The highest version of each role among all files, published or left over.
  var highest: [String: Int] = [:]

  /// The name of the role that may offer everything.
  static let top = "targets"

  /// The keys of a role, and the document in which they stand.
  struct Authority: Equatable {
    let role: RoleKeys
    let keys: [String: ChannelKey]
  }

  /// The root to come, else the published one.
  var nextRoot: RootRole? { draftRoot?.role ?? root?.role }

  /// Returns the targets metadata of a role to come, else the published one.
  func next(_ role: String) -> TargetsRole? { drafts[role]?.role ?? roles[role]?.role }

  /// The roles that offer files: the top one, then the delegated ones in their order.
  var publishers: [String] { [Self.top] + (next(Self.top)?.delegations?.roles.map(\.name) ?? []) }

  /// Returns the keys of a role.
  ///
  /// - Parameters:
  ///   - root: the root that names the keys of the four roles that every root has.
  ///   - top: the metadata that names the keys of delegated roles.
  static func authority(of role: String, _ root: RootRole?, _ top: TargetsRole?) -> Authority? {
    if RootRole.roleNames.contains(role) {
      return root.flatMap { root in root.roles[role].map { Authority(role: $0, keys: root.keys) } }
    }
    guard let delegations = top?.delegations, let found = delegations.roles.first(where: { $0.name == role }) else {
      return nil
    }
    return Authority(role: found.keys, keys: delegations.keys)
  }

  /// Returns the keys of a role to come.
  func nextAuthority(of role: String) -> Authority? { Self.authority(of: role, nextRoot, next(Self.top)) }

  /// Returns everything that must have signed a draft, or that helps if it has: the keys to come, and the published ones.
  func authorities(of role: String) -> [Authority] {
    let published = Self.authority(of: role, root?.role, roles[Self.top]?.role)
    let next = nextAuthority(of: role)
    return [next, published == next ? nil : published].compactMap { $0 }
  }

  /// The number that the next version of a role's metadata has: never one that a file has had.
  func nextVersion(of role: String) -> Int {
    max(highest[role] ?? 0, roles[role]?.role.version ?? 0, drafts[role].map { $0.role.version - 1 } ?? 0) + 1
  }

  // MARK: - What a draft lacks

  /// A draft, and whose signatures it has.
  struct Progress: Equatable {
    let version: Int
    /// The ids of the keys that have signed.
    let signers: [String]
    /// The ids of the keys that have not, of which `lacking` must still sign.
    let open: [String]
    /// How many signatures are missing.
    let lacking: Int
  }

  /// Returns the progress of a role's draft; nil if there is none.
  func progress(of role: String) -> Progress? {
    if role == "root" {
      guard let draft = draftRoot else { return nil }
      // The next root is signed by its own keys and by those of the one before.
      return progress(draft, by: authorities(of: role))
    }
    guard let draft = drafts[role] else { return nil }
    // Keys that are replaced may sign too, so that old and new readers accept it; they need not.
    return progress(draft, by: nextAuthority(of: role).map { [$0] } ?? [])
  }

  private func progress<Role>(_ draft: SignedMetadata<Role>, by authorities: [Authority]) -> Progress {
    var (signers, open, lacking): ([String], [String], Int) = ([], [], 0)
    for authority in authorities {
      let own = draft.signers(of: authority.role, among: authority.keys)
      let missing = max(0, authority.role.threshold - own.count)
      lacking = max(lacking, missing)
      signers += own.filter { !signers.contains($0) }
      if missing > 0 { open += authority.role.keyIDs.filter { !own.contains($0) && !open.contains($0) } }
    }
    return Progress(version: draft.role.version, signers: signers, open: open, lacking: lacking)
  }

  // MARK: - Which metadata belong together

  /// Metadata that a reader accepts together.
  struct Selection: Equatable {
    var root: SignedMetadata<RootRole>
    var roles: [String: SignedMetadata<TargetsRole>]
  }

  /// Returns the newest metadata that is signed and fits together, and what keeps the rest back.
  func selection() -> (Selection?, held: [String]) {
    var held: [String] = []
    let roots = [draftRoot.flatMap { progress(of: "root")?.lacking == 0 ? $0 : nil }, root].compactMap { $0 }
    for name in ["root"] + drafts.keys.sorted() {
      if let progress = progress(of: name), progress.lacking > 0 {
        held.append("\(name) \(progress.version) lacks \(progress.lacking) of its signatures")
      }
    }
    var first = true
    for root in roots {
      for top in [drafts[Self.top], roles[Self.top]].compactMap({ $0 }) {
        if let roles = complete(top, under: root.role) { return (Selection(root: root, roles: roles), held) }
      }
      if first { held.append("root \(root.role.version) waits for the targets that its keys sign") }
      first = false
    }
    return (nil, held)
  }

  /// Returns a top role with all that it delegates to; nil if something is not signed by the keys of that place.
  private func complete(
    _ top: SignedMetadata<TargetsRole>, under root: RootRole
  ) -> [String: SignedMetadata<TargetsRole>]? {
    guard let authority = Self.authority(of: Self.top, root, nil),
      top.isSigned(by: authority.role, among: authority.keys)
    else { return nil }
    var found = [Self.top: top]
    for delegation in top.role.delegations?.roles ?? [] {
      let keys = top.role.delegations?.keys ?? [:]
      let candidates = [drafts[delegation.name], roles[delegation.name]].compactMap { $0 }
      guard let role = candidates.first(where: { $0.isSigned(by: delegation.keys, among: keys) }) else { return nil }
      found[delegation.name] = role
    }
    return found
  }
}
