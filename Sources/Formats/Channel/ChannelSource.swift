import Glibc
import Posix

/// A mirror of a channel: a web server, a stick, or a directory.
public protocol ChannelSource {
  /// Returns a file of `metadata`; nil if there is none.
  ///
  /// - Parameter limit: the maximum size in bytes; the rest of a longer file is not read.
  func metadata(_ name: String, limit: Int) throws(ChannelError) -> [UInt8]?

  /// Reads a file of `targets` from an offset to its end.
  ///
  /// - Parameters:
  ///   - name: the path below `targets`.
  ///   - offset: the number of bytes that are left out.
  ///   - size: the size of the whole file; what follows is not read.
  ///   - sink: gets the bytes in their order; each buffer is valid during the call.
  func target(
    _ name: String, from offset: Int, size: Int, into sink: (UnsafeRawBufferPointer) throws(ChannelError) -> Void
  ) throws(ChannelError)
}

/// A mirror in a directory: a stick, or another mount.
public struct DirectorySource: ChannelSource {
  /// The directory, with `metadata` and `targets` in it.
  public let directory: Path

  /// Creates a source of this directory.
  public init(_ directory: some PathConvertible) { self.directory = Path(directory) }

  /// Returns a file of `metadata`; nil if there is none.
  public func metadata(_ name: String, limit: Int) throws(ChannelError) -> [UInt8]? {
    // A stick that is not there is not a channel without this file.
    let failure = { (error: SystemError) -> ChannelError in .unavailable(file: name, why: "\(error)") }
    let place = try mapError(failure, Directory(opening: directory.appending("metadata")))
    do throws(SystemError) { return try place.read(name, limit: limit) } catch {
      if error.code == ENOENT { return nil }
      if error.code == EFBIG { throw .tooLong(file: name, limit: limit) }
      throw .unavailable(file: name, why: "\(error)")
    }
  }

  /// Reads a file of `targets` from an offset to its end. Links on the way are not followed.
  public func target(
    _ name: String, from offset: Int, size: Int, into sink: (UnsafeRawBufferPointer) throws(ChannelError) -> Void
  ) throws(ChannelError) {
    let failure = { (error: SystemError) -> ChannelError in
      error.code == ENOENT ? .missing(file: name) : .unavailable(file: name, why: "\(error)")
    }
    let file = try mapError(failure, open(name, at: offset))
    var left = size - offset
    while left > 0 {
      let part: [UInt8]
      do throws(SystemError) { part = try file.read(atMost: min(1 << 16, left)) } catch {
        throw .unavailable(file: name, why: "\(error)")
      }
      if part.isEmpty { return }
      left -= part.count
      var failure: ChannelError?
      part.withUnsafeBytes { buffer in
        do throws(ChannelError) { try sink(buffer) } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }

  private func open(_ name: String, at offset: Int) throws(SystemError) -> FileDescriptor {
    let file = try Self.open(name[...], in: try Directory(opening: directory.appending("targets")))
    _ = try file.regularFileSize(path: name)
    let raw = file.raw
    try posix("seek", path: name) { lseek(raw, off_t(offset), SEEK_SET) }
    return file
  }

  private static func open(_ path: Substring, in place: borrowing Directory) throws(SystemError) -> FileDescriptor {
    guard let slash = path.firstIndex(of: "/") else { return try place.open(String(path), O_RDONLY) }
    let inner = try place.directory(String(path[..<slash]))
    return try open(path[path.index(after: slash)...], in: inner)
  }
}
