import CLinux
import Glibc

extension Files {
  /// Appends whole lines to a file, which is created if missing: all of them or none, also when two processes append at
  /// once, when the disk is full, or when the power fails. flock(2), fsync(2)
  ///
  /// - Parameter lines: text that ends with a line break. A missing line break at the end of the file is added first.
  public static func append(_ path: some PathConvertible, _ lines: [UInt8]) throws(SystemError) {
    do throws(SystemError) {
      let isNew = !exists(path)
      let file = try LockedFile(opening: path, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK, mode: 0o644, waits: true)
      defer { file.free() }
      let size = try file.descriptor.regularFileSize(path: path)
      let isOpenEnded = size > 0 ? try file.descriptor.byte(at: size - 1) != 0x0A : false
      do throws(SystemError) {
        try file.descriptor.write((isOpenEnded ? [0x0A] : []) + lines)
        try posix("fsync") { fsync(file.descriptor.raw) }
      } catch {
        _ = ftruncate(file.descriptor.raw, off_t(size))
        throw error
      }
      if isNew { try sync(directory: Path(path).parent) }
    } catch { throw SystemError(error.operation, path: path, code: error.code) }
  }
}
