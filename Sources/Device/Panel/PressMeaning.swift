import Board
import Buttons
import Posix

/// What the presses of one button mean. Time is a parameter; there is no clock inside.
///
/// A press acts at once, and a long press acts after it. An answer that waits for its release acts then, and a long press
/// acts alone. While a stop button is held down, a press may have another meaning, and acts alone and at once; a chord
/// acts later (`ChordWatch`).
struct PressMeaning: Equatable, Sendable {
  /// The meaning of a press.
  let button: Button
  /// The meaning of a long press; nil where it has none.
  let hold: Button?
  /// The meaning of a press while a stop button is held down; nil for the same as otherwise.
  let withStop: Button?

  /// Whether the button was pressed while a stop button was held down, and is not released yet.
  private var isWithStop = false
  /// When the press began that is not decided yet.
  private var undecided: Monotonic?

  /// Creates the meaning of a button that is up.
  init(_ button: Button, hold: Button?, withStop: Button? = nil) {
    self.button = button
    self.hold = hold
    self.withStop = withStop
  }

  /// Records a change of the button.
  ///
  /// - Parameters:
  ///   - kind: The change.
  ///   - time: When it was.
  ///   - isStopHeld: Whether a stop button is down.
  /// - Returns: what is requested by it, and when that press began; nil where nothing is.
  mutating func change(
    _ kind: ButtonEvent.Kind, at time: Monotonic, isStopHeld: Bool = false
  ) -> (button: Button, time: Monotonic)? {
    switch kind {
    case .pressed:
      if isStopHeld, let withStop {
        isWithStop = true
        return withStop.isChord ? nil : (withStop, time)
      }
      if hold == nil || !button.waitsForRelease { return (button, time) }
      undecided = time
      return nil
    case .held:
      undecided = nil
      return isWithStop ? nil : hold.map { ($0, time) }
    case .released:
      isWithStop = false
      defer { undecided = nil }
      // An answer is for the question that sounded when the button went down.
      return undecided.map { (button, $0) }
    case .stuck, .freed:
      isWithStop = false
      undecided = nil
      return nil
    }
  }
}
