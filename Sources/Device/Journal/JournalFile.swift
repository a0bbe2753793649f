import Encoding
import Glibc
import Posix

/// The journal on disk, written. A line is appended at once, and brought to the card by a thread of its own, so that a
/// slow SD card never holds up a press.
///
/// A journal that cannot be written stops nothing: that is told once, tried again with later events, and when it works
/// again a line says how many are missing.
///
/// `PATH` is the file that grows. One that is full is renamed to `PATH.NUMBER`, the number of its last line in ten
/// digits, and keeps that name; the next begins with a line `continued`, and the chain goes on.
public final class JournalFile {
  /// How much is kept.
  public struct Policy: Equatable, Sendable {
    /// Bytes of all files together.
    public var size: Int
    /// After which a line is removed, a day later at the most; nil for no limit.
    public var days: Int?

    public init(size: Int = 20_000_000, days: Int? = nil) {
      self.size = size
      self.days = days
    }

    /// Files are removed as a whole, so there are some.
    var fileSize: Int { size / 8 }
  }

  public let path: String
  private let policy: Policy
  private let say: (String) -> Void
  private let disk: JournalDisk
  private let thread: Thread
  /// Nil while it cannot be written.
  private var file: OpenFile?
  private var end = JournalTail()
  /// Of the kit that is played: a new file says it again.
  private var kit: String?
  private var signer: String?
  /// What is wrong, told once.
  private var fault: SystemError?
  /// What went wrong behind the writing, told once; lines may be lost with the power.
  private var diskFault: SystemError?
  private var lost = 0
  private var retry = Monotonic(nanoseconds: .min)
  /// By the wall clock, as of the last look at what is too old.
  private var lastLook: WallTime?
  /// Files that are being removed, or could not be: that is tried again after the next start.
  private var doomed: Set<String> = []

  private struct OpenFile {
    let handle: LockedFile
    let device: dev_t
    let inode: ino_t
    var size: Int
    /// Time of its first line.
    var begun: WallTime?
  }

  /// The entries that stood at the end when it was opened, the latest last.
  public private(set) var latest: [JournalEntry] = []

  /// Opens or makes it, and goes on where it ends; throws only where no thread can be made.
  ///
  /// - Parameter say: gets a line for people where it cannot be written.
  public init(
    path: String, policy: Policy = Policy(), at moment: JournalMoment = .now, say: @escaping (String) -> Void
  ) throws(SystemError) {
    self.path = path
    self.policy = policy
    self.say = say
    let disk = try JournalDisk(directory: Path(path).parent.string)
    self.disk = disk
    thread = try Thread("journal") { disk.run() }
    do throws(SystemError) { try makeReady(at: moment) } catch { fail(error, at: moment) }
  }

  /// Everything is on the disk when it ends.
  deinit {
    disk.order { $0.quit = true }
    thread.join()
  }

  /// Number and hash of the last line; nil for a journal without lines.
  public var head: (number: Int, hash: String)? { end.number > 0 ? (end.number, end.hash) : nil }

  /// Why it cannot be written now.
  public var failure: String? { (fault ?? diskFault).map { "\($0)" } }

  /// Appends a line of what its event may hold.
  public func append(_ content: JournalContent, at moment: JournalMoment = .now) {
    if content.kit != nil { (kit, signer) = (content.kit, content.signer) }
    do throws(SystemError) {
      if let fault, moment.monotonic < retry { throw fault }
      try makeReady(at: moment)
      try recover(at: moment)
      try write(content, at: moment)
      if lastLook.map({ abs(moment.wall.since($0)) >= WallTime.day }) ?? true { try keepHouse(at: moment) }
    } catch {
      lost += 1
      fail(error, at: moment)
    }
  }

  private func fail(_ error: SystemError, at moment: JournalMoment) {
    if moment.monotonic >= retry { retry = moment.monotonic.adding(milliseconds: 1000) }
    if fault != nil { return }
    fault = error
    let why =
      error.code == EWOULDBLOCK ? "another program writes to it; give each device a journal of its own" : error.cause
    say("\(path): the journal cannot be written (\(why)); the device goes on without it and tries again")
  }

  /// The file is open, in its place, not full, and its end is known.
  private func makeReady(at moment: JournalMoment) throws(SystemError) {
    if let file, !isInPlace(file) { self.file = nil }
    if file == nil { try open(at: moment) }
    guard let file, file.size > 0 else { return }
    let isOld = policy.days != nil && file.begun.map { moment.wall.since($0) >= WallTime.day } ?? false
    if file.size >= policy.fileSize || isOld { try turn(at: moment) }
  }

