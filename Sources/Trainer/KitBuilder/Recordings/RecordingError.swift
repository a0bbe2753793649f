import Glibc
import Posix

/// Why a file cannot be used as a recording.
public enum RecordingError: Error, Equatable, Sendable {
  /// A system call failed: the file is missing, not readable, or a loop of links.
  case system(SystemError)
  /// A directory, a FIFO, a device or a socket is in the place of the file.
  case notAFile
  /// The file has no bytes, or no frames by its header.
  case empty
  /// The file has only `found` of the `promised` bytes or frames of its header.
  case truncated(promised: Int, found: Int)
  /// An Ogg stream without its last page.
  case endMissing
  /// libsndfile does not recognise the format; its message.
  case notSound(String)
  /// More than `Recording.longest` seconds.
  case tooLong(seconds: Double)
  /// More than `Recording.largest` bytes.
  case tooLarge(bytes: Int)
  /// The rate in Hz is outside `Recording.rates`.
  case rate(Int)
  /// More than two channels.
  case channels(Int)
  /// Floats so far above full scale that they must have another scale.
  case scale(highest: Float)
  /// The file changed while it was read, so its hash may not be that of the decoded sound.
  case changed
  /// A NaN or an infinity; the frame of the first one.
  case notANumber(frame: Int)

  /// The kind of error as one word, which is the finding's code.
  public var code: String {
    switch self {
    case .system(let error): error.code == ENOENT ? "missing" : "unreadable"
    case .notAFile: "not-a-file"
    case .empty: "empty"
    case .truncated, .endMissing: "truncated"
    case .notSound: "not-sound"
    case .tooLong: "too-long"
    case .tooLarge: "too-large"
    case .rate: "rate"
    case .channels: "channels"
    case .scale: "scale"
    case .changed: "changed"
    case .notANumber: "not-a-number"
    }
  }

  /// What to do, in the imperative.
  public var remedy: String {
    switch self {
    case .system(let error) where error.code == ENOENT: "record it, or put the file there"
    case .system(let error) where error.code == EACCES: "give yourself the right to read it (chmod u+r)"
    case .system: "copy the file anew"
    case .notAFile: "put a sound file in its place"
    case .empty: "record it again"
    case .truncated, .endMissing: "copy or export it again from the original; the end is missing"
    case .notSound: "export it as WAV or FLAC"
    case .tooLong: "cut it to the one prompt that it should hold"
    case .tooLarge: "export it alone, as WAV or FLAC of 48000 Hz"
    case .rate: "export it at 48000 Hz"
    case .channels: "export it in mono"
    case .changed: "run the command again when nobody records or copies"
    case .scale, .notANumber: "export it again as 24-bit WAV or FLAC"
    }
  }
}

extension RecordingError: CustomStringConvertible {
  /// What is wrong, to be read after the file's name.
  public var description: String {
    switch self {
    case .system(let error): "cannot \(error.operation): \(error.cause)"
    case .notAFile: "is no regular file"
    case .empty: "holds no sound"
    case .truncated(let promised, let found): "is cut short: \(found) of \(promised) bytes or frames are there"
    case .endMissing: "is cut short: its last Ogg page is missing"
    case .notSound(let words): "is no sound file: \(words)"
    case .tooLong(let seconds):
      "is \(Int(seconds.rounded())) s long; a prompt may have \(Recording.longest) s"
    case .tooLarge(let bytes):
      "has \(bytes >> 20) MiB; a prompt may have \(Recording.largest >> 20)"
    case .rate(let rate):
      "has \(rate) Hz; \(Recording.rates.lowerBound) to \(Recording.rates.upperBound) can be used"
    case .channels(let count): "has \(count) channels; one or two can be used"
    case .scale(let highest): "reaches \(highest) times full scale"
    case .changed: "was changed while it was read"
    case .notANumber(let frame): "holds a value that is no number (frame \(frame))"
    }
  }
}
