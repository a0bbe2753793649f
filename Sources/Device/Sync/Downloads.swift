import Channel
import Glibc
import Posix

/// The directory of files that are fetched from a channel: what is whole and verified, and the part of what is not.
///
///     HASH.part       a file on its way
///     NAME            a file that has the length and hashes of the metadata
///
/// A file gets its name when it is verified. What an interrupted program leaves is resumed; of a power cut at most the
/// last 512 KiB are fetched again.
public struct Downloads: Sendable {
  /// The directory.
  public let directory: Path
  /// The bytes after which what has arrived is written to the disk.
  static let syncInterval = 512 << 10
  /// The bytes that stay free on the disk.
  static let margin = 16 << 20

  /// Creates downloads into this directory, which need not exist yet.
  public init(_ directory: some PathConvertible) { self.directory = Path(directory) }

  /// How a file was fetched.
  public struct Result: Equatable, Sendable {
    /// The verified file.
    public var path: Path
    /// The bytes that came from the source; 0 if the file was there.
    public var fetched: Int
  }

  /// Returns the file of a target that was fetched, if its content is still right.
  ///
  /// - Parameter name: its name in the directory.
  public func whole(_ target: ChannelClient.Target, as name: String) -> Path? {
    let path = directory.appending(name)
    guard let file = try? FileDescriptor(opening: path, O_RDONLY | O_NOFOLLOW),
      (try? file.regularFileSize(path: path)) == target.file.length, let hash = try? Self.hash(file, path),
      hash.matches(target.file.hashes)
    else { return nil }
    return path
  }

  /// Fetches a target, or the rest of it.
  ///
  /// - Parameters:
  ///   - name: the name that the file gets in the directory.
  ///   - reserve: bytes that must stay free besides the file's own, for what is done with it.
  ///   - progress: gets the bytes that have arrived.
  /// - Throws: an error for a file that is not the listed one, which is removed; for one that ends early, whose part
  ///   stays; and for a full disk, before anything is fetched.
  public func fetch(
    _ target: ChannelClient.Target, as name: String, from source: some ChannelSource, reserve: Int = 0,
    progress: (Int) -> Void = { _ in }
  ) throws(ChannelError) -> Result {
    if let path = whole(target, as: name) { return Result(path: path, fetched: 0) }
    guard target.file.nameHash != nil else { throw .mismatch(file: target.path) }
    var fetched = 0
    do throws(ChannelError) {
      try transfer(target, as: name, from: source, reserve, &fetched, progress)
    } catch {
      // A part that was resumed may have been another file's, or damaged by a power cut: once from the beginning.
      guard case .mismatch = error, fetched < target.file.length else { throw error }
      try transfer(target, as: name, from: source, reserve, &fetched, progress)
    }
    return Result(path: directory.appending(name), fetched: fetched)
  }

  /// Removes everything but these files and the parts of these targets.
  public func clean(keeping names: Set<String>, partsOf targets: [ChannelClient.Target]) {
    let kept = names.union(targets.compactMap { Self.part(of: $0) })
    guard let place = try? Directory(opening: directory), let found = try? place.list() else { return }
    for name in found where !kept.contains(name) { _ = try? place.remove(name) }
  }

  private static func part(of target: ChannelClient.Target) -> String? { target.file.nameHash.map { $0 + ".part" } }

  private static func hash(_ file: borrowing FileDescriptor, _ path: Path) throws(SystemError) -> TargetHash {
    var (hash, position) = (TargetHash(), 0)
    let size = try file.regularFileSize(path: path)
    while position < size {
      guard let part = try file.read(min(1 << 16, size - position), at: position) else {
        throw SystemError("read", path: path, code: EIO)
      }
      part.withUnsafeBytes { hash.add($0) }
      position += part.count
    }
    return hash
  }

  private func transfer(
    _ target: ChannelClient.Target, as name: String, from source: some ChannelSource, _ reserve: Int,
    _ fetched: inout Int, _ progress: (Int) -> Void
  ) throws(ChannelError) {
    let part = Self.part(of: target) ?? name
    let path = directory.appending(part)
    let length = target.file.length
    // Two programs must not write to one part.
    let file: LockedFile
    var hash: TargetHash
    var position: Int
    do throws(SystemError) {
      try Files.makeDirectory(directory)
      file = try LockedFile(Directory(opening: directory).open(part, O_RDWR | O_CREAT, mode: 0o640), path: path)
      position = try file.descriptor.regularFileSize(path: path)
      let raw = file.descriptor.raw
      if position > length {
        try posix("truncate", path: path) { ftruncate(raw, 0) }
        position = 0
      }
      let free = try Files.free(at: directory)
      if free - Self.margin - reserve < length - position { throw SystemError("fetch", path: path, code: ENOSPC) }
      hash = try Self.hash(file.descriptor, path)
      try posix("seek", path: path) { lseek(raw, 0, SEEK_END) }
    } catch { throw .system(error) }
    let raw = file.descriptor.raw
    var unsynced = 0
    if position < length {
      do throws(ChannelError) {
        try source.target(target.name, from: position, size: length) { (bytes) throws(ChannelError) in
          do throws(SystemError) {
            try file.descriptor.write(contentsOf: bytes)
            unsynced += bytes.count
            if unsynced >= Self.syncInterval {
              try posix("fdatasync", path: path) { fdatasync(raw) }
              unsynced = 0
            }
          } catch { throw .system(error) }
          hash.add(bytes)
          position += bytes.count
          fetched += bytes.count
          progress(position)
        }
      } catch {
        switch error {
        case .mismatch, .tooLong: _ = unlink(path.string)
        default: break
        }
        throw error
      }
      if position < length {
        throw .unavailable(file: target.path, why: "it ended after \(position) of \(length) bytes")
      }
    }
    if position > length || !hash.matches(target.file.hashes) {
      _ = unlink(path.string)
      throw .mismatch(file: target.path)
    }
    do throws(SystemError) {
      try posix("fsync", path: path) { fsync(raw) }
      try Directory(opening: directory).commit(part, as: name)
    } catch { if !error.isUnconfirmed { throw .system(error) } }
  }
}
