import Diagnostics
import Posix

/// A point in the journal at which the clock was set, the device or the daemon was started, or lines are missing.
///
/// A board without a clock battery may be wrong by years until its clock is set.
public struct JournalBreak: Codable, Equatable, Sendable {
  /// What happened.
  public enum Kind: String, Codable, Sendable {
    /// The clock advanced by more or less than the time that passed.
    case clockSet = "clock-set"
    /// The device was restarted. Only the clock shows how long it was off.
    case restarted
    /// The daemon was started.
    case started
    /// The daemon ended in order.
    case ended
    /// Another kit is played from here on.
    case kit
    /// A power cut tore a line.
    case torn
    /// Lines could not be written.
    case gap
    /// Old files were removed by the board's policy.
    case removed
  }

  /// What happened.
  public let kind: Kind
  /// Number of the line that shows it.
  public let line: Int
  /// Time of that line by the wall clock.
  public let time: WallTime
  /// Id of the boot of that line.
  public let boot: String
  /// Milliseconds by which the clock was set, or seems to have been.
  public let shift: Int64?
  /// The kit, or the text of the line.
  public let detail: String?

  /// Milliseconds by which the two clocks may differ although neither was set: they are read one after the other, and
  /// one is slewed.
  private static let tolerance: Int64 = 2000

  /// Returns all breaks of a journal.
  ///
  /// - Parameter entries: The lines that are as they were written, in order.
  public static func all(in entries: [JournalEntry]) -> [JournalBreak] {
    var breaks: [JournalBreak] = []
    var before: JournalEntry?
    for entry in entries {
      func add(_ kind: Kind, shift: Int64? = nil, detail: String? = nil) {
        breaks.append(
          JournalBreak(
            kind: kind, line: entry.number, time: entry.wall ?? WallTime(milliseconds: 0), boot: entry.boot,
            shift: shift, detail: detail))
      }
      if let before, let (then, now) = before.wall.flatMap({ then in entry.wall.map { (then, $0) } }) {
        if before.boot != entry.boot {
          // Time does not run backwards, so the clock was set by at least this much.
          add(.restarted, shift: now < then ? now.since(then) : nil)
        } else {
          let shift = now.since(then) - (entry.monotonic - before.monotonic) / 1_000_000
          if abs(shift) > tolerance { add(.clockSet, shift: shift) }
        }
      }
      switch entry.event {
      case .ready(let kit): add(.started, detail: kit.identity)
      case .kit(let kit): add(.kit, detail: kit.identity)
      case .terminated: add(.ended)
      case .torn(let detail): add(.torn, detail: detail)
      case .gap(let detail): add(.gap, detail: detail)
      case .removed(let removal): add(.removed, detail: "lines to \(removal.through), by \(removal.reason.rawValue)")
      default: break
      }
      before = entry
    }
    return breaks
  }

  /// The break, for people.
  public var description: String {
    switch kind {
    case .clockSet: "the clock was set by \(Self.span(shift ?? 0)) here, or the device slept as long"
    case .restarted:
      shift.map { "the device restarted here, with a clock that was behind by at least \(Self.span(-$0).dropFirst())" }
        ?? "the device restarted here"
    case .started: "ready" + (detail.map { ": kit \($0.split(separator: " ").prefix(2).joined(separator: " "))" } ?? "")
    case .kit: "from here on kit \((detail ?? "").split(separator: " ").prefix(2).joined(separator: " "))"
    case .ended: "ended"
    case .torn: "a line was torn, as by a power cut (\(detail ?? ""))"
    case .gap: "lines are missing that could not be written (\(detail ?? ""))"
    case .removed: "the device removed old lines by its policy (\(detail ?? ""))"
    }
  }

  /// Returns a span for people: `+3 h 05 min`, `-12 s`, `+412 days 3 h`.
  public static func span(_ milliseconds: Int64) -> String {
    let seconds = abs(milliseconds) / 1000
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let text =
      days > 0
      ? "\(counted(Int(days), "day")) \(hours) h"
      : hours > 0
        ? "\(hours) h \(two(minutes)) min" : minutes > 0 ? "\(minutes) min \(two(seconds % 60)) s" : "\(seconds) s"
    return (milliseconds < 0 ? "-" : "+") + text
  }
}

extension JournalSession {
  /// Returns remarks about the times of the session, one sentence each.
  public func clockRemarks(_ breaks: [JournalBreak]) -> [String] {
    var remarks: [String] = []
    if start < Self.plausible { remarks.append("The clock had not been set: it stood at \(start).") }
    for each in breaks where each.kind == .clockSet && each.boot == boot {
      let by = JournalBreak.span(each.shift ?? 0)
      if each.line > last {
        remarks.append(
          "Later, before the device was next started, its clock was set by \(by) (line \(each.line)): the times here are "
            + "probably wrong by as much.")
      } else if each.line > number {
        remarks.append(
          "In the middle of it the clock was set by \(by) (line \(each.line)): the times before that are probably wrong "
            + "by as much.")
      } else {
        remarks.append("Since the device was started its clock had been set by \(by) (line \(each.line)).")
      }
    }
    if remarks.isEmpty {
      remarks.append("Nothing in the journal speaks against the clock; that it was right, the journal cannot prove.")
    }
    return remarks
  }

  /// No correct clock shows an earlier time: this program did not exist.
  static let plausible = WallTime("2025-01-01T00:00:00.000Z")!
}
