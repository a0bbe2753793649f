import Diagnostics
import Posix

/// Why no card was made. Nothing is left of the attempt.
public enum ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The base image, the board, the kit or a setting is refused; never empty.
  case refused([Diagnostic])
  /// A program, or the new card itself, failed a check.
  case failed(String)
  /// A file cannot be read or written.
  case system(SystemError)
  /// The work was ended by the person who began it.
  case cancelled

  /// Creates a refusal of one reason.
  static func refused(_ path: String, _ message: String, _ remedy: String) -> ImageError {
    .refused([Diagnostic(path: path, message: message, remedy: remedy)])
  }

  /// The lines for a person; each says what to do.
  public var lines: [String] {
    switch self {
    case .refused(let diagnostics): diagnostics.sorted().map(\.unlabelledDescription)
    case .failed(let why): [why]
    case .system(let error): [error.description]
    case .cancelled: ["the card was not finished"]
    }
  }

  /// The lines.
  public var description: String { lines.joined(separator: "\n") }
}

extension ImageError: SeveralLines {}
