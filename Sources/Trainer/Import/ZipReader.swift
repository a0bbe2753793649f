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
}
