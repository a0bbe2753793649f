import Encoding
import Glibc
import Posix

/// Large files that are mostly zero: a disk image.
enum SparseFile {
  /// The bytes that are read at once.
  private static let part = 1 << 20

  /// Calls `body` with the parts of a region, in order.
  ///
  /// - Throws: EIO if the file is shorter.
  static func read(
    _ file: borrowing FileDescriptor, _ path: String, from start: Int, count: Int,
    _ body: (Int, UnsafeRawBufferPointer) throws(ImageError) -> Void
  ) throws(ImageError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: part, alignment: 4096)
    defer { buffer.deallocate() }
    let raw = file.raw
    var done = 0
    while done < count {
      let wanted = min(part, count - done)
      let got: Int
      do throws(SystemError) {
        got = try posix("read", path: path) { pread(raw, buffer.baseAddress, wanted, off_t(start + done)) }
        if got == 0 { throw SystemError("read", path: path, code: EIO) }
      } catch { throw .system(error) }
      try body(start + done, UnsafeRawBufferPointer(rebasing: buffer[..<got]))
      done += got
    }
  }

  /// Copies a file into a new, empty one. Parts that are zero become holes.
  ///
  /// - Parameter progress: gets the bytes done; throws to end the copy.
  static func copy(
    _ source: borrowing FileDescriptor, _ path: String, size: Int, to target: borrowing FileDescriptor,
    _ targetPath: String, progress: (Int) throws(ImageError) -> Void
  ) throws(ImageError) {
    let raw = target.raw
    do throws(SystemError) {
      try posix("truncate", path: targetPath) { ftruncate(raw, off_t(size)) }
    } catch { throw .system(error) }
    try read(source, path, from: 0, count: size) { (place, bytes) throws(ImageError) in
      if !isZero(bytes) { try write(bytes, to: raw, targetPath, at: place) }
      try progress(place + bytes.count)
    }
  }

  /// Writes bytes at a place of an open file. pwrite(2)
  static func write(_ bytes: UnsafeRawBufferPointer, to raw: CInt, _ path: String, at place: Int) throws(ImageError) {
    var done = 0
    while done < bytes.count {
      do throws(SystemError) {
        done += try posix("write", path: path) {
          pwrite(raw, bytes.baseAddress! + done, bytes.count - done, off_t(place + done))
        }
      } catch { throw .system(error) }
    }
  }

  /// Writes bytes at a place of an open file. pwrite(2)
  static func write(
    _ bytes: [UInt8], to file: borrowing FileDescriptor, _ path: String, at place: Int
  ) throws(ImageError) {
    let raw = file.raw
    let failure: ImageError? = bytes.withUnsafeBytes { buffer in
      do throws(ImageError) {
        try write(buffer, to: raw, path, at: place)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  /// Returns the SHA-256 of a region.
  ///
  /// - Parameter progress: gets the bytes done; throws to end the work.
  static func sha256(
    _ file: borrowing FileDescriptor, _ path: String, from start: Int, count: Int,
    progress: (Int) throws(ImageError) -> Void
  ) throws(ImageError) -> String {
    var digest = RunningDigest()
    try read(file, path, from: start, count: count) { (place, bytes) throws(ImageError) in
      digest.add(bytes)
      try progress(place + bytes.count - start)
    }
    return digest.hexadecimal
  }

  /// Whether all bytes are zero: the first is, and each equals the next.
  private static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let start = bytes.baseAddress, let first = bytes.first else { return true }
    return first == 0 && memcmp(start, start + 1, bytes.count - 1) == 0
  }
}
