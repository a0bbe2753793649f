import Glibc

/// Which file it is on this machine, whatever its name is: two open files with the same identity are one file. stat(2)
public struct FileIdentity: Hashable, Sendable {
  /// The number of the file system.
  public let device: UInt64
  /// The number of the file on it. It is not given to another file while this one is open.
  public let number: UInt64

  /// Creates an identity from its numbers.
  public init(device: UInt64, number: UInt64) {
    self.device = device
    self.number = number
  }
}

extension FileDescriptor {
  /// Returns the identity of the open file. fstat(2)
  ///
  /// - Parameter path: the file's path, for the error.
  public func identity(path: some PathConvertible) throws(SystemError) -> FileIdentity {
    var status = stat()
    try posix("stat", path: path) { fstat(raw, &status) }
    return FileIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
  }
}
