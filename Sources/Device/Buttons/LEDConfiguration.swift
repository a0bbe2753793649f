/// A LED, and what it shows in each state.
public struct LEDConfiguration: Equatable, Sendable {
  public enum Kind: Equatable, Sendable, CustomStringConvertible {
    /// `/sys/class/leds/NAME`
    case named(String)
    /// An output line; `isInverted` where a low level lights it.
    case line(LineConfiguration, isInverted: Bool)

    public var description: String {
      switch self {
      case .named(let name): name
      case .line(let line, _): "\(line.chip):\(line.line)"
      }
    }
  }

  public var kind: Kind
  /// By state; what is not there is dark.
  public var shows: [LEDState: LEDPattern]

  public init(_ kind: Kind, shows: [LEDState: LEDPattern]) {
    self.kind = kind
    self.shows = shows
  }
}

/// What the LEDs tell people of the device.
public enum LEDState: UInt8, CaseIterable, Sendable {
  /// The device is off, or going off.
  case off
  case ready
  /// Ready, with a DRAFT kit.
  case draft
  case playing
  /// A question was asked and not answered yet.
  case waiting
  case error
}

/// Light in time: what a LED does again and again.
public struct LEDPattern: Equatable, Sendable {
  /// Milliseconds lit, dark, lit, dark …; empty is always dark, one number always lit.
  public let times: [Int]

  public init(_ times: [Int]) { self.times = times.map { max(1, $0) } }

  public static let dark = LEDPattern([])
  public static let steady = LEDPattern([1])
  public static let wink = LEDPattern([1900, 100])
  public static let blink = LEDPattern([500, 500])
  public static let double = LEDPattern([120, 160, 120, 600])
  public static let flicker = LEDPattern([100, 100])

  /// Whether it is lit `milliseconds` after its start, and after how many more that changes; `nil` for never.
  func light(at milliseconds: Int) -> (isLit: Bool, left: Int?) {
    guard times.count > 1 else { return (!times.isEmpty, nil) }
    var left = milliseconds % times.reduce(0, +)
    for (index, time) in times.enumerated() {
      if left < time { return (index % 2 == 0, time - left) }
      left -= time
    }
    return (false, nil)
  }
}
