import Journal
import Kit
import Posix

/// The record of a session for an interpreter or a court: which messages the listener was played, when and in which
/// words, and the answers as the responder judged them. It states as well what it does not prove.
///
/// `HandoverAccount` decides what is stated; `HandoverPage` renders it.
public struct HandoverSheet: Sendable {
  /// The sessions of one listener, in their order; at least one.
  public var sessions: [JournalSession]
  /// All breaks of the journal.
  public var breaks: [JournalBreak]
  /// The result of the verification of the whole journal.
  public var verification: Verification
  /// The kit that was played; nil if it is not available.
  public var kit: HandoverKit?
  /// Local times.
  public var times: HandoverTimes
  /// Whether answers, times and hashes are omitted, for people who need to know only what was said.
  public var isRedacted: Bool
  /// Whether the session was a practice: there was no listener, and the sheet says so.
  public var isPractice = false
  /// When the sheet was made.
  public var made: WallTime
  /// Name and version of the program that made it.
  public var program: String

  /// The signatures of a device under its journal.
  public struct Signatures: Sendable {
    /// The id of the device's key, as it was noted before.
    public var key: KeyID
    /// What they say of the journal.
    public var verdict: JournalHeads.Verdict

    /// Creates the signatures of a device.
    public init(key: KeyID, verdict: JournalHeads.Verdict) { (self.key, self.verdict) = (key, verdict) }
  }

  /// The result of the verification of a journal.
  public struct Verification: Sendable {
    /// Number of lines.
    public var lines: Int
    /// What is wrong with the journal.
    public var findings: [String]
    /// What is explained and no fault.
    public var remarks: [String]
    /// Number and SHA-256 of the last whole line.
    public var head: (number: Int, hash: String)?
    /// The device's key, and the last line that it has signed; nil if no key was given, or it has signed none.
    public var signed: (key: KeyID, head: JournalHeads.Head)?

    /// Creates the result of a reading.
    ///
    /// - Parameter signatures: the device's signatures; nil if its key is not known.
    public init(_ reading: JournalReading, _ signatures: Signatures? = nil) {
      lines = reading.lines.count
      findings = reading.findings.map(\.description)
      remarks = reading.remarks.map(\.description)
      head = reading.head
      if let signatures {
        findings += signatures.verdict.findings
        remarks += signatures.verdict.remarks
        signed = signatures.verdict.last.map { (signatures.key, $0) }
      }
    }
  }

  /// Creates a sheet.
  ///
  /// - Parameters:
  ///   - sessions: the sessions of one listener, in their order; at least one.
  ///   - breaks: all breaks of the journal.
  ///   - verification: the result of the verification of the whole journal.
  ///   - kit: the kit that was played; `nil` if it is not available.
  ///   - times: local times.
  ///   - isRedacted: whether answers, times and hashes are omitted.
  ///   - made: when the sheet was made.
  ///   - program: name and version of the program that made it.
  public init(
    _ sessions: [JournalSession], breaks: [JournalBreak], verification: Verification, kit: HandoverKit?,
    times: HandoverTimes, isRedacted: Bool, made: WallTime, program: String
  ) {
    self.sessions = sessions
    self.breaks = breaks
    self.verification = verification
    self.kit = kit
    self.times = times
    self.isRedacted = isRedacted
    self.made = made
    self.program = program
  }

  /// The sheet as a page to print.
  public var page: HTMLPage { HandoverPage(sheet: self).page }
}
