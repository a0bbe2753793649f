import Foundation
import Posix

/// The moments of a journal as people read them: in UTC, and at the place where the sheet is made.
public struct HandoverTimes: Sendable {
  /// Name of the zone, as `Europe/Vienna`.
  public var name: String
  /// Returns the seconds east of UTC at a moment.
  public var offset: @Sendable (WallTime) -> Int

  /// Creates the times of a zone.
  ///
  /// - Parameters:
  ///   - name: the zone's name, as `Europe/Vienna`.
  ///   - offset: returns the seconds east of UTC at a moment.
  public init(name: String, offset: @escaping @Sendable (WallTime) -> Int) {
    self.name = name
    self.offset = offset
  }

  /// Creates the times of a zone of the system's time zone database, with its changes between summer and winter.
  public init(_ zone: TimeZone) {
    self.init(name: zone.identifier) { time in
      zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000))
    }
  }

  /// Returns the local day: `2026-01-02`.
  public func day(_ time: WallTime) -> String { String(shifted(time).description.prefix(10)) }

  /// Returns the local time of day: `15:04:05`.
  public func clock(_ time: WallTime) -> String { Self.utcClock(shifted(time)) }

  /// Returns the local time with its distance from UTC: `2026-01-02 04:04:05 (UTC+01:00)`.
  func local(_ time: WallTime) -> String {
    let minutes = offset(time) / 60
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let distance = "\(minutes < 0 ? "−" : "+")\(two(abs(minutes) / 60)):\(two(abs(minutes) % 60))"
    return "\(day(time)) \(clock(time)) (UTC\(distance))"
  }

  /// Returns the local month: `January 2026`.
  func month(_ time: WallTime) -> String {
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    let text = shifted(time).description
    return "\(names[(Int(text.dropFirst(5).prefix(2)) ?? 1) - 1]) \(text.prefix(4))"
  }

  /// Returns a time in UTC: `2026-01-02 03:04:05 UTC`.
  static func utc(_ time: WallTime) -> String { "\(time.description.prefix(10)) \(utcClock(time)) UTC" }

  /// Returns a time of day in UTC: `15:04:05`.
  static func utcClock(_ time: WallTime) -> String { String(time.description.dropFirst(11).prefix(8)) }

  /// The moment at which clocks in UTC show what local clocks show at `time`.
  private func shifted(_ time: WallTime) -> WallTime {
    WallTime(milliseconds: time.milliseconds + Int64(offset(time)) * WallTime.second)
  }
}
