import Posix

/// Keys that make a number: two digits are a prompt's, `*` and two digits a language's.
///
/// A number that is not finished in time is forgotten, and nothing is said of it.
struct NumberPad: Equatable, Sendable {
  enum Number: Equatable, Sendable {
    case prompt(Int)
    case language(Int)
  }

  /// Milliseconds between two keys.
  let limit: Int
  private var isLanguage = false
  private var first: Int?
  /// When what was typed is forgotten; `nil` where nothing was.
  private(set) var deadline: Monotonic?

  init(limit: Int) { self.limit = limit }

  mutating func star(at time: Monotonic) {
    forget()
    isLanguage = true
    deadline = time.adding(milliseconds: limit)
  }

  /// The number that the digit completes.
  mutating func digit(_ digit: Int, at time: Monotonic) -> Number? {
    pass(at: time)
    guard let tens = first else {
      first = digit
      deadline = time.adding(milliseconds: limit)
      return nil
    }
    defer { forget() }
    return isLanguage ? .language(10 * tens + digit) : .prompt(10 * tens + digit)
  }

  /// Time has passed with no further key.
  mutating func pass(at time: Monotonic) { if let deadline, time >= deadline { forget() } }

  mutating func forget() { self = NumberPad(limit: limit) }
}
