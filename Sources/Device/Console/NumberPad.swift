import Posix

/// Keys that make a number: two digits are a prompt's, `*` and two digits a language's.
///
/// A number that is not complete in time is dropped in silence.
struct NumberPad: Equatable, Sendable {
  /// A complete number.
  enum Number: Equatable, Sendable {
    case prompt(Int)
    case language(Int)
  }

  /// Maximum time between two keys, in milliseconds.
  let limit: Int
  private var isLanguage = false
  private var first: Int?
  /// When the keys so far are dropped; nil if there are none.
  private(set) var deadline: Monotonic?

  init(limit: Int) { self.limit = limit }

  /// Begins the number of a language.
  mutating func star(at time: Monotonic) {
    clear()
    isLanguage = true
    deadline = time.adding(milliseconds: limit)
  }

  /// Takes a digit; returns the number that it completes.
  mutating func digit(_ digit: Int, at time: Monotonic) -> Number? {
    expire(at: time)
    guard let tens = first else {
      first = digit
      deadline = time.adding(milliseconds: limit)
      return nil
    }
    defer { clear() }
    return isLanguage ? .language(10 * tens + digit) : .prompt(10 * tens + digit)
  }

  /// Drops the keys so far if their deadline has passed.
  mutating func expire(at time: Monotonic) { if let deadline, time >= deadline { clear() } }

  /// Drops the keys so far.
  mutating func clear() { self = NumberPad(limit: limit) }
}
