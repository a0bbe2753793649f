/// The precedence of versions: Semantic Versioning 2.0, section 11, for any number of parts.
///
/// `1.9` < `1.10`, `1.0-rc.1` < `1.0`; build metadata after a `+` is ignored.
package struct VersionOrder: Comparable {
  private enum Part: Comparable {
    case number(String)
    case word(String)

    /// Creates a part; numbers may have any length, as a date may be one.
    init(_ text: Substring) {
      guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        self = .word(String(text))
        return
      }
      self = .number(String(text.drop { $0 == "0" }))
    }

    static func < (a: Part, b: Part) -> Bool {
      switch (a, b) {
      case (.number(let a), .number(let b)): (a.utf8.count, a) < (b.utf8.count, b)
      case (.word(let a), .word(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
      case (.number, .word): true
      case (.word, .number): false
      }
    }
  }

  private let release: [Part]
  /// The pre-release parts; empty for a release, which follows all its pre-releases.
  private let prerelease: [Part]

  /// Parses a version; any text is one.
  package init(_ version: String) {
    let text = version.prefix { $0 != "+" }
    let halves = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    var parts = Self.parts(halves[0])
    // 1 and 1.0 are equal.
    while parts.count > 1, parts.last == .number("") { parts.removeLast() }
    release = parts
    prerelease = halves.count == 2 ? Self.parts(halves[1]) : []
  }

  private static func parts(_ text: Substring) -> [Part] {
    text.split(whereSeparator: { $0 == "." || $0 == "_" || $0 == "-" }).map(Part.init)
  }

  /// Returns whether `a` is the earlier version.
  package static func < (a: VersionOrder, b: VersionOrder) -> Bool {
    if a.release != b.release { return a.release.lexicographicallyPrecedes(b.release) }
    if a.prerelease.isEmpty || b.prerelease.isEmpty { return !a.prerelease.isEmpty && b.prerelease.isEmpty }
    return a.prerelease.lexicographicallyPrecedes(b.prerelease)
  }
}
