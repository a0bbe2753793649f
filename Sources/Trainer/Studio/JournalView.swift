import Journal
import Kit
import Pages

/// A journal as the page shows it: verified, and told session by session in the words of `firstword journal show`.
package struct JournalView: Encodable, Sendable {
  /// A line of a session, or what happened to the device between two.
  struct Row: Encodable, Sendable {
    /// The local time of day.
    var time: String
    /// The kind of act; `break` for what happened to the clock, the device or the journal.
    var kind: String
    /// The words; the parts that report a loss are marked.
    var parts: [Part]
    /// Whether it is for the responder, and not for the listener.
    var isForResponder = false

    struct Part: Encodable, Sendable {
      var text: String
      var isBad: Bool
    }
  }

  /// A session.
  struct Session: Encodable, Sendable {
    /// The number of its first line, which identifies it.
    var number: Int
    var title: String
    var rows: [Row]
    /// Whether the words are those of the kit that was played.
    var hasWords: Bool
  }

  /// Whether no line was changed, removed, added or moved.
  var intact: Bool
  var lines: Int
  /// The SHA-256 of the last whole line.
  var hash: String?
  /// Whether a line has the SHA-256 that was asked for; nil if none was.
  package var holds: Bool?
  /// What is wrong.
  var findings: [String]
  /// What is explained and no fault.
  var remarks: [String]
  /// Whether the last line records that the device was switched off in order.
  var isEnded: Bool
  var sessions: [Session]

  /// Creates the view.
  ///
  /// - Parameters:
  ///   - reading: the verified journal.
  ///   - times: local times.
  ///   - kit: returns the kit whose words a session has; nil if it is not available.
  package init(_ reading: JournalReading, times: HandoverTimes, kit: (JournalSession) -> HandoverKit?) {
    intact = reading.findings.isEmpty
    lines = reading.lines.count
    hash = reading.head?.hash
    findings = reading.findings.map(\.description)
    remarks = reading.remarks.map(\.description)
    isEnded = reading.lines.last?.entry?.event == .terminated
    var breaks = JournalBreak.all(in: reading.entries)[...]
    sessions = JournalSession.all(in: reading.entries).map { session in
      let kit = kit(session)
      let words = JournalWords(times: times, kit: kit)
      var rows: [Row] = []
      func addBreaks(before line: Int) {
        while let each = breaks.first, each.line < line {
          breaks.removeFirst()
          let text = "\(times.day(each.time)): \(each.description)"
          rows.append(
            Row(time: times.clock(each.time), kind: "break", parts: [.init(text: text, isBad: false)]))
        }
      }
      for act in session.acts {
        addBreaks(before: act.line)
        rows.append(
          Row(
            time: times.clock(act.time), kind: act.kind.rawValue,
            parts: words.parts(of: act).map { .init(text: $0.text, isBad: $0.isBad || act.kind == .fault) },
            isForResponder: act.isForResponder))
      }
      return Session(number: session.number, title: words.title(of: session), rows: rows, hasWords: kit != nil)
    }
  }
}
