import Encoding
import Kit

/// The version of a system. Between releases it is marked as Debian's packages are: `1.0~git20261130141031.10ae143f` comes
/// before `1.0`, and `1.0+git20261201090000.5c0ffee0` after it. deb-version(7)
public struct SystemVersion: Comparable {
  private enum Mark: Comparable {
    case before(VersionOrder)
    case none
    case after(VersionOrder)
  }

  private let release: VersionOrder
  private let mark: Mark

  /// Parses a version; any text is one.
  public init(_ version: String) {
    let place = version.firstIndex { $0 == "~" || $0 == "+" } ?? version.endIndex
    release = VersionOrder(String(version[..<place]))
    let rest = VersionOrder(String(version[place...].dropFirst()))
    mark = place == version.endIndex ? .none : version[place] == "~" ? .before(rest) : .after(rest)
  }

  /// Checks for 1 to 64 characters that a version may have.
  static func validate(_ version: String) throws(DocumentError) {
    let text = String(version.map { $0 == "~" ? "-" : $0 })
    try Rule.word(text, "version", alphabet: Rule.versions, limit: 64)
  }

  /// Returns whether `a` is the earlier version.
  public static func < (a: SystemVersion, b: SystemVersion) -> Bool { (a.release, a.mark) < (b.release, b.mark) }
}
