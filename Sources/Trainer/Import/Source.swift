import Diagnostics
import Foundation
import Glibc
import Kit
import KitBuilder
import Posix

/// A file of a source.
public struct SourceFile: Equatable, Sendable {
  /// The path within the source.
  public var name: String
  /// The size in bytes.
  public var size: Int
  fileprivate var place: Place

  fileprivate enum Place: Equatable, Sendable {
    case path(String)
    /// The index of an archive's entry.
    case entry(UInt64)
  }
}

/// The source of an import: a directory, a ZIP archive, or one file. It is only read.
public final class Source {
  /// The source's path.
  public let path: String
  /// The files that may be audio, sorted by name with numbers in numeric order.
  public private(set) var files: [SourceFile] = []
  /// The excluded files with the reason, without files that systems create.
  public private(set) var leftOut: [(name: String, reason: String)] = []
  private let archive: ZipReader?

  /// The maximum number of files.
  static let countLimit = 10_000
  /// The maximum unpacked size of an archive in bytes.
  static let sizeLimit = 16 << 30
  /// The maximum unpacked size of one entry in bytes: two hours at 48 kHz with 24 bits.
  static let entryLimit = 1 << 30
  /// Bytes that stay free where entries are unpacked.
  static let margin = 64 << 20
  private static let depthLimit = 8

