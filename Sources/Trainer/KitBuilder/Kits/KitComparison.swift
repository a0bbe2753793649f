import Encoding
import Kit

/// Two kits side by side, clip by clip, for a person who listens to both before the second replaces the first.
public struct KitComparison: Sendable {
  /// The first kit.
  public let old: KitFile
  /// The second kit.
  public let new: KitFile
  /// What differs.
  public let diff: KitDiff

  /// The differing clips of one language.
  public struct Group: Sendable {
    /// The language in the second kit, or in the first where only that has it.
    public let bundle: BundleManifest
    /// The clips by number.
    public let pairs: [Pair]
  }

  /// A clip in both kits.
  public struct Pair: Sendable {
    /// What differs.
    public let change: KitDiff.ClipChange
    /// The prompt's title.
    public let title: String
    /// Whether both clips sound alike, so that hearing one is enough.
    public let soundsAlike: Bool
  }

  /// Compares two kits. Clips whose hashes differ are read, and verified by their hashes.
  public init(_ old: KitFile, _ new: KitFile) throws(KitError) {
    diff = try KitDiff(old, new)
    self.old = old
    self.new = new
  }

  /// The differing clips by language, in the order of the kits.
  public var groups: [Group] {
    var groups: [(bundle: BundleManifest, pairs: [Pair])] = []
    for clip in diff.clips {
      guard let bundle = new.bundle(clip.language) ?? old.bundle(clip.language) else { continue }
      if groups.last?.bundle.tag != clip.language { groups.append((bundle, [])) }
      let title = (new.manifest.prompt(clip.prompt) ?? old.manifest.prompt(clip.prompt))?.title ?? clip.prompt
      let soundsAlike = clip.before != nil && clip.after != nil && !clip.kinds.contains(.recorded)
      groups[groups.count - 1].pairs.append(Pair(change: clip, title: title, soundsAlike: soundsAlike))
    }
    return groups.map { Group(bundle: $0.bundle, pairs: $0.pairs) }
  }
}

extension KitDiff.ClipChange {
  /// What differs, for people: `re-recorded`, `louder by 2.1 LU`, `draft → approved (by key)`.
  public var marks: [String] {
    kinds.map { kind in
      switch kind {
      case .louder, .quieter: "\(kind.rawValue) by \(abs(louder ?? 0).tenths) LU"
      case .status: "\(Self.state(before)) → \(Self.state(after))"
      default: kind.rawValue
      }
    }
  }

  private static func state(_ clip: Clip?) -> String {
    guard let clip else { return "nothing" }
    let proof = clip.proof.map { " (by \($0.rawValue))" } ?? ""
    return clip.status.rawValue + proof + (clip.synthetic ? " synthetic" : "")
  }
}
