import Posix

/// Why the lines cannot be shown or driven: one line, with what to do.
public enum LinesError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No FUSE on this machine, or not for this user.
  case unavailable(reason: String)
  /// What is wrong with the configuration, in words.
  case configuration(String)
  case notEmpty(path: String)
  /// Other simulated lines are mounted there, and served.
  case taken(path: String)
  case mount(path: String, reason: String)
  /// A call of the system failed on the way.
  case system(SystemError)
  case noSuchLine(Int, count: Int)
  /// The lines have been unmounted.
  case ended(path: String)

  public var description: String {
    switch self {
    case .unavailable(let reason): "simulated lines cannot be mounted: \(reason)"
    case .configuration(let fault): "simulated lines: \(fault)"
    case .notEmpty(let path):
      "\(path): the directory is not empty: simulated lines need an empty directory or a new name"
    case .taken(let path):
      "\(path): simulated lines are mounted here already: stop the program that serves them, or take another directory"
    case .mount(let path, let reason): "\(path): cannot mount the simulated lines: \(reason)"
    case .system(let error): error.description
    case .noSuchLine(let line, let count): "no line \(line): the simulated chip has lines 0 to \(count - 1)"
    case .ended(let path): "\(path): the simulated lines have been unmounted"
    }
  }
}
