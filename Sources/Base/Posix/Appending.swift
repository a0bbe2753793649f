import CLinux
import Glibc

extension Files {
  /// Adds whole lines at the end of a file, which is made where there is none: all of them or none, also when two
  /// processes add at once, when the disk is full, or when the power is cut before. flock(2), fsync(2)
  ///
  /// - Parameter lines: ends with a line break. Where the file's last line lacks one, it gets it first.
  public static func append(_ path: String, _ lines: [UInt8]) throws(SystemError) {
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
      if isNew { try sync(directory: parent(of: path)) }
    } catch { throw SystemError(error.operation, path: path, code: error.code) }
  }
}
