import Encoding
import Posix

/// Why a channel's metadata or a file of it is refused, or cannot be had.
public enum ChannelError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A metadata file is no valid metadata of its role.
  case malformed(file: String, DocumentError)
  /// Fewer keys of the role have signed than its threshold demands.
  case unsigned(file: String, threshold: Int)
  /// A file has a lower version than a trusted one says.
  case rollback(file: String, found: Int, known: Int)
  /// A file has another version than the file that lists it.
  case version(file: String, found: Int, expected: Int)
  /// A file has not the length or the hashes that are listed.
  case mismatch(file: String)
  /// A metadata file that was listed before is no longer listed.
  case removed(file: String)
  /// A metadata file is past its end; either the clock is wrong, or newer metadata is withheld.
  case expired(file: String, WallTime)
  /// The source has no such file.
  case missing(file: String)
  /// A file is longer than is listed or allowed.
  case tooLong(file: String, limit: Int)
  /// No role that may offer the target does.
  case noTarget(path: String)
  /// The source failed.
  case unavailable(file: String, why: String)
  /// A local file cannot be read or written.
  case system(SystemError)
  /// The transfer was given up, because a message sounds.
  case interrupted

  /// One line: the file, and what is wrong with it.
  public var description: String {
    switch self {
    case .malformed(let file, let error): "\(file): \(error)"
    case .unsigned(let file, let threshold):
      "\(file): it lacks signatures; \(threshold) of its role's keys must have signed"
    case .rollback(let file, let found, let known):
      "\(file): version \(found) is older than version \(known), which this device knows"
    case .version(let file, let found, let expected): "\(file): it has version \(found), and \(expected) is listed"
    case .mismatch(let file): "\(file): its length or hash is not the listed one"
    case .removed(let file): "\(file): it was listed before, and is no longer"
    case .expired(let file, let time):
      "\(file): it expired at \(time.inSeconds); newer metadata is withheld, or the clock is wrong"
    case .missing(let file): "\(file): the source has no such file"
    case .tooLong(let file, let limit): "\(file): it is longer than \(limit) bytes"
    case .noTarget(let path): "\(path): the channel has no such target"
    case .unavailable(let file, let why): "\(file): \(why)"
    case .system(let error): "\(error)"
    case .interrupted: "the transfer was given up, because a message sounds"
    }
  }

  /// Whether the source, and not what it sent, is the cause: another attempt may succeed.
  public var isTransient: Bool {
    switch self {
    case .unavailable, .interrupted: true
    default: false
    }
  }
}
