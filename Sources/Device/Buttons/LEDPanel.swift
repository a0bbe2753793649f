import Board
import CLinux
import Glibc
import Posix
import Synchronization

/// All LEDs of a board, on their own thread: an LED may hang on a slow bus, and no press waits for it.
///
/// A missing LED is reported once, and retried at each change of state; the others keep working.
public final class LEDPanel: Sendable {
  private let shared: Shared
  private let thread: Thread

  /// What the caller and the panel's thread share.
  private final class Shared: Sendable {
    let wake: Wake
    let quit = Atomic<Bool>(false)
    /// The state and the answer mode to show; nil shows nothing. The mutex guards it.
    let state = Mutex<LEDSequencer.Shown?>(nil)
    /// Why each LED does not work, by index; nil where it does. The mutex guards it.
    let faults: Mutex<[String?]>

    init(count: Int) throws(SystemError) {
      wake = try Wake()
      faults = Mutex(Array(repeating: nil, count: count))
    }
  }

  /// Starts the thread, with all LEDs dark.
  ///
  /// - Parameters:
  ///   - leds: the LEDs and their patterns.
  ///   - paths: where the kernel's files are.
  ///   - reportFault: called on the panel's thread with one line for each new fault.
  /// - Throws: `SystemError` where the thread cannot start.
  public init(
    _ leds: [Board.LED], _ paths: KernelPaths = KernelPaths(), reportFault: @escaping @Sendable (String) -> Void
  ) throws(SystemError) {
    let shared = try Shared(count: leds.count)
    self.shared = shared
    thread = try Thread("leds") {
      var sequencer = LEDSequencer(leds, paths)
      while true {
        let isOver = shared.quit.load(ordering: .acquiring)
        let state = isOver ? nil : shared.state.withLock { $0 }
        let next = sequencer.update(state?.state, mode: state?.mode, at: .now)
        for fault in sequencer.takeFaults() { reportFault(fault) }
        shared.faults.withLock { $0 = sequencer.faults }
        if isOver { return }
        var poll = Poll()
        _ = poll.add(shared.wake.descriptor, events: POLLIN)
        do { try poll.wait(until: next) } catch { return reportFault("the LEDs: \(error)") }
        shared.wake.clear()
      }
    }
  }

  /// Switches all LEDs off, waits for the thread, and releases the lines.
  deinit {
    shared.quit.store(true, ordering: .releasing)
    shared.wake.signal()
    thread.join()
  }

  /// Shows a state and an answer mode from now on. Returns at once.
  public func show(_ state: Board.LED.State, _ mode: Board.AnswerMode? = nil) {
    let new = LEDSequencer.Shown(state: state, mode: mode)
    let isNew = shared.state.withLock { shown in
      defer { shown = new }
      return shown != new
    }
    if isNew { shared.wake.signal() }
  }

  /// Why each LED does not work, by index; nil where it does.
  public var faults: [String?] { shared.faults.withLock { $0 } }
}
