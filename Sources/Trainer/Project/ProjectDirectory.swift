import Glibc
import Posix

/// A project's directory, below which no link is followed: a link could lead an import or a take-down to files of
/// somebody else.
public struct ProjectDirectory: ~Copyable {
  private let root: Directory

  /// Opens the directory. Links in its own path are followed: the caller names it.
  public init(_ path: String) throws(SystemError) { root = try Directory(opening: path) }

  /// Opens a directory of the project.
  ///
  /// - Parameter path: relative to the project: `recordings/ro/f1`.
  /// - Returns: nil if it, or a directory above it, is missing.
  /// - Throws: ELOOP if it, or a directory above it, is a link.
  public func directory(_ path: String) throws(SystemError) -> Directory? {
    try Self.directory(path.split(separator: "/")[...], in: root)
  }

  private static func directory(
    _ names: ArraySlice<Substring>, in parent: borrowing Directory
  ) throws(SystemError) -> Directory? {
    guard let first = names.first.map(String.init) else {
      throw SystemError("open", path: parent.path, code: EINVAL)
    }
    switch try parent.kind(of: first) {
    case nil: return nil
    case .link?: throw isLink(parent.path.appending(first))
    case .file?, .directory?, .special?: break
    }
    let directory = try parent.directory(first)
    if names.count == 1 { return directory }
    return try Self.directory(names.dropFirst(), in: directory)
  }

  /// Throws ELOOP if a path of the project leads through a link, or is one.
  ///
  /// - Parameter paths: relative to the project; they need not exist.
  public func refuseLinks(in paths: some Sequence<String>) throws(SystemError) {
    for path in paths {
      let names = path.split(separator: "/")
      guard let last = names.last.map(String.init) else { continue }
      if names.count == 1 {
        if try root.kind(of: last) == .link { throw Self.isLink(root.path.appending(last)) }
      } else if let parent = try Self.directory(names.dropLast(), in: root) {
        if try parent.kind(of: last) == .link { throw Self.isLink(parent.path.appending(last)) }
      }
    }
  }

  /// Removes a directory of the project that is empty.
  ///
  /// - Throws: ELOOP if it, or a directory above it, is a link.
  public func remove(directory path: String) throws(SystemError) {
    let names = path.split(separator: "/")
    guard let last = names.last.map(String.init) else { return }
    if names.count == 1 {
      try root.removeDirectory(last)
    } else if let parent = try Self.directory(names.dropLast(), in: root) {
      try parent.removeDirectory(last)
    }
  }

  /// The error for a link in a project.
  public static func isLink(_ path: Path) -> SystemError {
    SystemError("follow a link: a project holds its own files, so put them in its place", path: path, code: ELOOP)
  }
}
