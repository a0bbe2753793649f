import Encoding
import Glibc
import Posix
import Synchronization

/// The body of one request, in a file that has no name until it is kept.
///
/// A file that is not kept is gone after the request, also where the connection breaks or the program is killed.
public final class Upload: Sendable {
  private struct State {
    var length = 0
    var digest = RunningDigest()
    var failure: SystemError?
  }

  private let file: UnnamedFile
  private let slot: UploadDesk.Slot
  private let state = Mutex(State())

  init(in directory: Path, slot: UploadDesk.Slot) throws(SystemError) {
    file = try UnnamedFile(in: directory)
    self.slot = slot
  }

  /// The number of bytes.
  public var length: Int { state.withLock { $0.length } }
  /// The SHA-256 as 64 lower-case hexadecimal digits.
  public var hash: String { state.withLock { $0.digest.hexadecimal } }
  /// A path at which this process and its children can open the file while this value lives.
  public var path: String { file.path }

  /// Reads the whole body.
  ///
  /// - Parameter limit: the maximum size in bytes.
  /// - Throws: EFBIG above `limit`.
  public func read(limit: Int) throws(SystemError) -> [UInt8] { try Files.read(path, limit: limit) }

  /// Syncs the file, gives it a name, and syncs that name's directory.
  ///
  /// - Parameter path: on the file system of the directory that the rule names.
  /// - Throws: EEXIST if the name is taken.
  public func keep(_ path: some PathConvertible) throws(SystemError) { try file.keep(path) }

  /// Adds the next bytes of the body. After a failed write the rest of the body is read, and not kept, so that the
  /// client gets the reason.
  ///
  /// - Returns: false if the body is longer than its request said.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    state.withLock { state in
      state.length += bytes.count
      if state.length > slot.bytes { return false }
      if state.failure != nil { return true }
      do throws(SystemError) { try file.descriptor.write(contentsOf: bytes) } catch { state.failure = error }
      state.digest.add(bytes)
      return true
    }
  }

  /// Throws the reason for which the body could not be kept.
  func requireComplete() throws(Refusal) {
    guard let failure = state.withLock({ $0.failure }) else { return }
    throw UploadRule.refusal(failure)
  }
}

/// Where the body of an upload goes, and how long it may be.
public struct UploadRule: Sendable {
  /// The maximum size of one body in bytes.
  public var bytes: Int
  /// Returns the directory of the file system to which the file shall belong, or refuses the request.
  let directory: @Sendable (WebRequest) throws(Refusal) -> Path

  /// The media type of uploads.
  static let type = "application/octet-stream"

  /// Creates a rule.
  ///
  /// - Parameters:
  ///   - bytes: the maximum size of one body.
  ///   - directory: called after the guard, and before a byte of the body is read. Returns an existing directory of the
  ///     file system to which the file shall belong, or refuses the request.
  public init(bytes: Int, directory: @escaping @Sendable (WebRequest) throws(Refusal) -> Path) {
    self.bytes = bytes
    self.directory = directory
  }

  /// Returns the refusal of a body that cannot be kept.
  static func refusal(_ error: SystemError) -> Refusal {
    switch error.code {
    case ENOSPC, EDQUOT: full
    default: Refusal(500, "failed", "the file cannot be kept: \(error)", "look at the directory, and send it again")
    }
  }

  /// The refusal of a body for which the disk has no room.
  static let full = Refusal(
    507, "full", "the disk of the project is too full for this file", "free some space, and send it again")
}

/// The uploads that are under way, with their bounds.
final class UploadDesk: Sendable {
  private struct State {
    var count = 0
    var bytes = 0
  }

  private let state = Mutex(State())
  /// The maximum number of uploads at once.
  static let limit = 4
  /// Bytes that stay free on the disk.
  static let margin = 64 << 20

  /// The place of one upload. It is free again when this value ends.
  final class Slot: Sendable {
    /// The size of the upload.
    let bytes: Int
    private let desk: UploadDesk

    fileprivate init(_ bytes: Int, _ desk: UploadDesk) {
      self.bytes = bytes
      self.desk = desk
    }

    deinit {
      desk.state.withLock { state in
        state.count -= 1
        state.bytes -= bytes
      }
    }
  }

  /// Takes a place for an upload.
  ///
  /// - Parameters:
  ///   - bytes: the size of the upload.
  ///   - free: the free bytes on the disk.
  func slot(_ bytes: Int, free: Int) throws(Refusal) -> Slot {
    try state.withLock { (state) throws(Refusal) in
      if state.count >= Self.limit {
        throw Refusal(503, "busy", "\(Self.limit) files are being received", "send this one when they have arrived")
      }
      // What the others have not sent yet will be written, too.
      if free - Self.margin - state.bytes < bytes { throw UploadRule.full }
      state.count += 1
      state.bytes += bytes
    }
    return Slot(bytes, self)
  }

  /// Begins an upload.
  ///
  /// - Parameters:
  ///   - bytes: the size of the upload.
  ///   - directory: of the file system to which the file shall belong.
  func begin(_ bytes: Int, in directory: Path) throws(Refusal) -> Upload {
    let slot = try slot(bytes, free: try mapError(UploadRule.refusal, Files.free(at: directory)))
    return try mapError(UploadRule.refusal, Upload(in: directory, slot: slot))
  }
}
