import Board
import Posix

/// A chord: a button that is pressed while stop is held down, and held for so long that nobody does it by mistake. Time is
/// a parameter; there is no clock inside.
struct ChordWatch: Equatable, Sendable {
  /// A chord whose buttons are down.
  private struct Held: Equatable, Sendable {
    var index: Int
    var button: Button
    var end: Monotonic
  }

  /// Milliseconds for which it is held.
  private let duration: Int
  private var held: Held?

  /// Creates a watch.
  ///
  /// - Parameter duration: milliseconds for which a chord is held before it acts.
  init(duration: Int) { self.duration = duration }

  /// When `take` has something to return, unless a button is released before; nil for never.
  var deadline: Monotonic? { held?.end }

  /// Begins a chord. Another one that is held ends: three buttons together mean nothing.
  ///
  /// - Parameters:
  ///   - index: the index of the button that was pressed while stop was down.
  ///   - button: what the chord requests.
  mutating func begin(_ index: Int, _ button: Button, at time: Monotonic) {
    held = held == nil ? Held(index: index, button: button, end: time.adding(milliseconds: duration)) : nil
  }

  /// Ends a chord of which this button was a part. A stop button is a part of every chord.
  mutating func release(_ index: Int, isStop: Bool) { if isStop || held?.index == index { held = nil } }

  /// Returns the chord that was held for long enough, once.
  mutating func take(at now: Monotonic) -> (index: Int, button: Button, time: Monotonic)? {
    guard let held, now >= held.end else { return nil }
    self.held = nil
    return (held.index, held.button, held.end)
  }
}
