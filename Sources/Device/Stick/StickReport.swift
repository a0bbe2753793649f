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

  /// The maximum number of bytes of the lines in `summary`: a request to the daemon is one line of 4096 bytes, and a
  /// byte of a text may take two of it.
  static let summaryLimit = 1500

  /// Everything in one line; of a long report the worst lines, and the number of the others.
  public var summary: String {
    if lines.isEmpty { return "nothing on this stick is for this device" }
    let texts = lines.map(\.text)
    let whole = texts.joined(separator: "; ")
    if whole.utf8.count <= Self.summaryLimit { return whole }
    let worst = lines.filter { $0.outcome == outcome }.map(\.text)
    var shown: [String] = []
    var left = Self.summaryLimit
    for text in worst {
      left -= text.utf8.count + 2
      if left < 0 { break }
      shown.append(text)
    }
    if shown.isEmpty { shown = [String(worst[0].prefix(Self.summaryLimit / 8)) + "…"] }
    return shown.joined(separator: "; ") + "; \(lines.count - shown.count) more in the log of this service"
  }
}
