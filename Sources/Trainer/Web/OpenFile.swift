import Posix

/// An open regular file whose bytes a response sends. Any thread may use it.
public final class OpenFile: Sendable {
  private let descriptor: FileDescriptor
  /// The size in bytes, when it was opened.
  public let size: Int

  /// Takes over an open file.
  ///
  /// - Throws: EISDIR or ESPIPE for anything but a regular file.
  public init(_ descriptor: consuming FileDescriptor, path: some PathConvertible) throws(SystemError) {
    // Swift 6.0 crashes on an initializer that throws after it has set a property.
    let size = try descriptor.regularFileSize(path: path)
    self.descriptor = descriptor
    self.size = size
  }

  /// Returns another descriptor of the file, for a library that closes it.
  func duplicate() throws(SystemError) -> CInt { try descriptor.duplicate() }
}
