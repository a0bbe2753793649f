import Board
import Buttons
import Diagnostics

/// The checks of a device, for `firstword doctor` and `firstwordd --self-test`. They are silent, and change only the
/// board's mixer.
///
/// The lines and the card are opened for a moment. A running daemon holds the card and some lines, which the checks then
/// report as busy.
public struct SelfTest {
  /// What to check in addition to the machine; nil parts are skipped.
  public struct Subject: Sendable {
    /// The board, with its card, lines, input devices and LEDs.
    public var board: Board?
    /// The ALSA PCM to check instead of the board's.
    public var pcm: String?
    /// The path of a kit.
    public var kit: String?
    /// The directory with the kits and keys of a device.
    public var store: String?
    /// The path of a public key, or of a directory of public keys, which the kit is checked against.
    public var trust: String?
    /// The path of the journal.
    public var journal: String?
    /// Whether a DRAFT kit is only a warning, on a trial board.
    public var allowDraft = false
    /// Whether a kit without a trusted signature is only a warning, on a trial board.
    public var allowUntrusted = false
    /// Where the kernel's files are.
    public var paths = KernelPaths()

    /// Creates a subject that is only the machine.
    public init() {}
  }

  private let subject: Subject

  /// Prepares the checks.
  public init(_ subject: Subject) { self.subject = subject }

  /// Runs all checks. A note is the result of a check that found nothing wrong.
  ///
  /// - Parameter progress: called with the number of clips verified and the total.
  public func run(progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }) -> [Diagnostic] {
    var checks: [Diagnostic] = []
    if let board = subject.board {
      checks += SoundChecks(board, pcm: subject.pcm).run() + ControlChecks(board, subject.paths).run()
    }
    checks += MachineChecks.run()
    if let kit = subject.kit { checks += KitChecks(kit, subject).run(progress: progress) }
    if let store = subject.store { checks += StoreChecks(store, subject).run(progress: progress) }
    if let journal = subject.journal { checks.append(JournalChecks.check(journal)) }
    return checks
  }
}
