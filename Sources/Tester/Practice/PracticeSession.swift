import Board
import Control
import Diagnostics
import Glibc
import Journal
import Kit
import KitBuilder
import Pages
import Posix
import Simulator
import Synchronization

/// One practice, on a thread of its own: the shipped daemon on simulated lines and a simulated card, in a temporary
/// directory that is removed with it.
final class PracticeSession: Sendable {
  /// What to practise with.
  struct Setup: Sendable {
    /// The id of the project.
    var project: String
    var kit: KitSource
    /// The board, as its file has it.
    var board: Board
    /// The drill to begin with; nil without one.
    var drill: DrillWish?
  }

  /// The kit to practise with.
  enum KitSource: Sendable {
    /// A kit file of the project.
    case file(name: String, path: String)
    /// The project as it is, built for this practice alone.
    case trial(Workspace, cache: BuildCache?)
  }

  /// A drill that is to begin.
  struct DrillWish: Equatable, Sendable {
    /// The answer mode to practise; nil for the kit's default and the change to the next.
    var answers: AnswerMode?
    /// Selects the person of the drill.
    var seed: UInt64
  }

  private enum Command {
    case press(Int)
    case release(Int)
    case drill(DrillWish?)
  }

  private struct State {
    var view: PracticeView
    var commands: [Command] = []
    var isEnding = false
    var seen: Monotonic
    var reading: JournalReading?
    var kit: HandoverKit?
  }

  /// The practice was ended while its kit was being built.
  private struct Ended: Error {}

  /// Why a practice ends before its page does.
  private struct Failure: Error {
    var diagnostics: [Diagnostic]
    var log: [String] = []
  }

  let id: String
  /// What left the card.
  let sound = PracticeSound()
  private let setup: Setup
  private let patience: Int
  private let state: Mutex<State>
  private let wake: Wake
  /// Ends the trial build with the practice.
  private let cancellation = Cancellation()
  private let publish: @Sendable (PracticeView.Change) -> Void
  private let thread = Mutex<Posix.Thread?>(nil)

  /// Milliseconds between two looks at lines, sound and time.
  private static let step = 20
  /// Minimum milliseconds between two readings of the journal.
  private static let journalPause = 150
  /// Maximum number of frames that one practice plays: an hour.
  private static let longest = 3600 * CardRecording.rate

  /// Starts a practice.
  ///
  /// - Parameters:
  ///   - id: its id.
  ///   - patience: the seconds without a request after which it ends.
  ///   - publish: called from its thread with every change.
  init(
    _ id: String, _ setup: Setup, patience: Int, publish: @escaping @Sendable (PracticeView.Change) -> Void
  ) throws(SystemError) {
    self.id = id
    self.setup = setup
    self.patience = patience
    self.publish = publish
    wake = try Wake()
    var view = PracticeView(id: id, project: setup.project, phase: .building)
    if case .file(let name, _) = setup.kit {
      view.file = name
      view.phase = .starting
    }
    state = Mutex(State(view: view, seen: .now))
    let thread = try Posix.Thread("practice") { self.run() }
    self.thread.withLock { $0 = thread }
  }

  // MARK: For the requests

  /// The practice as it is. Any thread may read it.
  var view: PracticeView { state.withLock { $0.view } }

  /// Notes that a page is there.
  func attend() { state.withLock { $0.seen = .now } }

  /// What was practised so far: the verified journal, and the kit's words; nil before the first line.
  var journal: (reading: JournalReading, kit: HandoverKit)? {
    state.withLock { state in
      guard let reading = state.reading, let kit = state.kit else { return nil }
      return (reading, kit)
    }
  }

  /// Presses or releases a contact.
  func move(_ contact: Int, isDown: Bool) { add(isDown ? .press(contact) : .release(contact)) }

  /// Begins a drill, in place of the running one; nil ends it.
  func drill(_ wish: DrillWish?) { add(.drill(wish)) }

  /// Ends the practice; its thread needs a moment more.
  func end() {
    state.withLock { $0.isEnding = true }
    cancellation.cancel()
    wake.signal()
  }

  /// Waits until the thread has ended.
  func join() { thread.withLock { $0.take() }?.join() }

  private func add(_ command: Command) {
    state.withLock { $0.commands.append(command) }
    wake.signal()
  }

  // MARK: The thread

  private func run() {
    do {
      let place = try PracticePlace()
      try play(try makeKit(in: place.path), in: place)
      finish([], [])
    } catch let failure as Failure {
      finish(failure.diagnostics, failure.log)
    } catch is Ended {
      finish(state.withLock { $0.isEnding } ? [] : [lonely], [])
    } catch {
      finish([Diagnostic(path: "", message: "\(error)", remedy: "begin again")], [])
    }
  }

  private func finish(_ diagnostics: [Diagnostic], _ log: [String]) {
    sound.close()
    change { view in
      view.phase = .ended
      view.live.end = diagnostics
      view.live.log = log
      view.live.down = []
      view.live.lit = view.live.lit.map { _ in false }
      (view.live.state, view.live.now, view.live.typed, view.live.hint) = (nil, nil, nil, nil)
    }
  }

