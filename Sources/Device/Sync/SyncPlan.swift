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
    let offers = Self.offers(targets)
    var rotations: [Item] = []
    for (target, content) in offers {
      var isRotation = false
      switch content {
      case .recalls: break
      case .rotation(let old, _) where trusted.contains(old): isRotation = true
      default: continue
      }
      guard let item = Self.list(target, among: offers) else { continue }
      // A key that is replaced recalls nothing more: its lists come before.
      if isRotation { rotations.append(item) } else { items.append(item) }
    }
    items += rotations
    let names = Set(kits ?? installed.map(\.name))
    let releases = Self.releases(of: names, among: offers)
    let have = Set(installed.map(\.sha256))
    for release in KitRelease.choose(from: releases.map(\.release), for: device, installed: have)
    where !have.contains(release.manifest) && !isHeldBack(release) {
      guard let target = releases.first(where: { $0.release == release })?.target else { continue }
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
    let offers = Self.offers(targets)
    var items = targets.compactMap { list($0, among: offers) }
    for name in Set(kits ?? installed.map(\.name)).sorted() {
      for (target, release) in releases(of: [name], among: offers).sorted(by: { $0.release.follows($1.release) }) {
        items.append(Item(target: target, kind: .kit))
        if release.rollout == .all { break }
      }
    }
    return items.filter { !$0.hash.isEmpty }
  }

  // MARK: What the channel offers

  /// A target, and what the channel says that it is.
  private typealias Offer = (target: ChannelClient.Target, content: TargetContent)

  private static func offers(_ targets: [ChannelClient.Target]) -> [Offer] {
    targets.map { (target: $0, content: TargetContent(custom: $0.file.custom)) }
  }

  /// Returns a signed list with its signature; nil for a target that has none. A role signs for its own lists only.
  private static func list(_ target: ChannelClient.Target, among offers: [Offer]) -> Item? {
    let signature = offers.first { $0.content == .signature(of: target.path) && $0.target.role == target.role }
    return signature.map { Item(target: target, signature: $0.target, kind: .list) }
  }

  /// Returns the releases of the kits with these names.
  private static func releases(
    of names: Set<String>, among offers: [Offer]
  ) -> [(target: ChannelClient.Target, release: KitRelease)] {
    offers.compactMap { offer in
      guard case .kit(let release) = offer.content, names.contains(release.name) else { return nil }
      return (target: offer.target, release: release)
    }
  }
}
