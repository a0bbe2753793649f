import CZip
import Diagnostics
import Glibc
import Posix

/// Reads an untrusted ZIP archive. Entry names are never used as paths.
final class ZipReader {
  struct Entry {
    var index: UInt64
    /// The name in UTF-8, converted from CP437 if necessary.
    var name: String
    var size: Int
    var isEncrypted: Bool
    var isLink: Bool
  }

  let entries: [Entry]
  private let path: String
  private let archive: OpaquePointer

  /// Opens an archive. zip_open(3)
  ///
  /// - Parameter shown: the archive's path in messages.
  init(_ path: String, shown: String) throws(DiagnosticsError) {
    var code: CInt = 0
    guard let archive = zip_open(path, CInt(ZIP_RDONLY), &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      // Optional: some versions of the header declare it nonnull.
      let text: UnsafePointer<CChar>? = zip_error_strerror(&error)
      let reason = text.map { String(cString: $0) } ?? "unknown reason"
      throw DiagnosticsError(
        path: shown, message: "cannot be read as a ZIP archive: \(reason)",
        remedy: "copy it again, or unpack it yourself")
    }
    self.archive = archive
    self.path = shown
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
          // Some Windows programs separate directories with backslashes.
          index: index, name: String(cString: name).replacing("\\", with: "/"), size: Int(clamping: status.size),
          isEncrypted: status.encryption_method != UInt16(ZIP_EM_NONE),
          isLink: isUnix && attributes >> 16 & UInt32(S_IFMT) == UInt32(S_IFLNK)))
    }
    self.entries = entries
  }

  deinit { zip_discard(archive) }

  /// Unpacks an entry, at most its declared size. zip_fread(3)
  func copy(_ index: UInt64, name: String, size: Int, to file: borrowing FileDescriptor) throws {
    func failure(_ reason: String) -> DiagnosticsError {
      DiagnosticsError(path: "\(path): \(name)", message: reason, remedy: "create the archive again")
    }
    guard let entry = zip_fopen_index(archive, index, 0) else {
      throw failure("cannot be unpacked: \(String(cString: zip_strerror(archive)))")
    }
    defer { zip_fclose(entry) }
    var buffer = [UInt8](repeating: 0, count: 1 << 17)
    var done = 0
    while true {
      let count = zip_fread(entry, &buffer, zip_uint64_t(buffer.count))
      if count < 0 { throw failure("is damaged: its content cannot be unpacked") }
      if count == 0 { break }
      done += Int(count)
      if done > size { throw failure("unpacks to more than its declared size") }
      try file.write(buffer[..<Int(count)])
    }
    if done < size { throw failure("is damaged: it unpacks to less than its declared size") }
  }

  /// Returns the content of a small entry; nil if it cannot be unpacked, or is larger than it declares.
  func bytes(_ entry: Entry) -> [UInt8]? {
    guard !entry.isEncrypted, !entry.isLink, let file = zip_fopen_index(archive, entry.index, 0) else { return nil }
    defer { zip_fclose(file) }
    // One byte more than declared: an entry that goes on is none.
    var buffer = [UInt8](repeating: 0, count: entry.size + 1)
    var done = 0
    while done < buffer.count {
      let count = buffer.withUnsafeMutableBytes {
        zip_fread(file, $0.baseAddress! + done, zip_uint64_t($0.count - done))
      }
      if count < 0 { return nil }
      if count == 0 { break }
      done += Int(count)
    }
    return done == entry.size ? Array(buffer.prefix(done)) : nil
  }
}

/// Small files in an untrusted ZIP archive, in memory. Their names lead nowhere.
public enum PackedFiles {
  /// Reads the entries whose names have an ending.
  ///
  /// - Parameters:
  ///   - path: the archive.
  ///   - shown: the archive's name in messages.
  ///   - ending: what their names end with.
  ///   - limit: the maximum size of an entry in bytes.
  ///   - count: the maximum number of entries.
  ///   - visit: gets the name and the content of each, which is nil if it cannot be unpacked or is larger.
  /// - Returns: how many there are.
  public static func read(
    _ path: String, shown: String, ending: String, limit: Int, atMost count: Int, visit: (String, [UInt8]?) -> Void
  ) throws(DiagnosticsError) -> Int {
    let archive = try ZipReader(path, shown: shown)
    let entries = archive.entries.filter { $0.name.hasSuffix(ending) }
    if entries.count > count {
      throw DiagnosticsError(
        path: shown, message: "it has more than \(count) files", remedy: "divide it, and send its parts")
    }
    for entry in entries { visit(entry.name, entry.size <= limit ? archive.bytes(entry) : nil) }
    return entries.count
  }
}
