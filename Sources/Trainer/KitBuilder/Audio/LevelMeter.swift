import Glibc

/// The level of a microphone during a recording; full scale is 0 dBFS.
public struct LevelMeter: Sendable {
  /// The time in seconds for which the highest peak is held.
  public static let hold = 1.5
  /// The time in seconds for which the warning of a clipped peak is held.
  public static let warning = 4.0
  /// The lowest level that a meter shows, in dBFS.
  public static let floor = -60.0

  /// The highest sample of the last block that was added, in dBFS.
  public private(set) var peak = -Double.infinity
  /// The highest sample of the last `hold` seconds, in dBFS.
  public private(set) var held = -Double.infinity
  private let rate: Int
  private var cuts = ClippingCounter()
  /// Frames since the held peak, and since the last clipped one.
  private var sinceHeld = 0
  private var sinceCut: Int?

  /// Creates a meter for a rate in Hz.
  public init(rate: Int) { self.rate = rate }

  /// Whether a peak was clipped in the last `warning` seconds, by the rule of the recordings' check.
  public var isClipped: Bool { sinceCut.map { Double($0) < Self.warning * Double(rate) } ?? false }

  /// Adds a block of samples.
  public mutating func add(_ samples: [Float]) {
    if samples.isEmpty { return }
    let before = cuts.count
    var highest: Float = 0
    for value in samples {
      highest = max(highest, abs(value))
      cuts.add(value)
    }
    sinceCut = cuts.count > before ? 0 : sinceCut.map { $0 + samples.count }
    peak = decibels(amplitude: Double(highest))
    sinceHeld += samples.count
    if peak >= held || Double(sinceHeld) > Self.hold * Double(rate) { (held, sinceHeld) = (peak, 0) }
  }
}

/// Counts peaks that were clipped at full scale.
struct ClippingCounter {
  /// The number of consecutive samples at full scale, with one sign, that make a clipped peak.
  private static let run = 3
  /// 16 bits reach 0.99997; the ceiling of a limiter is below this value.
  private static let full: Float = 0.9995

  private(set) var count = 0
  private var length = 0
  private var last: Float = 0

  mutating func add(_ value: Float) {
    length = abs(value) >= Self.full ? (value * last > 0 ? length + 1 : 1) : 0
    last = value
    if length == Self.run { count += 1 }
  }
}
