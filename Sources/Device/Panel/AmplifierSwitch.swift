import Board
import Posix

/// When an amplifier is on. Time is a parameter; there is no clock inside.
///
/// It is on from the moment in which a sound is requested, `Sound.lead` milliseconds before its first frame. It is off
/// again when nothing sounded for `Amplifier.rest` seconds, so that neither switching is heard. A running stream begins a
/// clip without a lead: the amplifier is on from the start, and for as long as the stream runs.
struct AmplifierSwitch: Equatable, Sendable {
  /// Milliseconds without a sound after which it is off; nil for never.
  private let rest: Int?
  /// Whether it is on.
  private(set) var isOn: Bool
  /// When it is switched off; nil while something sounds, and while it is off.
  private(set) var deadline: Monotonic?

  /// Creates the switch of a board's amplifier.
  init(_ sound: Board.Sound, at time: Monotonic) {
    let tail = (sound.amplifier?.rest ?? 0) * 1000 + sound.lead
    switch sound.stream {
    case .prepared: rest = tail
    case .running: rest = sound.sleep == 0 ? nil : sound.sleep * 60_000 + tail
    }
    isOn = sound.stream == .running
    if isOn { calm(at: time) }
  }

  /// Records that a sound is about to be requested, or is under way.
  mutating func sound(at time: Monotonic) {
    isOn = true
    deadline = nil
  }

  /// Records that nothing sounds.
  mutating func calm(at time: Monotonic) {
    if isOn, deadline == nil { deadline = rest.map { time.adding(milliseconds: $0) } }
  }

  /// Switches off when it is time.
  mutating func pass(at now: Monotonic) {
    guard let deadline, now >= deadline else { return }
    (isOn, self.deadline) = (false, nil)
  }
}
