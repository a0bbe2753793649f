import Encoding
import Glibc
import Kit
import Posix

/// The journal on disk, for its writer. A line is written at once; a thread of its own syncs it.
///
/// A journal that cannot be written stops nothing: the failure is reported once and retried with later events, and
/// when writing works again, a line says how many are missing.
///
/// `PATH` is the file that grows. A full file is renamed to `PATH.NUMBER`, the number of its last line in ten digits,
/// and keeps that name; the next file begins with a line `continued`, and the chain goes on.
///
/// The calls block as long as write(2) and rename(2) do; `JournalThread` keeps them away from the press loop.
public final class JournalFile {
  /// How much is kept.
  public struct Policy: Equatable, Sendable {
    /// Maximum size of all files together, in bytes.
    public var size: Int
    /// Days after which a line is removed, a day later at the latest; nil for no limit.
    public var days: Int?

    /// Creates a policy; without arguments 20 MB and no limit of days.
    public init(size: Int = 20_000_000, days: Int? = nil) {
      self.size = size
      self.days = days
    }

    /// Maximum size of one file. Files are removed as a whole, so a journal has several.
    var fileSize: Int { size / 8 }
  }

  /// Path of the file that grows.
  public let path: String
  private let policy: Policy
  private let report: (String) -> Void
  private let syncing: SyncThread
  private let thread: Thread
  /// Nil while the journal cannot be written.
  private var file: OpenFile?
  private var end = JournalTail()
  /// The kit that is played: a new file repeats it.
  private var kit: JournalKit?
  /// Why the journal cannot be written; reported once.
  private var fault: SystemError?
  /// What failed after writing; reported once. Lines may be lost with the power.
  private var syncFault: SystemError?
  /// Why the last line cannot be signed; reported once.
  private var signFault: SystemError?
  /// The head that was signed last, before it was compared with the journal.
  private var unproven: JournalHeads.Head?
  /// Whether ends are signed.
  private let isSigned: Bool
  /// Lines that could not be written since `fault` began.
  private var lost = 0
  /// Before this moment a failed journal is not retried.
  private var retry = Monotonic(nanoseconds: .min)
  /// When old files were last looked for, by the wall clock.
  private var lastCleanup: WallTime?
  /// Files that are being removed, or could not be yet.
  private var condemned: Set<String> = []

  private struct OpenFile {
    let handle: LockedFile
    let device: dev_t
    let inode: ino_t
    var size: Int
    /// Time of its first line.
    var begun: WallTime?
  }

  /// The last entries that the journal held when it was opened, the latest last.
  public private(set) var latest: [JournalEntry] = []

  /// Opens or creates the journal and goes on after its last line.
  ///
  /// - Parameters:
  ///   - path: The file that grows.
  ///   - policy: How much is kept.
  ///   - key: The device's key, which signs the journal's ends: the first line of a run, the last one a minute later at
  ///     the latest, that of each full file, and that of the run (`JournalHeads`). Nil to sign none.
  ///   - moment: The present moment.
  ///   - report: Called with a line for people if the journal cannot be written, or is written again; on the thread
  ///     that calls `append`.
  /// - Throws: Only if no thread can be created. A journal that cannot be opened is a `failure`.
  public init(
    path: String, policy: Policy = Policy(), signedBy key: SecretKey? = nil, at moment: JournalMoment = .now,
    report: @escaping (String) -> Void
  ) throws(SystemError) {
    self.path = path
    self.policy = policy
    self.report = report
    isSigned = key != nil
    let signer = key.map { JournalSigner($0, journal: path) }
    let syncing = try SyncThread(directory: Path(path).parent.string, signer: signer)
    self.syncing = syncing
    thread = try Thread("journal-sync") { syncing.run() }
    unproven = signer?.latest
    if unproven == nil { syncing.proveHead() }
    do throws(SystemError) { try prepare(at: moment) } catch { fail(error, at: moment) }
  }

