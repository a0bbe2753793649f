import Channel
import Encoding
import Kit

/// A kit that a channel offers.
public struct KitRelease: Equatable, Sendable {
  /// The kit's name.
  public var name: String
  /// The kit's version.
  public var version: String
  /// The SHA-256 of its `kit.json`.
  public var manifest: String
  /// The devices that take it.
  public var rollout: Rollout

  /// Creates a release.
  public init(name: String, version: String, manifest: String, rollout: Rollout = .all) {
    (self.name, self.version, self.manifest, self.rollout) = (name, version, manifest, rollout)
  }

  /// Reads the fields of a target's `custom`; nil if they are not those of a kit. A roll-out that this program cannot
  /// read is paused: it was meant to hold devices back.
  init?(_ fields: [String: JSONValue]) {
    guard case .string(let name)? = fields["kit"], case .string(let version)? = fields["version"],
      case .string(let manifest)? = fields["manifest"]
    else { return nil }
    do throws(DocumentError) {
      try Rule.word(name, "kit", alphabet: Rule.names, limit: 64)
      try Rule.word(version, "version", alphabet: Rule.versions, limit: 64)
      try Rule.hash(manifest, "manifest")
    } catch { return nil }
    let rollout = fields["rollout"].map { Rollout($0) ?? Rollout(percent: 0, isPaused: true) }
    self.init(name: name, version: version, manifest: manifest, rollout: rollout ?? .all)
  }

  var json: JSONValue {
    var fields: [String: JSONValue] = [
      "kit": .string(name), "version": .string(version), "manifest": .string(manifest),
    ]
    if rollout != .all { fields["rollout"] = rollout.json }
    return .object(fields)
  }

  /// Returns whether this is a later version of the same kit.
  public func follows(_ other: KitRelease) -> Bool {
    name == other.name && VersionOrder(other.version) < VersionOrder(version)
  }

  /// Returns the releases that a device should have: of each kit the newest that admits it.
  ///
  /// - Parameters:
  ///   - releases: what the channel offers.
  ///   - device: the public half of the device's key.
  ///   - installed: the SHA-256 of the `kit.json` of each kit that the device has; a paused roll-out does not take them
  ///     away.
  public static func choose(
    from releases: [KitRelease], for device: PublicKey, installed: Set<String> = []
  ) -> [KitRelease] {
    var chosen: [String: KitRelease] = [:]
    for release in releases where installed.contains(release.manifest) || release.admits(device) {
      if let other = chosen[release.name], !release.follows(other) { continue }
      chosen[release.name] = release
    }
    return chosen.values.sorted { $0.name < $1.name }
  }

  /// Returns whether the roll-out has come to a device.
  public func admits(_ device: PublicKey) -> Bool { rollout.admits(device, to: manifest) }
}
