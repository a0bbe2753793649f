import Channel
import Glibc
import Kit
import KitDelta
import Posix

extension Downloads {
  /// What a rebuilt file cost.
  struct Rebuilt {
    /// The requests.
    var requests: Int
    /// The bytes that came from the source.
    var bytes: Int
  }

  /// Returns whether a part of a target has arrived, so that the rest of it is cheaper than another way.
  func hasBegun(_ target: ChannelClient.Target) -> Bool {
    guard let hash = target.file.nameHash else { return false }
    let path = directory.appending(hash + ".part")
    guard let file = try? FileDescriptor(opening: path, O_RDONLY | O_NOFOLLOW) else { return false }
    return ((try? file.regularFileSize(path: path)) ?? 0) > 0
  }

  /// Rebuilds a kit from others and the clips that they lack.
  ///
  /// - Parameters:
  ///   - name: the name that the file gets in the directory.
  ///   - kits: the kits on the device.
  ///   - reserve: bytes that must stay free besides the file's own.
  /// - Returns: nil where the whole file is to be fetched: nothing of the attempt stays.
  /// - Throws: the source's error.
  func rebuild(
    _ target: ChannelClient.Target, as name: String, from source: MirrorFile, using kits: [KitFile], reserve: Int
  ) throws(ChannelError) -> Rebuilt? {
    guard let sha256 = target.file.hashes["sha256"] else { return nil }
    let temporary = "\(sha256).delta"
    let path = directory.appending(temporary)
    var source = source
    do {
      try Files.makeDirectory(directory)
      if try Files.free(at: directory) - Self.margin - reserve < target.file.length { return nil }
      let file = try Directory(opening: directory).create(temporary, mode: 0o640)
      let result = try KitDelta.rebuild(
        size: target.file.length, sha256: sha256, from: &source, using: kits, into: file)
      guard case .rebuilt(let requests, let bytes) = result else {
        unlink(path.string)
        return nil
      }
      let raw = file.raw
      try posix("fsync", path: path) { fsync(raw) }
      try Directory(opening: directory).commit(temporary, as: name)
      guard whole(target, as: name) != nil else { return nil }
      return Rebuilt(requests: requests, bytes: bytes)
    } catch {
      unlink(path.string)
      if let error = error as? ChannelError { throw error }
      return nil
    }
  }
}