  /// Compares the line that was signed last with the journal as it was found. A journal that was written anew meanwhile
  /// would else be signed as if it were the device's own.
  ///
  /// - Parameter path: path of the file that has the last line.
  private func compareHead(with path: String) {
    guard let signed = unproven else { return }
    unproven = nil
    var found: String?
    if end.number == signed.number {
      found = end.hash
    } else if let file = try? FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK),
      let size = try? file.regularFileSize(path: path)
    {
      found = (try? JournalTail.hash(ofLine: signed.number, in: file, size: size, last: end.number)) ?? nil
    }
    if found == signed.hash {
      syncing.proveHead()
    } else {
      let why = found == nil ? "it is not at the end of the journal" : "it is another one now"
      report(
        "\(self.path): line \(signed.number) was signed at \(signed.time), and \(why): the journal was changed while the "
          + "device did not write it, or the disk lost lines; its signature is kept beside the later ones")
    }
  }

  /// Returns when everything is synced.
  deinit {
    syncing.order { $0.quit = true }
    thread.join()
  }

  /// Number and hash of the last line; nil for a journal without lines.
  public var head: (number: Int, hash: String)? { end.number > 0 ? (end.number, end.hash) : nil }

  /// Why the journal cannot be written or synced now; nil if it can.
  public var failure: String? { (fault ?? syncFault).map { "\($0)" } }

  /// Appends a line.
  ///
  /// A failure does not throw: the line counts as lost, and a later line says how many were.
  public func append(_ event: JournalEvent, at moment: JournalMoment = .now) {
    if let kit = event.kit { self.kit = kit }
    do throws(SystemError) {
      if let fault, moment.monotonic < retry { throw fault }
      try prepare(at: moment)
      try recover(at: moment)
      try write(event, at: moment)
      if lastCleanup.map({ abs(moment.wall.since($0)) >= WallTime.day }) ?? true { try removeOld(at: moment) }
    } catch {
      lost += 1
      fail(error, at: moment)
    }
  }

  /// Records that lines did not reach the file because its disk was too slow: as a full disk does, with a line that
  /// says how many are missing.
  public func skip(_ count: Int, at moment: JournalMoment = .now) {
    lost += count
    let error = SystemError("queue", path: path, code: ENOBUFS)
    if fault == nil {
      fault = error
      report("\(path): the journal's disk is too slow (\(error.cause)); the device continues without some lines")
    }
    do throws(SystemError) {
      try prepare(at: moment)
      try recover(at: moment)
    } catch { fail(error, at: moment) }
  }

  /// A descriptor for poll(2): readable when a sync has failed and `check` should be called.
  var alarm: CInt? { syncing.failed.descriptor }

  /// Tries whether a failure is over, without a line of its own, and looks for failures of earlier syncs.
  public func check(at moment: JournalMoment = .now) {
    syncing.failed.clear()
    do throws(SystemError) {
      if fault != nil { try prepare(at: moment) }
      try recover(at: moment)
    } catch { fail(error, at: moment) }
    // Wakes the thread: what it could not do is tried again.
    if syncFault != nil { syncing.order { _ in } }
  }

  private func fail(_ error: SystemError, at moment: JournalMoment) {
    if moment.monotonic >= retry { retry = moment.monotonic.adding(milliseconds: 1000) }
    if fault != nil { return }
    fault = error
    let why =
      switch error.code {
      case EWOULDBLOCK: "another program writes to it; give each device a journal of its own"
      case EPROTONOSUPPORT:
        "a later version wrote it, and this one writes the format \(JournalEntry.currentFormat); move it away, or use "
          + "the later firstwordd"
      default: error.cause
      }
    report("\(path): the journal cannot be written (\(why)); the device continues without it and retries")
  }

  /// Opens the file unless it is open and in its place, and begins the next one if it is full.
  private func prepare(at moment: JournalMoment) throws(SystemError) {
    if let file, !isInPlace(file) { self.file = nil }
    if file == nil { try open(at: moment) }
    guard let file, file.size > 0 else { return }
    let isOld = policy.days != nil && file.begun.map { moment.wall.since($0) >= WallTime.day } ?? false
    if file.size >= policy.fileSize || isOld { try rotate(at: moment) }
  }

  /// After a failure, writes how many lines are missing. Takes over how the syncs went.
  private func recover(at moment: JournalMoment) throws(SystemError) {
    let syncError = syncing.fault
    if syncFault == nil, let syncError {
      report("\(path): the journal is written, but a power cut may lose its last lines (\(syncError))")
    } else if syncFault != nil, syncError == nil {
      report("\(path): the journal is synced again")
    }
    syncFault = syncError
    let signError = syncing.signFault
    if signFault == nil, let signError {
      report("\(path): the journal is written, but its last line cannot be signed (\(signError)); this is retried")
    }
    signFault = signError
    guard let failed = fault else { return }
    if lost > 0 { try write(.gap("\(lost) lines: \(failed.cause)"), at: moment) }
    report("\(path): the journal is written again; \(lost) lines are missing")
    fault = nil
    lost = 0
  }

  /// Whether the path still names the open file. stat(2)
  private func isInPlace(_ file: OpenFile) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_dev == file.device && status.st_ino == file.inode
  }

  private func open(at moment: JournalMoment) throws(SystemError) {
    let handle = try LockedFile(opening: path, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK, mode: 0o640)
    var status = stat()
    try posix("stat", path: path) { fstat(handle.descriptor.raw, &status) }
    let size = try handle.descriptor.regularFileSize(path: path)
    syncing.order { $0.directory = true }
    var file = OpenFile(handle: handle, device: status.st_dev, inode: status.st_ino, size: size)
    if size > 0 {
      end = try JournalTail(of: handle.descriptor, size: size)
      // Lines of this version would not continue what a later one means.
      if end.isOfLaterFormat { throw SystemError("read", path: path, code: EPROTONOSUPPORT) }
      file.begun = try JournalTail.firstEntry(of: handle.descriptor, size: size)?.wall
    } else if end.number == 0, let last = closedFiles().last {
      // The power was cut between two files.
      end = (try? JournalTail(path: last.path)) ?? end
      compareHead(with: last.path)
    }
    compareHead(with: path)
    self.file = file
    if lastCleanup == nil {
      latest = end.entries
      lastCleanup = end.entries.last?.wall
    }
    if end.isOpen {
      end.isOpen = false
      try append([0x0A])
      if let torn = end.torn { try write(.torn("\(torn) bytes"), at: moment) }
    }
  }

  /// Begins the next file.
  private func rotate(at moment: JournalMoment) throws(SystemError) {
    let closed = "\(path).\(Self.digits(end.number))"
    if Files.exists(closed) { return }
    try posix("rename", path: path) { rename(path, closed) }
    // Syncs the old file before the lines of the next one.
    let handle = file?.handle
    let last = JournalSigner.End(number: end.number, hash: end.hash, closes: true)
    let isSigned = isSigned
    syncing.order { orders in
      if let handle { orders.files.append(handle) }
      if isSigned { orders.ends.append(last) }
    }
    file = nil
    try open(at: moment)
    try write(.continued(kit), at: moment)
    try removeOld(at: moment)
  }

  /// Removes files that are too old, or too much, after a line has said so.
  ///
  /// A clock that was set wrong must not remove a journal: a file that is too old must have been so at the last cleanup
  /// too, a day or a start ago.
  private func removeOld(at moment: JournalMoment) throws(SystemError) {
    let now = min(moment.wall, lastCleanup ?? moment.wall)
    lastCleanup = moment.wall
    let closed = closedFiles()
    var size = closed.reduce(0) { $0 + $1.size }
    var removal: JournalRemoval?
    var paths: [String] = []
    for old in closed {
      let isTooMuch = size > policy.size - 2 * policy.fileSize
      guard isTooMuch || policy.days != nil, let tail = try? JournalTail(path: old.path) else { break }
      let age = tail.entries.last?.wall.map { now.since($0) } ?? 0
      guard isTooMuch || policy.days.map({ age > Int64($0) * WallTime.day }) ?? false else { break }
      removal = JournalRemoval(through: tail.number, hash: tail.hash, reason: isTooMuch ? .size : .days)
      paths.append(old.path)
      size -= old.size
    }
    guard let removal else { return }
    try write(.removed(removal), at: moment)
    condemned.formUnion(paths)
    syncing.order {
      $0.removals += paths
      $0.removed = removal.through
    }
  }

  /// Returns the full files, oldest first.
  private func closedFiles() -> [(path: String, size: Int)] {
    let directory = Path(path).parent
    let prefix = Path(path).lastComponent + "."
    let names = ((try? Files.list(directory)) ?? []).filter { name in
      name.hasPrefix(prefix) && name.utf8.count == prefix.utf8.count + Self.digitCount
        && name.dropFirst(prefix.count).utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
    return names.compactMap { name in
      var status = stat()
      let path = directory.appending(name).string
      if condemned.contains(path) { return nil }
      return stat(path, &status) == 0 ? (path, Int(status.st_size)) : nil
    }
  }

  private static let digitCount = 10

  private static func digits(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digitCount - text.count)) + text
  }

  private func write(_ event: JournalEvent, at moment: JournalMoment) throws(SystemError) {
    let entry = JournalEntry(number: end.number + 1, previous: end.hash, at: moment, event.trimmed)
    // Encoding fails for no value that an entry can have.
    guard let line = try? entry.line() else { return }
    try append(line + [0x0A])
    end.number += 1
    end.hash = Digest.sha256(line)
    if isSigned {
      let last = JournalSigner.End(number: end.number, hash: end.hash)
      syncing.order { orders in
        orders.ends.removeAll { !$0.closes }
        orders.ends.append(last)
      }
    }
    if file?.begun == nil { file?.begun = moment.wall }
  }

  /// Writes all bytes or none, as far as the disk permits.
  private func append(_ bytes: [UInt8]) throws(SystemError) {
    guard let file else { return }
    do throws(SystemError) { try file.handle.descriptor.write(bytes) } catch {
      // If the rest cannot be removed, the file is opened anew, and the torn line is reported.
      if ftruncate(file.handle.descriptor.raw, off_t(file.size)) != 0 { self.file = nil }
      throw error
    }
    self.file?.size += bytes.count
    syncing.order { if $0.files.last !== file.handle { $0.files.append(file.handle) } }
  }
}