  /// Lists the files of a source.
  ///
  /// - Parameters:
  ///   - path: the directory, archive or file.
  ///   - others: paths to exclude: the project and the map, which may be within the source.
  /// - Throws: ``DiagnosticsError`` if the source cannot be read or is too large.
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
      let archive = try Self.archive(path, shown: path)
      self.archive = archive
      if let archive {
        try list(archive)
      } else {
        files = [SourceFile(name: Path(path).lastComponent, size: Int(status.st_size), place: .path(path))]
      }
    default:
      throw DiagnosticsError(
        path: path, message: "is neither a directory nor a file", remedy: "name a directory, a ZIP or a file")
    }
    sort()
  }

  /// Lists files that lie under other names than their own, such as uploads.
  ///
  /// One file alone is treated like the path of a file: it may be an archive. Several are treated like a directory.
  ///
  /// - Parameters:
  ///   - shown: the name of the source in messages.
  ///   - listing: the files with their names, which need not be paths.
  /// - Throws: ``DiagnosticsError`` if a file cannot be read, or if there are too many.
  public init(_ shown: String, listing: [(name: String, path: String)]) throws(DiagnosticsError) {
    path = shown
    if listing.count == 1, let (name, path) = listing.first {
      let archive = try Self.archive(path, shown: shown)
      self.archive = archive
      if let archive { try list(archive) } else { files = [SourceFile(name: name, size: 0, place: .path(path))] }
    } else {
      archive = nil
      for (name, path) in listing where !SourceKind.isClutter(name) { try take(name, size: 0, .path(path)) }
    }
    sort()
  }

  /// Opens a file as a ZIP archive; nil if it is none.
  ///
  /// - Throws: ``DiagnosticsError`` for an archive of another kind.
  private static func archive(_ path: String, shown: String) throws(DiagnosticsError) -> ZipReader? {
    let head = head(of: path)
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
      return try ZipReader(path, shown: shown)
    }
    if let packing = SourceKind.packing(head) {
      throw DiagnosticsError(
        path: shown, message: "is a \(packing) archive, which is not supported",
        remedy: "unpack it and import the directory")
    }
    return nil
  }

  private func sort() {
    let before = Self.comesBefore
    files.sort { before($0.name, $1.name) }
    leftOut.sort { before($0.name, $1.name) }
  }

  /// Whether the source is a ZIP archive.
  public var isArchive: Bool { archive != nil }

  /// Calls `body` with a path at which this process and its children can read the file while `body` runs.
  func open<Result>(_ file: SourceFile, _ body: (String) throws -> Result) throws -> Result {
    switch file.place {
    case .path(let path): return try body(path)
    case .entry(let index):
      guard let archive else { throw SystemError("open", path: file.name, code: ENOENT) }
      // Refused before the first byte: a full disk would stop other programs.
      let place = Files.temporaryPlace
      let free = try Files.free(at: place)
      if free - Self.margin < file.size {
        throw DiagnosticsError(
          path: "\(path): \(file.name)",
          message: "unpacks to \(file.size >> 20) MiB, and \(place) has \(max(0, free) >> 20) MiB free",
          remedy: "free space there, or name another directory with TMPDIR")
      }
      let copy = try Files.makeTemporaryFile("firstword-import")
      try archive.copy(index, name: file.name, size: file.size, to: copy)
      return try body("/proc/\(getpid())/fd/\(copy.raw)")
    }
  }

  /// Decodes the whole file of a plan's row.
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
        leave(shown, "its name is not valid UTF-8: rename it")
        continue
      }
      let path = Path(directory).appending(name).string
      var (status, link) = (stat(), stat())
      guard lstat(path, &link) == 0, stat(path, &status) == 0 else {
        leave(shown, "is a broken link")
        continue
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR:
        if link.st_mode & S_IFMT == S_IFLNK {
          leave(shown, "is a link to a directory: import that directory itself")
        } else if let real = Self.real(path), spared.contains(real) {
          continue
        } else if depth == Self.depthLimit {
          leave(shown, "is nested too deeply: import it separately")
        } else {
          try walk(path, shown, depth: depth + 1, spared: spared)
        }
      case S_IFREG:
        let isSpared = spared.contains { $0.hasSuffix("/\(name)") } && Self.real(path).map(spared.contains) == true
        if !isSpared { try take(shown, size: Int(status.st_size), .path(path)) }
      default: leave(shown, "is not a regular file")
      }
    }
  }

  // MARK: Archives

  private func list(_ archive: ZipReader) throws(DiagnosticsError) {
    if archive.entries.count > Self.countLimit {
      throw DiagnosticsError(
        path: path, message: "has \(archive.entries.count) entries; the maximum is \(Self.countLimit)",
        remedy: "unpack it and import the directories one by one")
    }
    if archive.entries.contains(where: { $0.name == KitLayout.manifest }),
      archive.entries.contains(where: { $0.name == KitLayout.mimetype })
    {
      throw DiagnosticsError(
        path: path, message: "is a kit; a kit contains clips, not recordings",
        remedy: "extract its clips with 'firstword extract'")
    }
    var total = 0
    for entry in archive.entries where !entry.name.hasSuffix("/") && !SourceKind.isClutter(entry.name) {
      if entry.isEncrypted {
        leave(entry.name, "is encrypted: unpack the archive with its password, and import the directory")
      } else if entry.isLink {
        leave(entry.name, "is a link")
      } else if entry.size > Self.entryLimit {
        leave(entry.name, "unpacks to more than \(Self.entryLimit >> 20) MiB: if you trust it, unpack it yourself")
      } else {
        try take(entry.name, size: entry.size, .entry(entry.index))
        let (sum, isOutOfRange) = total.addingReportingOverflow(entry.size)
        total = isOutOfRange ? .max : sum
      }
    }
    if total > Self.sizeLimit {
      throw DiagnosticsError(
        path: path, message: "unpacks to \(total >> 30) GiB; the maximum is \(Self.sizeLimit >> 30) GiB",
        remedy: "if you trust it, unpack it yourself and import the directories one by one")
    }
  }

  private func take(_ name: String, size: Int, _ place: SourceFile.Place) throws(DiagnosticsError) {
    if ["zip", "rar", "7z", "gz", "tar", "tgz"].contains(SourceKind.ending(of: name)) {
      leave(name, "is an archive itself: unpack it, and import it separately")
    } else if SourceKind.isSound(name) {
      files.append(SourceFile(name: name, size: size, place: place))
    } else {
      leave(name, "has no recognised audio file extension")
    }
    if files.count + leftOut.count > Self.countLimit {
      throw DiagnosticsError(
        path: path, message: "contains more than \(Self.countLimit) files", remedy: "import its directories one by one")
    }
  }

  private func leave(_ name: String, _ reason: String) { leftOut.append((name, reason)) }

  // MARK: Places and names

  /// Returns the absolute path without links, or nil if there is no such file. realpath(3)
  static func real(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  private static func head(of path: String) -> [UInt8] {
    guard let file = try? FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK) else { return [] }
    return (try? file.read(atMost: 8)) ?? []
  }

  /// Returns whether one name sorts before another, with numbers in numeric order.
  static func comesBefore(_ a: String, _ b: String) -> Bool {
    let order = a.compare(b, options: .numeric)
    return order == .orderedSame ? a < b : order == .orderedAscending
  }
}
