import Catalogue

/// What the builder makes of a take that nobody has kept yet: all that `check` would say of it alone, and how a listener
/// would hear it.
public struct TakeTrial: Sendable {
  /// The worst first.
  public var findings: [CheckFinding]
  /// Seconds of the take.
  public var duration: Double
  /// The Ogg Opus file; `nil` where there is nothing to hear.
  public var clip: [UInt8]?

  public var hasErrors: Bool { findings.contains { $0.severity == .error } }
}

extension KitBuild {
  /// Looks at a take as at any recording, and levels and encodes it; nothing of it is kept in the cache.
  public func trial(_ take: Take, of item: ReviewItem) -> TakeTrial {
    var build = self
    build.cache = nil
    let yield = build.make(
      ClipJob(take: take, prompt: item.prompt, language: item.language, wording: item.wording))
    return TakeTrial(findings: yield.findings.sorted(), duration: yield.duration, clip: yield.clip?.content)
  }
}
