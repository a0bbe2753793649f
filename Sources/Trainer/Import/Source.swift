import CZip
import Diagnostics
import Foundation
import Glibc
import Kit
import KitBuilder
import Posix

/// One file that somebody gave.
public struct SourceFile: Equatable, Sendable {
  /// As it was given, with the directories that lead to it.
  public var name: String
  /// Bytes.
  public var size: Int
  fileprivate var place: Place

  fileprivate enum Place: Equatable, Sendable {
    case path(String)
    /// Number of the entry.
    case entry(UInt64)
  }
}

/// Where recordings come from: a directory, a ZIP archive, or one file. It is only ever read.
public final class Source {
  /// As it was given.
  public let path: String
  /// What may be sound, sorted by names as people sort them: 2 before 10.
  public private(set) var files: [SourceFile] = []
  /// What is left out, and why: never what systems leave about.
  public private(set) var leftOut: [(name: String, why: String)] = []
  private let archive: ZipReader?

  /// Files that one import may have.
  static let countLimit = 10_000
  /// Bytes that an archive may unpack to.
  static let sizeLimit = 16 << 30
  private static let depthLimit = 8

  /// - Parameter others: a project and a map, which are no source though they may lie in one.
  public init(_ path: String, except others: [String] = []) throws(DiagnosticsError) {
    self.path = path
    var status = stat()
    guard stat(path, &status) == 0 else {
      let error = SystemError("open", code: errno)
      throw DiagnosticsError(
        path: path, message: "cannot be opened: \(error.cause)", remedy: "name a directory, a ZIP or a file")
    }
    let spared = Set(others.compactMap(Self.real))
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      archive = nil
      if let real = Self.real(path), spared.contains(real) {
        throw DiagnosticsError(
          path: path, message: "is the project itself", remedy: "name the directory with the new recordings")
      }
      try walk(path, "", depth: 0, spared: spared)
    case S_IFREG:
      let head = Self.head(of: path)
      if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
        let archive = try ZipReader(path)
        self.archive = archive
        try list(archive)
      } else if let packing = SourceKind.packing(head) {
        throw DiagnosticsError(
          path: path, message: "is packed with \(packing), which is not read here",
          remedy: "unpack it and name the directory")
      } else {
        archive = nil
        files = [SourceFile(name: Path(path).lastComponent, size: Int(status.st_size), place: .path(path))]
      }
    default:
      throw DiagnosticsError(
        path: path, message: "is no directory and no file", remedy: "name a directory, a ZIP or a file")
    }
    let before = Self.comesBefore
    files.sort { before($0.name, $1.name) }
    leftOut.sort { before($0.name, $1.name) }
  }

  /// Whether its files can be read where they lie.
  public var isArchive: Bool { archive != nil }

  /// Gives a path at which the file can be read, by other programs too, as long as `body` runs.
  func open<Result>(_ file: SourceFile, _ body: (String) throws -> Result) throws -> Result {
    switch file.place {
    case .path(let path): return try body(path)
    case .entry(let index):
      guard let archive else { throw SystemError("open", path: file.name, code: ENOENT) }
      let copy = try Files.makeTemporaryFile("firstword-import")
      try archive.copy(index, name: file.name, size: file.size, to: copy)
      return try body("/proc/\(getpid())/fd/\(copy.raw)")
    }
  }

  /// The whole recording that a row of a plan was heard in.
  public func recording(of row: ImportPlan.Row) throws -> Recording {
    try open(files[row.file]) { try DecodedFile(path: $0, name: row.name).recording }
  }

  // MARK: Directories

  private func walk(_ directory: String, _ prefix: String, depth: Int, spared: Set<String>) throws(DiagnosticsError) {
    let names: [String]
    do throws(SystemError) { names = try Files.list(directory) } catch {
      leave(prefix.isEmpty ? directory : prefix, "cannot be opened: \(error.cause)")
      return
    }
    for name in names {
      let shown = Path(prefix).appending(name).string
      if SourceKind.isClutter(name) { continue }
      if name.unicodeScalars.contains("\u{FFFD}") {
        leave(shown, "its name is no UTF-8: rename it")
        continue
      }
      let path = Path(directory).appending(name).string
      var (status, link) = (stat(), stat())
      guard lstat(path, &link) == 0, stat(path, &status) == 0 else {
        leave(shown, "leads nowhere")
        continue
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR:
        if link.st_mode & S_IFMT == S_IFLNK {
          leave(shown, "a link to a directory: name that directory itself")
        } else if let real = Self.real(path), spared.contains(real) {
          continue
        } else if depth == Self.depthLimit {
          leave(shown, "lies too deep: name it itself")
        } else {
          try walk(path, shown, depth: depth + 1, spared: spared)
        }
      case S_IFREG:
        let isSpared = spared.contains { $0.hasSuffix("/\(name)") } && Self.real(path).map(spared.contains) == true
        if !isSpared { try take(shown, size: Int(status.st_size), .path(path)) }
      default: leave(shown, "is no file")
      }
    }
  }

  // MARK: Archives

  private func list(_ archive: ZipReader) throws(DiagnosticsError) {
    if archive.entries.count > Self.countLimit {
      throw DiagnosticsError(
        path: path, message: "has \(archive.entries.count) entries, \(Self.countLimit) are allowed",
        remedy: "unpack it and name the directories one by one")
    }
    if archive.entries.contains(where: { $0.name == KitLayout.manifest }),
      archive.entries.contains(where: { $0.name == KitLayout.mimetype })
    {
      throw DiagnosticsError(
        path: path, message: "is a kit, which is made of recordings and holds none",
        remedy: "'firstword extract' takes its clips out")
    }
    var total = 0
    for entry in archive.entries where !entry.name.hasSuffix("/") && !SourceKind.isClutter(entry.name) {
      if entry.isEncrypted {
        leave(entry.name, "is encrypted: unpack the archive with its password, and name the directory")
      } else if entry.isLink {
        leave(entry.name, "is a link")
      } else {
        try take(entry.name, size: entry.size, .entry(entry.index))
        total += entry.size
      }
    }
    if total > Self.sizeLimit {
      throw DiagnosticsError(
        path: path, message: "unpacks to \(total >> 30) GiB, \(Self.sizeLimit >> 30) are allowed",
        remedy: "unpack it yourself if you trust it, and name the directories one by one")
    }
  }

  private func take(_ name: String, size: Int, _ place: SourceFile.Place) throws(DiagnosticsError) {
    if ["zip", "rar", "7z", "gz", "tar", "tgz"].contains(SourceKind.ending(of: name)) {
      leave(name, "is packed itself: unpack it, and name it by itself")
    } else if SourceKind.isSound(name) {
      files.append(SourceFile(name: name, size: size, place: place))
    } else {
      leave(name, "is no sound by its name")
    }
    if files.count + leftOut.count > Self.countLimit {
      throw DiagnosticsError(
        path: path, message: "holds more than \(Self.countLimit) files", remedy: "name its directories one by one")
    }
  }

  private func leave(_ name: String, _ why: String) { leftOut.append((name, why)) }

  // MARK: Places and names

  /// realpath(3)
  static func real(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  private static func head(of path: String) -> [UInt8] {
    guard let file = try? FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK) else { return [] }
    return (try? file.read(atMost: 8)) ?? []
  }

  /// Digits in a row count as one number.
  static func comesBefore(_ a: String, _ b: String) -> Bool {
    let order = a.compare(b, options: .numeric)
    return order == .orderedSame ? a < b : order == .orderedAscending
  }
}

