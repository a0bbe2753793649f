import Posix

/// What became of a stick: a line for each file, and one outcome for the device to signal.
public struct StickReport: Equatable, Sendable {
  /// How a file, or the whole stick, fared. The later ones are worse.
  public enum Outcome: String, Codable, CaseIterable, Sendable {
    /// The device has it already.
    case present
    /// The device has taken it.
    case done
    /// It is wrong for this device: damaged, unsigned, not trusted, older.
    case refused
    /// The stick, the disk or the store failed.
    case failed
  }

  /// A file's outcome, and what happened, for people.
  public struct Line: Equatable, Sendable {
    /// How it fared.
    public var outcome: Outcome
    /// What happened.
    public var text: String
  }

  /// The lines, in their order.
  public private(set) var lines: [Line] = []

  /// Creates a report without lines.
  public init() {}

  /// Adds a line.
  public mutating func add(_ outcome: Outcome, _ text: String) { lines.append(Line(outcome: outcome, text: text)) }

  /// The worst outcome. A stick that holds nothing for the device is refused.
  public var outcome: Outcome {
    let order = Outcome.allCases
    return lines.map(\.outcome).max { order.firstIndex(of: $0)! < order.firstIndex(of: $1)! } ?? .refused
  }

  /// Everything in one line.
  public var summary: String {
    lines.isEmpty ? "nothing on this stick is for this device" : lines.map(\.text).joined(separator: "; ")
  }
}
