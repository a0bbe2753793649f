import Board
import Buttons
import Posix

/// The amplifier of a board, on its line. A line that cannot be set is reported once and retried at each change: the device
/// may still be heard.
///
/// All calls come from one thread.
public final class Amplifier {
  private let output: Board.Output
  private let paths: KernelPaths
  private let reportFault: (String) -> Void
  private var change: AmplifierSwitch
  private var line: OutputLine?
  /// What the line was last set to; nil where that is not known.
  private var level: Bool?
  private var hasFailed = false

  /// Opens the line, switched off; with a running stream, on.
  ///
  /// - Parameters:
  ///   - reportFault: called with one line for each new fault.
  /// - Returns: nil for a board whose amplifier is not switched.
  public init?(_ sound: Board.Sound, _ paths: KernelPaths, reportFault: @escaping (String) -> Void) {
    guard let amplifier = sound.amplifier else { return nil }
    output = amplifier.output
    self.paths = paths
    self.reportFault = reportFault
    change = AmplifierSwitch(sound, at: .now)
    apply()
  }

  /// When `update` must be called; nil for never.
  public var deadline: Monotonic? { change.deadline }

  /// Switches it on, before a sound is requested.
  public func prepare() {
    change.sound(at: .now)
    change.calm(at: .now)
    apply()
  }

  /// Switches it on or off.
  ///
  /// - Parameter isSounding: whether something sounds, or is about to.
  public func update(isSounding: Bool, at now: Monotonic) {
    if isSounding { change.sound(at: now) } else { change.calm(at: now) }
    change.pass(at: now)
    apply()
  }

  /// Switches it off, at the end of the program.
  public func close() { set(false) }

  private func apply() { if level != change.isOn { set(change.isOn) } }

  private func set(_ isOn: Bool) {
    do {
      if line == nil { line = try OutputLine(output, paths) }
      try line?.set(isOn)
      (level, hasFailed) = (isOn, false)
    } catch {
      (line, level) = (nil, isOn)
      if !hasFailed { reportFault("amplifier \(output.address): \(error); it may stay silent") }
      hasFailed = true
    }
  }
}