/// A ZIP archive of a stranger's: names are looked at and never lead anywhere; nothing is unpacked but bytes.
final class ZipReader {
  struct Entry {
    var index: UInt64
    /// UTF-8, or what CP437 makes of it.
    var name: String
    var size: Int
    var isEncrypted: Bool
    var isLink: Bool
  }

  let entries: [Entry]
  private let path: String
  private let archive: OpaquePointer

  /// zip_open(3)
  init(_ path: String) throws(DiagnosticsError) {
    var code: CInt = 0
    guard let archive = zip_open(path, CInt(ZIP_RDONLY), &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      // Some versions of the header promise that there is one.
      let text: UnsafePointer<CChar>? = zip_error_strerror(&error)
      let why = text.map { String(cString: $0) } ?? "unknown reason"
      throw DiagnosticsError(
        path: path, message: "cannot be read as a ZIP archive: \(why)", remedy: "copy it again, or unpack it yourself")
    }
    self.archive = archive
    self.path = path
    var entries: [Entry] = []
    for index in 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
      var status = zip_stat_t()
      zip_stat_init(&status)
      guard zip_stat_index(archive, index, 0, &status) == 0,
        let name = zip_get_name(archive, index, zip_flags_t(ZIP_FL_ENC_GUESS))
      else { continue }
      var (system, attributes): (UInt8, UInt32) = (0, 0)
      zip_file_get_external_attributes(archive, index, 0, &system, &attributes)
      let isUnix = system == UInt8(ZIP_OPSYS_UNIX) || system == UInt8(ZIP_OPSYS_OS_X)
      entries.append(
        Entry(
          // Some programs of Windows part directories in their own way.
          index: index, name: String(cString: name).replacing("\\", with: "/"), size: Int(clamping: status.size),
          isEncrypted: status.encryption_method != UInt16(ZIP_EM_NONE),
          isLink: isUnix && attributes >> 16 & UInt32(S_IFMT) == UInt32(S_IFLNK)))
    }
    self.entries = entries
  }

  deinit { zip_discard(archive) }

  /// Unpacks an entry; never more than it says it has. zip_fread(3)
  func copy(_ index: UInt64, name: String, size: Int, to file: borrowing FileDescriptor) throws {
    func failure(_ why: String) -> DiagnosticsError {
      DiagnosticsError(path: "\(path): \(name)", message: why, remedy: "make the archive again")
    }
    guard let entry = zip_fopen_index(archive, index, 0) else {
      throw failure("cannot be unpacked: \(String(cString: zip_strerror(archive)))")
    }
    defer { zip_fclose(entry) }
    var buffer = [UInt8](repeating: 0, count: 1 << 17)
    var done = 0
    while true {
      let count = zip_fread(entry, &buffer, zip_uint64_t(buffer.count))
      if count < 0 { throw failure("is damaged: its content cannot be unpacked whole") }
      if count == 0 { break }
      done += Int(count)
      if done > size { throw failure("unpacks to more than it says") }
      try file.write(buffer[..<Int(count)])
    }
    if done < size { throw failure("is damaged: it unpacks to less than it says") }
  }
}
