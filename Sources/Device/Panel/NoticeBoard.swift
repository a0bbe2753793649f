import Posix

/// What sticks and updates have to announce, and when: never into a message. Time is a parameter; there is no clock inside.
public struct NoticeBoard: Equatable, Sendable {
  /// How the examination of a stick or an update ended. The raw value is its name in the control protocol.
  public enum Outcome: String, CaseIterable, Sendable {
    /// The device has it already.
    case present
    /// It was taken.
    case done
    /// It is wrong for this device.
    case refused
    /// The stick, the disk or the store failed.
    case failed
  }

  /// Seconds after which something that was begun, and never ended, is forgotten.
  public static let patience = 1800
  /// The maximum number of outcomes that wait.
  private static let maximum = 4

  private var waiting: [Outcome] = []
  private var busyEnd: Monotonic?
  /// Whether the last outcome was bad, and no button was pressed since.
  public private(set) var hasFailed = false

  /// Creates a board without notices.
  public init() {}

  /// Whether something is being examined.
  public var isBusy: Bool { busyEnd != nil }

  /// When `pass` must be called; nil for never.
  public var deadline: Monotonic? { busyEnd }

  /// Records that something is being examined.
  ///
  /// - Parameter seconds: after which it is forgotten if nothing more is heard of it.
  public mutating func begin(at time: Monotonic, seconds: Int = NoticeBoard.patience) {
    busyEnd = time.adding(milliseconds: seconds * 1000)
    hasFailed = false
  }

  /// Records an outcome, which is announced when nothing plays.
  public mutating func end(_ outcome: Outcome) {
    busyEnd = nil
    if waiting.count < Self.maximum { waiting.append(outcome) }
  }

  /// Returns the next outcome to announce, once.
  ///
  /// - Parameter isIdle: whether nothing plays and no activity is under way.
  public mutating func next(isIdle: Bool) -> Outcome? {
    guard isIdle, !waiting.isEmpty else { return nil }
    let outcome = waiting.removeFirst()
    hasFailed = outcome == .refused || outcome == .failed
    return outcome
  }

  /// Records a press: a fault has been noticed.
  public mutating func press() { hasFailed = false }

  /// Forgets what never ended.
  public mutating func pass(at now: Monotonic) { if let busyEnd, now >= busyEnd { self.busyEnd = nil } }
}
