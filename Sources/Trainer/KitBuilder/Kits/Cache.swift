import Encoding
import Glibc
import Posix

/// What long work has made, kept by what it was made of. An entry is written whole or not at all and is checked when it
/// is read, so that an interrupted build, a full disk or a damaged file costs time and nothing else.
public struct Cache: Sendable {
  /// Made when the first entry is written.
  public let directory: String

  public init(directory: String) { self.directory = directory }

  /// `$XDG_CACHE_HOME/firstword`, else `~/.cache/firstword`; `nil` where neither is known. (XDG Base Directory)
  public static var standard: Cache? {
    func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } }
    if let base = value("XDG_CACHE_HOME"), base.hasPrefix("/") { return Cache(directory: "\(base)/firstword") }
    return value("HOME").map { Cache(directory: "\($0)/.cache/firstword") }
  }

  /// The content kept under a key, and a note that it is still in use; `nil` where there is none, or a damaged one.
  ///
  /// - Parameter key: 64 hexadecimal digits.
  func read(_ key: String) -> [UInt8]? {
    let path = path(key)
    guard let bytes = try? Files.read(path), bytes.count > Self.head,
      bytes[..<Self.head].elementsEqual((Digest.sha256(Array(bytes[Self.head...])) + "\n").utf8)
    else { return nil }
    utimensat(AT_FDCWD, path, nil, 0)
    return Array(bytes[Self.head...])
  }

  /// Keeps the content. What cannot be kept is made again next time, so that is no error.
  func write(_ key: String, _ content: [UInt8]) {
    let path = path(key)
    try? Files.makeDirectory(Path(path).parent)
    // Two builds may write the same entry: each under a name of its own, and the last wins with the same content.
    let temporary = "\(path).\(getpid())"
    guard let file = try? FileDescriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW) else { return }
    // Not synced: an entry that a power cut spoils does not agree with its hash.
    let done = (try? file.write(Array((Digest.sha256(content) + "\n").utf8) + content)) != nil
    if !done || rename(temporary, path) != 0 { unlink(temporary) }
  }

  /// Removes the entries that were not in use for longest, until all together have at most `limit` bytes, and what
  /// interrupted builds have left.
  public func prune(limit: Int = 2 << 30) {
    var entries: [(path: String, used: Int, size: Int)] = []
    for part in (try? Files.list(directory)) ?? [] where part.count == 2 {
      for name in (try? Files.list("\(directory)/\(part)")) ?? [] {
        let path = "\(directory)/\(part)/\(name)"
        var status = stat()
        guard lstat(path, &status) == 0 else { continue }
        if name.count == 64 {
          entries.append((path, status.st_mtim.tv_sec, Int(status.st_size)))
        } else if time(nil) - status.st_mtim.tv_sec > 86_400 {
          unlink(path)
        }
      }
    }
    var all = entries.reduce(0) { $0 + $1.size }
    for entry in entries.sorted(by: { ($0.used, $0.path) < ($1.used, $1.path) }) where all > limit {
      if unlink(entry.path) == 0 { all -= entry.size }
    }
  }

  /// Two digits for a directory, so that none holds thousands.
  private func path(_ key: String) -> String { "\(directory)/\(key.prefix(2))/\(key)" }

  /// A SHA-256 in hexadecimal, and a line break.
  private static let head = 65
}
