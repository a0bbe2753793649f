import Board
import Buttons
import Panel
import Playback
import Posix

/// What a device looks at before somebody relies on it: the same checks for `firstword doctor` and
/// `firstwordd --self-test`. Nothing is heard, and nothing stays changed but the board's mixer.
///
/// The lines are opened for a moment: a running daemon has some of them, and the card, for itself.
public struct SelfTest {
  /// What is looked at beside the machine itself; what is absent is left out.
  public struct Subject: Sendable {
    public var board: Board?
    /// Instead of the board's.
    public var pcm: String?
    public var kit: String?
    /// The directory of a device's kits and keys.
    public var store: String?
    /// A public key or a directory of them.
    public var trust: String?
    public var journal: String?
    public var allowDraft = false
    public var allowUntrusted = false
    public var places = KernelPlaces()

    public init() {}
  }

  private let subject: Subject

  public init(_ subject: Subject) { self.subject = subject }

  /// - Parameter progress: gets the number of clips verified and of all.
  public func run(progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }) -> [Check] {
    var checks: [Check] = []
    if let board = subject.board {
      checks += SoundChecks(board, pcm: subject.pcm).run() + ControlChecks(board, subject.places).run()
    }
    checks += MachineChecks.run()
    if let kit = subject.kit { checks += KitChecks(kit, subject).run(progress: progress) }
    if let store = subject.store { checks += StoreChecks(store, subject).run(progress: progress) }
    if let journal = subject.journal { checks.append(JournalPlace.check(journal)) }
    return checks
  }
}
