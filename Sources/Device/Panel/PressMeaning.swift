import Board
import Buttons
import Posix

/// What the presses of one button mean. Time is a parameter; there is no clock inside.
///
/// A press acts at once, and a long press acts after it. An answer that waits for its release acts then, and a long press
/// acts alone.
struct PressMeaning: Equatable, Sendable {
  /// The meaning of a press.
  let button: Button
  /// The meaning of a long press; nil where it has none.
  let hold: Button?

  /// When the press began that is not decided yet.
  private var undecided: Monotonic?

  /// Creates the meaning of a button that is up.
  init(_ button: Button, hold: Button?) {
    self.button = button
    self.hold = hold
  }

  /// Records a change of the button.
  ///
  /// - Returns: what is requested by it, and when that press began; nil where nothing is.
  mutating func change(_ kind: ButtonEvent.Kind, at time: Monotonic) -> (button: Button, time: Monotonic)? {
    switch kind {
    case .pressed:
      if hold == nil || !button.waitsForRelease { return (button, time) }
      undecided = time
      return nil
    case .held:
      undecided = nil
      return hold.map { ($0, time) }
    case .released:
      defer { undecided = nil }
      // An answer is for the question that sounded when the button went down.
      return undecided.map { (button, $0) }
    case .stuck, .freed:
      undecided = nil
      return nil
    }
  }
}
