import Posix

/// Why lines cannot be simulated or driven. The description is one line, with what to do.
public enum LinesError: Error, Equatable, Sendable, CustomStringConvertible {
  /// FUSE is unavailable on this machine, or to this user.
  case unavailable(reason: String)
  /// The configuration is invalid, for this reason.
  case configuration(String)
  /// The directory is not empty.
  case notEmpty(path: String)
  /// Another program serves simulated lines in the directory.
  case taken(path: String)
  /// libfuse cannot mount the directory.
  case mount(path: String, reason: String)
  /// A system call failed.
  case system(SystemError)
  /// The chip has no such line.
  case noSuchLine(Int, count: Int)
  /// The lines have been unmounted.
  case ended(path: String)

  /// The error on one line, with what to do.
  public var description: String {
    switch self {
    case .unavailable(let reason): "simulated lines cannot be mounted: \(reason)"
    case .configuration(let fault): "simulated lines: \(fault)"
    case .notEmpty(let path):
      "\(path): the directory is not empty: simulated lines need an empty directory or a new one"
    case .taken(let path):
      "\(path): simulated lines are mounted here already: stop the program that serves them, or use another directory"
    case .mount(let path, let reason): "\(path): cannot mount the simulated lines: \(reason)"
    case .system(let error): error.description
    case .noSuchLine(let line, let count): "no line \(line): the simulated chip has lines 0 to \(count - 1)"
    case .ended(let path): "\(path): the simulated lines have been unmounted"
    }
  }
}