  /// Changes the view, and reports it if it is another one.
  private func change(_ change: (inout PracticeView) -> Void) {
    let report = state.withLock { state -> PracticeView.Change? in
      let before = (state.view.phase, state.view.live)
      change(&state.view)
      if before == (state.view.phase, state.view.live) { return nil }
      return PracticeView.Change(id: id, phase: state.view.phase, live: state.view.live)
    }
    if let report { publish(report) }
  }

  /// Whether the practice is to end: somebody said so, or no page is there any more.
  private var isOver: Bool {
    state.withLock { $0.isEnding || Monotonic.now.since($0.seen) > Int64(patience) * 1_000_000_000 }
  }

  /// Opens the kit; makes it before, for a trial build.
  private func makeKit(in place: Path) throws -> KitFile {
    switch setup.kit {
    case .file(_, let path): return try KitFile(path: path)
    case .trial(let workspace, let cache):
      let path = place.appending("trial.kit")
      do throws(BuildError) {
        let built = try KitBuild(workspace, cache: cache).build(partial: true, until: cancellation) { done, all in
          self.change { view in (view.live.done, view.live.of) = (done, all) }
          if self.isOver { self.cancellation.cancel() }
        }
        try built.write(to: path.string, signedBy: Self.key())
      } catch {
        if cancellation.isCancelled { throw Ended() }
        if case .findings(let findings) = error { throw Failure(diagnostics: findings.map(\.diagnostic)) }
        throw Failure(
          diagnostics: [
            Diagnostic(path: "", message: "\(error)", remedy: "practise with a kit file, or record something first")
          ])
      }
      change { $0.phase = .starting }
      return try KitFile(path: path.string)
    }
  }

  /// A key for one trial build; nobody trusts it.
  private static func key() throws(BuildError) -> SecretKey {
    do throws(KeyError) { return try SecretKey.generate() } catch { throw .pack(.key(error)) }
  }

  private func play(_ kit: KitFile, in place: PracticePlace) throws {
    if isOver { return }
    let board = PracticeBoard(setup.board, kit: kit.manifest)
    var bench = Bench.Setup(kit: kit.path, board: board.simulated)
    bench.directory = place.bench.string
    (bench.allowDraft, bench.allowUntrusted, bench.endsWithThread) = (true, true, true)
    let stage = try PracticeStage(Bench(bench), board, kit)
    state.withLock { $0.kit = HandoverKit(kit.manifest, kit.bundles) }
    change { view in
      view.kit = .init(name: kit.manifest.name, version: kit.manifest.version, draft: kit.manifest.draft)
      view.board = board.name
      view.contacts = board.contacts
      view.lamps = board.lamps
      view.modes = kit.manifest.answers.modes.map(\.rawValue)
      view.phase = .running
      (view.live.done, view.live.of) = (nil, nil)
    }
    defer {
      stage.stop()
      readJournal(stage)
    }
    do {
      try stage.begin(setup.drill)
      var read = Monotonic.now
      while !isOver {
        try wait(stage)
        while let command = nextCommand(stage) {
          switch command {
          case .press(let contact): try stage.press(contact)
          case .release(let contact): stage.release(contact)
          case .drill(let wish): stage.drill(wish)
          }
        }
        try stage.advance()
        sound.append(try stage.takeSound())
        if sound.frames > Self.longest {
          throw Failure(
            diagnostics: [Diagnostic(path: "", message: "an hour of sound was played", remedy: "begin again")])
        }
        if Monotonic.now.since(read) > Int64(Self.journalPause) * 1_000_000 {
          readJournal(stage)
          read = .now
        }
        change { stage.show(in: &$0.live) }
      }
    } catch let error where !(error is Failure) {
      throw Failure(diagnostics: [stage.end(after: error)], log: stage.lastLines)
    }
    if !state.withLock({ $0.isEnding }) { throw Failure(diagnostics: [lonely]) }
  }

  /// Why a practice ends without anybody's wish.
  private var lonely: Diagnostic {
    Diagnostic(
      .note, path: "", message: "no page has shown the practice for \(patience) s, so it ended", remedy: "begin again")
  }

  /// Returns the next command; nil if there is none now. A press waits until the one before it has opened its contact:
  /// STOP and then another button, quickly, are no chord.
  private func nextCommand(_ stage: PracticeStage) -> Command? {
    state.withLock { state in
      guard let first = state.commands.first else { return nil }
      if case .press = first, stage.isOpening { return nil }
      return state.commands.removeFirst()
    }
  }

  private func wait(_ stage: PracticeStage) throws {
    var poll = Poll()
    _ = poll.add(wake.descriptor, events: POLLIN)
    _ = poll.add(stage.descriptor, events: POLLIN)
    try poll.wait(until: .now.adding(milliseconds: Self.step))
    wake.clear()
  }

  /// Reads the journal if it has grown.
  private func readJournal(_ stage: PracticeStage) {
    guard let bytes = stage.newJournal(),
      let reading = try? JournalReading(contents: [("journal.jsonl", bytes)])
    else { return }
    state.withLock { $0.reading = reading }
    change { $0.live.lines = reading.lines.count }
  }
}