  /// After a failure: says what is missing.
  private func recover(at moment: JournalMoment) throws(SystemError) {
    if diskFault == nil, let error = disk.takeFault() {
      diskFault = error
      say("\(path): the journal is written, but what is written may be lost with the power (\(error))")
    }
    guard let failed = fault else { return }
    if lost > 0 { try write(.init(event: "gap", detail: "\(lost) lines: \(failed.cause)"), at: moment) }
    say("\(path): the journal is written again; \(lost) lines are missing")
    fault = nil
    lost = 0
  }

  /// Somebody may have moved or removed it. stat(2)
  private func isInPlace(_ file: OpenFile) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_dev == file.device && status.st_ino == file.inode
  }

  private func open(at moment: JournalMoment) throws(SystemError) {
    let handle = try LockedFile(opening: path, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK, mode: 0o640)
    var status = stat()
    try posix("stat", path: path) { fstat(handle.descriptor.raw, &status) }
    let size = try handle.descriptor.regularFileSize(path: path)
    disk.order { $0.directory = true }
    var file = OpenFile(handle: handle, device: status.st_dev, inode: status.st_ino, size: size)
    if size > 0 {
      end = try JournalTail(of: handle.descriptor, size: size)
      file.begun = try JournalTail.firstEntry(of: handle.descriptor, size: size)?.wall
    } else if end.number == 0, let last = closedFiles().last {
      // The power was cut between two files.
      end = (try? JournalTail(path: last.path)) ?? end
    }
    self.file = file
    if lastLook == nil {
      latest = end.entries
      lastLook = end.entries.last?.wall
    }
    if end.isOpen {
      end.isOpen = false
      try append([0x0A])
      if let torn = end.torn { try write(.init(event: "torn", detail: "\(torn) bytes"), at: moment) }
    }
  }

  /// The next file begins.
  private func turn(at moment: JournalMoment) throws(SystemError) {
    let closed = "\(path).\(Self.digits(end.number))"
    if Files.exists(closed) { return }
    try posix("rename", path: path) { rename(path, closed) }
    // What is in it, is brought to the disk before what comes behind.
    let handle = file?.handle
    disk.order { if let handle { $0.files.append(handle) } }
    file = nil
    try open(at: moment)
    try write(.init(event: "continued", kit: kit, signer: signer), at: moment)
    try keepHouse(at: moment)
  }

  /// Removes what is too old or too much, after a line has said so.
  ///
  /// A clock that was set wrong must not do away with a journal: what is too old must have been so already when it was
  /// looked at last, a day or a start ago.
  private func keepHouse(at moment: JournalMoment) throws(SystemError) {
    let now = min(moment.wall, lastLook ?? moment.wall)
    lastLook = moment.wall
    let closed = closedFiles()
    var size = closed.reduce(0) { $0 + $1.size }
    var removed: JournalContent.Removed?
    var paths: [String] = []
    for old in closed {
      let isTooMuch = size > policy.size - 2 * policy.fileSize
      guard isTooMuch || policy.days != nil, let tail = try? JournalTail(path: old.path) else { break }
      let age = tail.entries.last?.wall.map { now.since($0) } ?? 0
      guard isTooMuch || policy.days.map({ age > Int64($0) * WallTime.day }) ?? false else { break }
      removed = .init(through: tail.number, hash: tail.hash, reason: isTooMuch ? .size : .days)
      paths.append(old.path)
      size -= old.size
    }
    guard let removed else { return }
    try write(.init(event: "removed", removed: removed), at: moment)
    doomed.formUnion(paths)
    disk.order { $0.removals += paths }
  }

  /// The files before this one, oldest first.
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
      if doomed.contains(path) { return nil }
      return stat(path, &status) == 0 ? (path, Int(status.st_size)) : nil
    }
  }

  private static let digitCount = 10

  private static func digits(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digitCount - text.count)) + text
  }

  private func write(_ content: JournalContent, at moment: JournalMoment) throws(SystemError) {
    let entry = JournalEntry(number: end.number + 1, previous: end.hash, at: moment, content.permitted)
    // Encoding fails for no value that an entry can have.
    guard let line = try? entry.line() else { return }
    try append(line + [0x0A])
    end.number += 1
    end.hash = Digest.sha256(line)
    if file?.begun == nil { file?.begun = moment.wall }
  }

  /// All of it or nothing, as far as the disk lets.
  private func append(_ bytes: [UInt8]) throws(SystemError) {
    guard let file else { return }
    do throws(SystemError) { try file.handle.descriptor.write(bytes) } catch {
      // Where not even that is possible it is opened anew, and the torn line told of.
      if ftruncate(file.handle.descriptor.raw, off_t(file.size)) != 0 { self.file = nil }
      throw error
    }
    self.file?.size += bytes.count
    disk.order { if $0.files.last !== file.handle { $0.files.append(file.handle) } }
  }
}
