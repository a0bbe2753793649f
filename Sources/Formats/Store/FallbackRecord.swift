import Encoding
import Glibc
import Posix

/// The daemon's record of fallbacks: when it played another kit than the active one, and why. It is a file in the
/// daemon's own directory, so it is kept where the store is read-only and the board keeps no journal.
public struct FallbackRecord: Sendable {
  /// One change.
  public struct Entry: Codable, Equatable, Sendable {
    /// When the daemon noticed it.
    public var time: WallTime
    /// Name and version of the kit that it plays; nil if there is none.
    public var kit: String?
    /// Why the active kit and others are not played, or the state is read from its copy; empty if all is well again.
    public var reasons: [String]

    /// Creates an entry.
    public init(time: WallTime, kit: String?, reasons: [String]) {
      (self.time, self.kit, self.reasons) = (time, kit, reasons)
    }
  }

  private struct Document: Codable {
    static let format = "firstword-fallbacks/1"

    var format = Self.format
    var entries: [Entry]
  }

  private static let name = "fallbacks.json"
  /// Entries that are kept.
  private static let count = 50
  /// Reasons that are kept of one entry, and the characters of each.
  private static let reasons = (count: 8, length: 400)
  /// The maximum size of the file in bytes: its characters may need twelve bytes as JSON writes them.
  private static let limit = 4 << 20

  private let directory: Path

  /// Creates a record in this directory, which exists.
  public init(_ directory: some PathConvertible) { self.directory = Path(directory) }

  /// Returns the entries, the latest last; none if there is no file, or it is damaged.
  public func entries() -> [Entry] {
    do throws(SystemError) {
      let bytes = try Directory(opening: directory).read(Self.name, limit: Self.limit)
      let document = try? Documents.decode(Document.self, from: bytes)
      return document?.format == Document.format ? document?.entries ?? [] : []
    } catch { return [] }
  }

  /// The fallback that lasts; nil if the active kit is played.
  public var current: Entry? { entries().last.flatMap { $0.reasons.isEmpty ? nil : $0 } }

  /// Records what is played now, if that has changed. The file is on the disk when this returns.
  ///
  /// - Parameter reasons: why it is not the active kit; empty if it is.
  public func note(kit: String?, reasons: [String], at time: WallTime = .now) throws(SystemError) {
    let entry = Entry(
      time: time, kit: kit, reasons: reasons.prefix(Self.reasons.count).map { String($0.prefix(Self.reasons.length)) })
    var entries = entries()
    let last = entries.last
    if last == nil ? entry.reasons.isEmpty : (last?.kit, last?.reasons) == (entry.kit, entry.reasons) { return }
    // A change of kit without a fallback is not one.
    if entry.reasons.isEmpty, last?.reasons.isEmpty == true { return }
    entries.append(entry)
    let bytes: [UInt8]
    do throws(DocumentError) {
      bytes = try Documents.encode(Document(entries: entries.suffix(Self.count)))
    } catch { throw SystemError("write", path: directory.appending(Self.name), code: EINVAL) }
    try Directory(opening: directory).replace(Self.name, with: bytes, mode: 0o640)
  }
}
