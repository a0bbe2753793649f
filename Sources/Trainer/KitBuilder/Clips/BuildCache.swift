import CLoudness
import COpusEnc
import Encoding
import FoundationEssentials
import Glibc
import Posix

/// Results of long work, kept by a hash of everything that they depend on.
///
/// An entry is written whole or not at all and is verified when it is read, so an interrupted build, a full disk or a
/// damaged file costs time and nothing else.
public struct BuildCache: Sendable {
  /// Where the entries are; created with the first one.
  public let directory: String

  /// Names a cache; nothing is read or created.
  public init(directory: String) { self.directory = directory }

  /// `$XDG_CACHE_HOME/firstword`, else `~/.cache/firstword`; `nil` where neither is known. (XDG Base Directory)
  public static var standard: BuildCache? {
    func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } }
    if let base = value("XDG_CACHE_HOME"), base.hasPrefix("/") { return BuildCache(directory: "\(base)/firstword") }
    return value("HOME").map { BuildCache(directory: "\($0)/.cache/firstword") }
  }

  /// Returns the content kept under a key and marks the entry as used. utimensat(2)
  ///
  /// - Parameter key: 64 hexadecimal digits.
  /// - Returns: `nil` where there is no entry or a damaged one.
  func read(_ key: String) -> [UInt8]? {
    let path = path(key)
    guard let bytes = try? Files.read(path), bytes.count > Self.head else { return nil }
    let content = Array(bytes[Self.head...])
    guard bytes[..<Self.head].elementsEqual(Self.firstLine(content).utf8) else { return nil }
    utimensat(AT_FDCWD, path, nil, 0)
    return content
  }

  /// Keeps the content. A failure is ignored: the content is made again next time.
  func write(_ key: String, _ content: [UInt8]) {
    let path = path(key)
    try? Files.makeDirectory(Path(path).parent)
    // Two builds may write the same entry: each to a file of its own, and the last one wins with the same content.
    let temporary = "\(path).\(getpid())"
    guard let file = try? FileDescriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW) else { return }
    // Not synced: an entry that a power cut damages does not match its hash.
    let done = (try? file.write(Array(Self.firstLine(content).utf8) + content)) != nil
    if !done || rename(temporary, path) != 0 { unlink(temporary) }
  }

  /// Removes the least recently used entries until the rest have at most `limit` bytes, and temporary files that
  /// interrupted builds left more than a day ago.
  public func prune(limit: Int = 2 << 30) {
    guard let root = try? Directory(opening: directory), let parts = try? root.list() else { return }
    var entries: [(part: String, name: String, used: Int, size: Int)] = []
    for part in parts where part.utf8.count == 2 {
      // A link in the place of a directory leads to files of somebody else.
      guard let directory = try? root.directory(part) else { continue }
      for name in (try? directory.list()) ?? [] {
        var status = stat()
        guard let file = try? directory.open(name, O_RDONLY), fstat(file.raw, &status) == 0,
          status.st_mode & S_IFMT == S_IFREG
        else { continue }
        if name.utf8.count == 64 {
          entries.append((part, name, status.st_mtim.tv_sec, Int(status.st_size)))
        } else if time(nil) - status.st_mtim.tv_sec > 86_400 {
          _ = try? directory.remove(name)
        }
      }
    }
    var all = entries.reduce(0) { $0 + $1.size }
    for entry in entries.sorted(by: { ($0.used, $0.name) < ($1.used, $1.name) }) where all > limit {
      if (try? root.directory(entry.part).remove(entry.name)) == true { all -= entry.size }
    }
  }

  /// Two digits name a directory, so that none holds thousands of entries.
  private func path(_ key: String) -> String { "\(directory)/\(key.prefix(2))/\(key)" }

  /// Bytes of an entry's first line.
  private static let head = 65

  /// Returns an entry's first line: the content's BLAKE2b-256 in hexadecimal, and a line break.
  private static func firstLine(_ content: [UInt8]) -> String {
    var hash = RunningBLAKE2b()
    content.withUnsafeBytes { hash.add($0) }
    return hash.hexadecimal() + "\n"
  }
}

// MARK: - Values

extension BuildCache {
  /// A value and the bytes that were kept with it.
  func value<Value: Decodable>(_ type: Value.Type, _ key: String) -> (value: Value, bytes: [UInt8])? {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: Self.infinity, negativeInfinity: "-" + Self.infinity, nan: Self.notANumber)
    guard let content = read(key), let end = content.firstIndex(of: 0x0A),
      let value = try? decoder.decode(type, from: Data(content[..<end]))
    else { return nil }
    return (value, Array(content[(end + 1)...]))
  }

  /// Keeps a value as one line of JSON, followed by the bytes.
  func keep(_ value: some Encodable, with bytes: [UInt8] = [], under key: String) {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: Self.infinity, negativeInfinity: "-" + Self.infinity, nan: Self.notANumber)
    guard let line = try? encoder.encode(value) else { return }
    write(key, Array(line) + [0x0A] + bytes)
  }

  /// The level of digital silence is minus infinity, for which JSON has no number.
  private static let infinity = "inf"
  private static let notANumber = "nan"

  /// The versions of the libraries and the identity of this program, which are part of every key: another program or
  /// library may make something else of the same input.
  static let makers: String = {
    var program = stat()
    stat("/proc/self/exe", &program)
    var (major, minor, patch): (CInt, CInt, CInt) = (0, 0, 0)
    ebur128_get_version(&major, &minor, &patch)
    let libraries = [
      String(cString: opus_get_version_string()), String(cString: ope_get_version_string()),
      "\(major).\(minor).\(patch)",
    ]
    return libraries.joined(separator: "/") + "/\(program.st_size)/\(program.st_mtim.tv_sec).\(program.st_mtim.tv_nsec)"
  }()
}
