import Glibc

/// What a microphone's level shows while somebody speaks; full scale is 0 dBFS.
public struct LevelMeter: Sendable {
  /// Seconds for which the highest peak stands.
  public static let hold = 1.5
  /// Seconds for which the warning of a cut-off peak stands.
  public static let warning = 4.0
  /// What the meter shows lowest, in dBFS.
  public static let floor = -60.0

  /// The highest sample of the last block that was added, and of the last `hold` seconds, in dBFS.
  public private(set) var peak = -Double.infinity
  public private(set) var held = -Double.infinity
  private let rate: Int
  private var cuts = ClippingCounter()
  /// Frames since the peak that is held, and since the last cut-off one.
  private var sinceHeld = 0
  private var sinceCut: Int?

  /// - Parameter rate: Hz.
  public init(rate: Int) { self.rate = rate }

  /// A peak was cut off lately, as the check of a recording counts them.
  public var isClipped: Bool { sinceCut.map { Double($0) < Self.warning * Double(rate) } ?? false }

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

/// Peaks that were cut off at full scale.
struct ClippingCounter {
  /// Samples in a row at full scale, on one side, that make one.
  private static let run = 3
  /// 16 bits reach 0.99997; a limiter's ceiling just under full scale is no cut.
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
