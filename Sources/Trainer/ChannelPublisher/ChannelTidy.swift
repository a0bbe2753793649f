import Channel
import Distribution
import Encoding
import Glibc
import Kit
import Posix

extension ChannelFolder {
  /// Adds a publisher's key rotation to what a role offers: devices that trust the old key take it, as from a stick.
  ///
  /// - Parameters:
  ///   - path: the statement of 'firstword rekey'; `PATH.minisig` is its signature.
  ///   - trusted: the old key, among others.
  /// - Throws: `SignedFileError` if none of these keys signed it; `.content` if the role offers another successor of the
  ///   same key.
  public func add(
    rotation path: String, to role: String = "targets", trustedBy trusted: TrustedKeys, now: WallTime
  ) throws -> Addition {
    guard let targets = state.next(role), state.publishers.contains(role) else {
      throw PublisherError.unknownRole(role)
    }
    let document = try SignedDocument(reading: path)
    let rotation = try KeyRotation.read(document, trustedBy: trusted).rotation
    guard let new = rotation.newKey?.id.description else { throw PublisherError.unknownRole(role) }
    let signature = try Files.read(SignedFile.signature(of: path), limit: SignedDocument.signatureLimit)
    let name = place("rotation-\(rotation.old).json", role)
    if let other = targets.targets[name], case .rotation(_, let successor) = TargetContent(custom: other.custom) {
      if successor == new, other.hashes["sha256"] == Digest.sha256(document.bytes) { return .known(name) }
      throw PublisherError.content(
        path: path,
        why: "the channel offers \(successor) as the successor of \(rotation.old) already; remove that first")
    }
    try offer(document.bytes, signature, as: name, .rotation(old: rotation.old, new: new), by: role, now: now)
    return .added(name)
  }

  /// Files that `tidy` has removed, or would.
  public struct Tidying: Equatable, Sendable {
    /// The paths of the files in the channel's directory.
    public var files: [String] = []
    /// Their size in bytes.
    public var bytes = 0
  }

  /// Removes what readers no longer need: files that no target names any more, and metadata that was replaced. Roots stay:
  /// a device that was off for years follows them one after another. What was made shortly before `now` stays too, for
  /// readers and mirrors that are in the middle of something.
  ///
  /// - Parameters:
  ///   - days: what is younger stays.
  ///   - isTrial: whether nothing is removed.
  /// - Throws: `.content` for a channel that has published nothing.
  public func tidy(days: Int = 7, isTrial: Bool = false, now: WallTime) throws -> Tidying {
    guard let snapshot = state.snapshot?.role else {
      throw PublisherError.content(path: path.string, why: "nothing is published yet, so nothing is left over")
    }
    var tidying = Tidying()
    var current = ["snapshot": snapshot.version]
    for (name, file) in snapshot.meta { current[String(name.dropLast(5))] = file.version }
    var old: [Path] = []
    for name in try Files.list(path.appending(Name.metadata)) {
      let parts = name.split(separator: ".", maxSplits: 1)
      guard parts.count == 2, let version = Int(parts[0]), parts[1].hasSuffix(".json"),
        let newest = current[String(parts[1].dropLast(5))], version < newest
      else { continue }
      old.append(path.appending(Name.metadata).appending(name))
    }
    var needed: Set<String> = []
    for role in Array(state.roles.values) + Array(state.drafts.values) {
      for (target, file) in role.role.targets {
        needed.insert(ChannelName.target(target, hash: file.nameHash))
      }
    }
    old += try files(in: "").filter { !needed.contains($0) }.map { path.appending(Name.targets).appending($0) }
    for file in old {
      var status = stat()
      guard lstat(file.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      let age = now.milliseconds / 1000 - Int64(status.st_mtim.tv_sec)
      if age < Int64(days) * WallTime.day / 1000 { continue }
      if !isTrial {
        try willWrite(file.string)
        try posix("remove", path: file) { unlink(file.string) }
      }
      tidying.files.append(String(file.string.dropFirst(path.string.utf8.count + 1)))
      tidying.bytes += Int(status.st_size)
    }
    return tidying
  }

  /// Returns the files below `targets`, as paths from there. Links are not followed.
  private func files(in directory: String) throws -> [String] {
    let place = directory.isEmpty ? path.appending(Name.targets) : path.appending(Name.targets).appending(directory)
    var found: [String] = []
    for name in try Files.list(place) {
      let inner = directory.isEmpty ? name : "\(directory)/\(name)"
      var status = stat()
      guard lstat(place.appending(name).string, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: found += try files(in: inner)
      case S_IFREG: found.append(inner)
      default: break
      }
    }
    return found
  }
}
