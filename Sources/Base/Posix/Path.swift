/// A file-system path: its unchanged text, and the parts of it. No method accesses the disk. path_resolution(7)
///
/// Shaped like swift-system's `FilePath`, whose package needs newer tools. A string literal is a path:
///
///     let kits: Path = "/var/lib/firstword/kits"
///     kits.appending("shelter.kit").stem  // "shelter"
public struct Path: Hashable, Sendable {
  /// The whole path, as system calls take it.
  public let string: String

  /// Creates a path from its text, unchanged.
  public init(_ text: some PathConvertible) { string = text.description }

  /// Returns the path of `name` in this directory.
  ///
  /// - Parameter name: one or more components, without a leading slash.
  /// - Returns: `name` alone if this path is empty.
  public func appending(_ name: String) -> Path {
    if string.isEmpty { return Path(name) }
    return Path(string.hasSuffix("/") ? string + name : "\(string)/\(name)")
  }

  /// The directory that contains the file: `.` for a bare name, `/` for the root.
  public var parent: Path {
    var trimmed = string.utf8[...]
    while trimmed.count > 1, trimmed.last == UInt8(ascii: "/") { trimmed.removeLast() }
    guard let slash = trimmed.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == trimmed.startIndex ? "/" : Path(String(Substring(trimmed[..<slash])))
  }

  /// The last component, or the whole text if there is none (`/`, empty).
  public var lastComponent: String { string.split(separator: "/").last.map(String.init) ?? string }

  /// The text after the last dot of the last component; `nil` without a dot, and for `.hidden`.
  public var `extension`: String? {
    let name = lastComponent
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
    return String(name[name.index(after: dot)...])
  }

  /// The last component without the extension and its dot.
  public var stem: String {
    let name = lastComponent
    return `extension`.map { String(name.dropLast($0.count + 1)) } ?? name
  }
}

extension Path: ExpressibleByStringInterpolation {
  /// Creates a path from a literal.
  public init(stringLiteral string: String) { self.init(string) }
}

extension Path: CustomStringConvertible {
  /// The whole path.
  public var description: String { string }
}

/// Text that names a file to this package's calls: its description is the path.
///
/// `Path` and `String` conform, so a name from an argument or a document goes in as it is.
public protocol PathConvertible: CustomStringConvertible, Sendable {}

extension Path: PathConvertible {}
extension String: PathConvertible {}
