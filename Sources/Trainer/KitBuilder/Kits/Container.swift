import CZip
import Glibc
import Posix

/// A finished ZIP file in memory, made by libzip.
///
/// libzip could write the file itself, but under a name of its own, which remains when the program is killed; and it syncs
/// nothing.
struct Container: ~Copyable {
  /// A buffer source with a reference of its own. zip_source_buffer_create(3)
  private let source: OpaquePointer
  private let path: String

  init(_ entries: [(name: String, content: [UInt8])], path: String) throws(PackError) {
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let source = zip_source_buffer_create(nil, 0, 0, &error) else { throw Self.failure(&error, path) }
    zip_source_keep(source)
    guard let archive = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &error) else {
      zip_source_free(source)
      zip_source_free(source)
      throw Self.failure(&error, path)
    }
    var done = true
    for (name, content) in entries where done { done = Self.add(name, content, to: archive) }
    // In this order: an incomplete archive is not closed.
    guard done, zip_close(archive) == 0 else {
      let failure = Self.failure(zip_get_error(archive), path)
      zip_discard(archive)
      zip_source_free(source)
      throw failure
    }
    self.source = source
    self.path = path
  }

  deinit { zip_source_free(source) }

  /// Adds an entry as the reader expects it: stored, dated 1980-01-01, with the attributes of a regular file, whatever
  /// the defaults of this libzip are.
  private static func add(_ name: String, _ content: [UInt8], to archive: OpaquePointer) -> Bool {
    // libzip frees the copy with free(3); the array itself may move before the archive is closed.
    guard let copy = malloc(max(1, content.count)) else {
      zip_error_set(zip_get_error(archive), ZIP_ER_MEMORY, 0)
      return false
    }
    content.withUnsafeBytes { if let start = $0.baseAddress { copy.copyMemory(from: start, byteCount: content.count) } }
    guard let source = zip_source_buffer(archive, copy, zip_uint64_t(content.count), 1) else {
      free(copy)
      return false
    }
    let index = zip_file_add(archive, name, source, zip_flags_t(ZIP_FL_ENC_GUESS))
    guard index >= 0 else {
      zip_source_free(source)
      return false
    }
    let number = zip_uint64_t(index)
    let midnight: zip_uint16_t = 0
    let firstDay: zip_uint16_t = 0x21
    return zip_set_file_compression(archive, number, ZIP_CM_STORE, 0) == 0
      && zip_file_set_dostime(archive, number, midnight, firstDay, 0) == 0
      && zip_file_set_external_attributes(archive, number, 0, zip_uint8_t(ZIP_OPSYS_UNIX), 0o100644 << 16) == 0
  }

  /// Writes the container to the file `temporary` and syncs it.
  borrowing func write(to temporary: String) throws(PackError) {
    guard zip_source_open(source) == 0 else { throw Self.failure(zip_source_error(source), path) }
    defer { zip_source_close(source) }
    do throws(SystemError) {
      let file = try FileDescriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
      while true {
        var count: zip_int64_t = 0
        let piece = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, filled in
          count = zip_source_read(source, buffer.baseAddress!, zip_uint64_t(buffer.count))
          filled = max(0, Int(count))
        }
        if count < 0 { throw SystemError("read the container", path: path, code: EIO) }
        if count == 0 { break }
        try file.write(piece)
      }
      try posix("fsync", path: temporary) { fsync(file.raw) }
    } catch { throw .system(error.at(temporary)) }
  }

  private static func failure(_ error: UnsafeMutablePointer<zip_error_t>?, _ path: String) -> PackError {
    .container(path: path, why: error.flatMap(zip_error_strerror).map { String(cString: $0) } ?? "unknown reason")
  }
}
