import Channel
import Encoding
import Glibc
import Posix

/// A copy of the channel for neighbours on the local network, in the layout of a mirror:
///
///     mirror/metadata/     the roots since the device's first one, and the current metadata
///     mirror/targets/      the kits and lists that the device follows
///
/// Any server of static files can offer it. It has verified files only; neighbours verify them again.
struct ServedTree {
  /// The directory.
  let directory: Path

  private var metadata: Path { directory.appending("metadata") }
  private var targets: Path { directory.appending("targets") }

  /// Creates a tree at this path, which need not exist yet.
  init(_ directory: Path) { self.directory = directory }

  // MARK: - Files

  /// Returns whether the tree has a target, with the content that the metadata says.
  func has(_ target: ChannelClient.Target) -> Bool { Downloads(targets).whole(target, as: target.name) != nil }

  /// Adds a verified file as a target.
  func add(_ file: Path, as target: ChannelClient.Target) throws(SystemError) {
    let path = targets.appending(target.name)
    let place = path.parent
    try Files.makeDirectory(place)
    // The name of a target has its hash: another content is a damaged one.
    _ = unlink(path.string)
    do throws(SystemError) {
      try posix("link", path: path) { link(file.string, path.string) }
    } catch {
      // A file system without links.
      guard error.code == EPERM || error.code == EOPNOTSUPP || error.code == EMLINK else { throw error }
      let source = try FileDescriptor(opening: file, O_RDONLY | O_NOFOLLOW)
      let part = ".\(path.lastComponent).part"
      let directory = try Directory(opening: place)
      let copy = try directory.create(part, mode: 0o640)
      try source.copy(try source.regularFileSize(path: file), to: copy, path: file)
      let raw = copy.raw
      try posix("fsync", path: path) { fsync(raw) }
      try directory.commit(part, as: path.lastComponent)
    }
  }

  /// Removes all targets but these, and the directories that are empty then.
  func clean(keeping kept: [ChannelClient.Target]) { clean(targets, "", Set(kept.map(\.name))) }

  private func clean(_ place: Path, _ prefix: String, _ kept: Set<String>) {
    guard let directory = try? Directory(opening: place), let names = try? directory.list() else { return }
    for name in names {
      let path = prefix + name
      if (try? directory.kind(of: name)) == .directory {
        if kept.contains(where: { $0.hasPrefix("\(path)/") }) {
          clean(place.appending(name), "\(path)/", kept)
        } else {
          clean(place.appending(name), "\(path)/", [])
          _ = try? directory.removeDirectory(name)
        }
      } else if !kept.contains(path) {
        _ = try? directory.remove(name)
      }
    }
  }

  // MARK: - Metadata

  /// Copies the trusted metadata, the timestamp last: a neighbour finds the old state or the new one.
  ///
  /// Each file is what a device with only the first root would ask a mirror for, and verified as it would be there.
  ///
  /// - Parameters:
  ///   - root: the root that the device's owner trusts.
  ///   - folder: the trusted metadata.
  ///   - source: the mirror that it came from; it is asked for roots that the tree lacks.
  func publish(
    root: [UInt8], from folder: MetadataFolder, _ source: some ChannelSource, now: WallTime
  ) throws(ChannelError) {
    var client = try ChannelClient(trustedRoot: root, now: now, expiry: .warn) { _ in nil }
    client.searchAll()
    guard let last = folder.read("root.json") else { throw .missing(file: "root.json") }
    let rootVersion = try ChannelClient(trustedRoot: last, now: now, expiry: .warn) { _ in nil }.rootVersion
    var files = [(name: ChannelName.metadata("root", version: client.rootVersion), bytes: root)]
    while let request = client.request {
      let bytes: [UInt8]?
      do throws(ChannelError) {
        bytes = try file(request, client.isComplete, rootVersion, last, folder, source)
      } catch {
        client.fail(error)
        if client.isComplete && error != .interrupted { continue }
        throw error
      }
      do throws(ChannelError) {
        _ = try client.receive(bytes)
        if let bytes { files.append((request.file, bytes)) }
      } catch { if !client.isComplete { throw error } }
    }
    do throws(SystemError) {
      try Files.makeDirectory(metadata)
      let place = try Directory(opening: metadata)
      let names = Set(files.map(\.name))
      // What a neighbour may be reading stays until the next state.
      let before = try place.list()
      let current = files.filter { $0.name != "timestamp.json" } + files.filter { $0.name == "timestamp.json" }
      for (name, bytes) in current where (try? place.read(name, limit: bytes.count)) != bytes {
        try place.replace(name, with: bytes)
      }
      for name in before where !names.contains(name) && !Self.isPrevious(name, among: before, names) {
        try place.remove(name)
      }
    } catch { throw .system(error) }
  }

  private func file(
    _ request: ChannelClient.Request, _ isComplete: Bool, _ rootVersion: Int, _ root: [UInt8],
    _ folder: MetadataFolder, _ source: some ChannelSource
  ) throws(ChannelError) -> [UInt8]? {
    let (version, name) = Self.parts(of: request.file)
    guard name == "root.json", let version else {
      // The trusted files belong together. A delegated role's may be older than the snapshot says.
      if let bytes = folder.read(name) { return bytes }
      throw .missing(file: request.file)
    }
    if version == rootVersion { return root }
    if version > rootVersion { return nil }
    if let place = try? Directory(opening: metadata), let own = try? place.read(request.file, limit: request.limit) {
      return own
    }
    return try source.metadata(request.file, limit: request.limit)
  }

  /// Returns the version and the rest of a name: `5.snapshot.json` is 5 and `snapshot.json`.
  private static func parts(of name: String) -> (version: Int?, name: String) {
    guard let dot = name.firstIndex(of: "."), let version = Int(name[..<dot]) else { return (nil, name) }
    return (version, String(name[name.index(after: dot)...]))
  }

  /// Returns whether a file is the latest of its role before the current one.
  private static func isPrevious(_ name: String, among all: [String], _ current: Set<String>) -> Bool {
    let (version, role) = parts(of: name)
    guard let version else { return false }
    return !all.contains { other in
      let (later, its) = parts(of: other)
      return its == role && (later ?? 0) > version && !current.contains(other)
    }
  }
}
