import Board
import Control
import Diagnostics
import Distribution
import Journal
import Kit
import Posix

// The journal, and the same events for the subscribers of the socket.

extension Daemon {
  /// Opens the journal; nil if the options name none, or the board's policy keeps none.
  static func openJournal(_ options: Firstwordd, of board: Board) throws(SystemError) -> JournalThread? {
    guard let path = options.journal, board.journal.isKept else { return nil }
    let policy = JournalFile.Policy(size: board.journal.size * 1000, days: board.journal.days)
    return try JournalThread(path: path, policy: policy, signedBy: journalKey(path)) { say("\($0)") }
  }

  /// Reads the key of this daemon from the journal's directory, and makes it at the first start; nil, with a line that says
  /// why, if that fails. It signs the journal's ends and nothing else.
  private static func journalKey(_ journal: String) -> SecretKey? {
    do throws(KeyError) {
      return try DeviceKey.open(in: Path(journal).parent, named: DeviceKey.daemonName)
    } catch {
      say("\(error): the journal is written, but not signed")
      return nil
    }
  }

  /// Records an event: a line of the journal, and an event of the socket.
  func note(_ event: JournalEvent) {
    journal?.append(event)
    guard let server else { return }
    let fields = JournalFields(event)
    server.publish(
      ControlEvent(
        fields.event, monotonic: Monotonic.now.nanoseconds, language: fields.language, prompt: fields.prompt,
        voice: fields.voice, form: fields.form, formula: fields.formula, audience: fields.audience, heard: fields.heard,
        part: fields.part, partHeard: fields.partHeard, lost: fields.lost,
        // The system's text, or a name from a kit: clients print it.
        detail: (fields.detail ?? fields.kit).map { Printable($0.prefix(300)).text }, reason: fields.reason,
        about: fields.about, by: fields.by))
  }

  /// Publishes that the journal cannot be written, or is written again. The LEDs show it at the end of the turn.
  func noteJournal() {
    journal?.clearChanges()
    let failure = journal?.status.failure
    server?.publish(
      ControlEvent(
        failure == nil ? "journal-written" : "journal-failing", monotonic: Monotonic.now.nanoseconds,
        detail: failure.map { Printable($0.prefix(300)).text }))
  }

  /// The state of the journal, for the socket.
  var journalStatus: JournalStatus {
    if !board.journal.isKept { return JournalStatus(state: .off) }
    guard let status = journal?.status else { return JournalStatus(state: .none) }
    return JournalStatus(
      state: status.failure == nil ? .written : .failing, path: journalPath, cause: status.failure,
      number: status.number, hash: status.hash)
  }
}
