import Diagnostics

/// Why no kit was built.
public enum BuildError: Error, Sendable, CustomStringConvertible, SeveralLines {
  /// The findings of severity error that must be corrected first, in order.
  case findings([CheckFinding])
  /// The project has no recording at all.
  case nothing(directory: String)
  /// The work was cancelled.
  case cancelled
  /// The kit cannot be written.
  case pack(PackError)

  /// A line for each finding.
  public var description: String { lines.joined(separator: "\n") }

  /// A line for each finding.
  public var lines: [String] {
    switch self {
    case .findings(let findings): findings.map(\.description)
    case .nothing(let directory):
      ["\(directory.printable): there is no recording to build from: record some, or run 'firstword synthesize'"]
    case .cancelled: ["the work was stopped before its end: start it again"]
    case .pack(let error): [error.description]
    }
  }
}
