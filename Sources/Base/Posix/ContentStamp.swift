import Glibc

/// When a file was written last, and as what: equal stamps mean equal content, unless the file was written twice within
/// the clock's resolution. stat(2)
public struct ContentStamp: Hashable, Sendable, CustomStringConvertible {
  private let number: UInt64
  private let size: Int64
  /// The times of the content and of the entry, in nanoseconds since 1970. Nobody can set the second one back.
  private let content: Int64
  private let entry: Int64

  /// How long after a write, in nanoseconds, the next one may have the same time: the slowest kernel clock ticks every
  /// 10 ms. A file may also be written after `now`, while other stamps are read; one that lies far in the future was
  /// written by another clock, and would be fresh for long.
  private static let resolution: Range<Int64> = -10_000_000_000..<50_000_000

  /// Reads the stamp of a file or directory; nil if there is none. Follows links.
  public init?(_ path: some PathConvertible) {
    var status = stat()
    guard stat(path.description, &status) == 0 else { return nil }
    func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec) }
    number = UInt64(status.st_ino)
    size = Int64(status.st_size)
    content = nanoseconds(status.st_mtim)
    entry = nanoseconds(status.st_ctim)
  }

  /// The numbers, separated by spaces.
  public var description: String { "\(number) \(size) \(content) \(entry)" }

  /// Returns whether the file may have been written again after a reading at a time, with the same stamp.
  ///
  /// - Parameter now: the time before the stamp was read. After a step of the clock the answer may be wrong.
  public func isFresh(at now: WallTime) -> Bool {
    Self.resolution.contains(now.milliseconds &* 1_000_000 &- max(content, entry))
  }
}
