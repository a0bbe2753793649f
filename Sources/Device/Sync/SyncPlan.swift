import Channel
import Distribution
import Kit
import Store

/// What a device should get of its channel now: decided from the verified metadata, the store and what was handed over.
struct SyncPlan: Equatable, Sendable {
  /// A file that the device should have.
  struct Item: Equatable, Sendable {
    /// The file.
    var target: ChannelClient.Target
    /// The file's signature, for a recall list.
    var signature: ChannelClient.Target?
    /// What the spool takes it for.
    var kind: Spool.Kind

    /// The file, and its signature if it has one.
    var targets: [ChannelClient.Target] { [target] + (signature.map { [$0] } ?? []) }
    /// The hash of the content, in hexadecimal digits.
    var hash: String { target.file.nameHash ?? "" }
    /// The name of the fetched file.
    var name: String { "\(hash).\(kind.rawValue)" }
  }

  /// The recall lists, which come first, the key rotations, and the kits.
  var items: [Item] = []

  /// Makes the plan.
  ///
  /// - Parameters:
  ///   - targets: what the channel offers.
  ///   - kits: the names of the kits that the device should have; nil for those that its store has.
  ///   - installed: the kits of the store.
  ///   - device: the public half of the device's key, which decides about roll-outs.
  ///   - trusted: the ids of the keys that the store accepts new kits of: rotations of others are of no use to it.
  ///   - isHeldBack: returns whether an operator has gone back from a release.
  ///   - isKnown: returns whether a file with a hash was handed over and needs no further attempt.
  init(
    _ targets: [ChannelClient.Target], kits: [String]?, installed: [StoreState.Installed], device: PublicKey,
    trusted: Set<String> = [], isHeldBack: (KitRelease) -> Bool = { _ in false }, isKnown: (String) -> Bool
  ) {
    let contents = targets.map { (target: $0, content: TargetContent(custom: $0.file.custom)) }
    var rotations: [Item] = []
    for (target, content) in contents {
      var isRotation = false
      switch content {
      case .recalls: break
      case .rotation(let old, _) where trusted.contains(old): isRotation = true
      default: continue
      }
      // A role signs for its own lists only.
      let signature = contents.first {
        $0.content == .signature(of: target.path) && $0.target.role == target.role
      }
      guard let signature else { continue }
      let item = Item(target: target, signature: signature.target, kind: .list)
      // A key that is replaced recalls nothing more: its lists come before.
      if isRotation { rotations.append(item) } else { items.append(item) }
    }
    items += rotations
    let names = Set(kits ?? installed.map(\.name))
    let releases = contents.compactMap { (target, content) -> (ChannelClient.Target, KitRelease)? in
      guard case .kit(let release) = content, names.contains(release.name) else { return nil }
      return (target, release)
    }
    let have = Set(installed.map(\.sha256))
    for release in KitRelease.choose(from: releases.map(\.1), for: device, installed: have)
    where !have.contains(release.manifest) && !isHeldBack(release) {
      guard let target = releases.first(where: { $0.1 == release })?.0 else { continue }
      items.append(Item(target: target, kind: .kit))
    }
    items.removeAll { $0.hash.isEmpty || isKnown($0.hash) }
  }
}

extension SyncPlan {
  /// Returns what a device keeps for its neighbours: all signed lists, and of each kit that it follows the releases that
  /// some device should have, the newest to the first that every device takes.
  ///
  /// - Parameters:
  ///   - targets: what the channel offers.
  ///   - kits: the names of the kits that the device should have; nil for those that its store has.
  ///   - installed: the kits of the store.
  static func served(
    _ targets: [ChannelClient.Target], kits: [String]?, _ installed: [StoreState.Installed]
  ) -> [Item] {
    let contents = targets.map { (target: $0, content: TargetContent(custom: $0.file.custom)) }
    var items: [Item] = []
    for (target, content) in contents {
      guard case .signature(let path) = content,
        let list = contents.first(where: { $0.target.path == path && $0.target.role == target.role })
      else { continue }
      items.append(Item(target: list.target, signature: target, kind: .list))
    }
    for name in Set(kits ?? installed.map(\.name)).sorted() {
      let releases = contents.compactMap { (target, content) -> (target: ChannelClient.Target, release: KitRelease)? in
        guard case .kit(let release) = content, release.name == name else { return nil }
        return (target, release)
      }
      for (target, release) in releases.sorted(by: { $0.release.follows($1.release) }) {
        items.append(Item(target: target, kind: .kit))
        if release.rollout == .all { break }
      }
    }
    return items.filter { !$0.hash.isEmpty }
  }
}
