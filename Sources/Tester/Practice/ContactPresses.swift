import Board
import Posix

/// Decides when the contacts of a practice open again. A tap on a page may be shorter than the time that a busy machine
/// takes to notice a simulated line: a contact stays closed until the daemon has counted its press.
struct ContactPresses: Sendable {
  private struct Press {
    var began: Monotonic
    /// The daemon's count of presses before it.
    var before: Int
    /// Whether the daemon counts it only when the contact opens.
    var isDecidedLater: Bool
    var isReleased = false
  }

  private var presses: [Int: Press] = [:]
  /// Minimum milliseconds that a contact is closed: longer than any bounce.
  private static let shortest = 60
  /// The same for a press that counts when it ends.
  private static let shortestDecidedLater = 120
  /// Milliseconds after which a contact opens although its press was not counted.
  private static let patience = 2000
  /// Seconds after which a contact opens although the page does not release it: the page is gone.
  private static let longest = 60

  /// The numbers of the contacts that are closed, in order.
  var down: [Int] { presses.keys.sorted() }

  /// Whether a contact waits for the daemon's count, or for its time.
  var isWaiting: Bool { presses.values.contains(where: \.isReleased) }

  /// Closes a contact.
  ///
  /// - Parameter before: the daemon's count of presses.
  /// - Returns: whether the line must be driven; false if it is closed already.
  mutating func press(_ contact: Int, of line: Board.Line, before: Int, at now: Monotonic) -> Bool {
    if presses[contact] != nil {
      // Pressed again before it could open: the same press goes on.
      presses[contact]?.isReleased = false
      return false
    }
    presses[contact] = Press(
      began: now, before: before, isDecidedLater: line.hold != nil && line.button.waitsForRelease)
    return true
  }

  /// Releases a contact, which opens as soon as it may.
  mutating func release(_ contact: Int) { presses[contact]?.isReleased = true }

  /// Releases all contacts.
  mutating func releaseAll() { for contact in presses.keys { presses[contact]?.isReleased = true } }

  /// Returns the contacts that open now.
  ///
  /// - Parameter counted: the daemon's count of presses.
  mutating func opened(counted: Int, at now: Monotonic) -> [Int] {
    let opened = presses.filter { _, press in
      let age = Int(now.since(press.began) / 1_000_000)
      if age > Self.longest * 1000 { return true }
      guard press.isReleased else { return false }
      if press.isDecidedLater { return age >= Self.shortestDecidedLater }
      return age >= Self.shortest && (counted > press.before || age >= Self.patience)
    }.keys.sorted()
    for contact in opened { presses[contact] = nil }
    return opened
  }
}
