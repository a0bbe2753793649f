import Glibc

/// A time of CLOCK_REALTIME. It may be set at any time, and is wrong on a board without a clock battery.
public struct WallTime: Comparable, Hashable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public var milliseconds: Int64

  /// Creates a time from milliseconds since 1970-01-01T00:00:00Z.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// The current time. clock_gettime(2)
  public static var now: WallTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// One second in milliseconds.
  public static let second: Int64 = 1000
  /// One minute in milliseconds.
  public static let minute = 60 * second
  /// 24 hours in milliseconds.
  public static let day = 24 * 60 * minute

  /// Returns the signed time from `earlier` to this, in milliseconds; the nearest `Int64` if it is out of range.
  public func since(_ earlier: WallTime) -> Int64 {
    let (difference, isOutOfRange) = milliseconds.subtractingReportingOverflow(earlier.milliseconds)
    return isOutOfRange ? (milliseconds < 0 ? .min : .max) : difference
  }

  /// Returns whether `a` is before `b`.
  public static func < (a: WallTime, b: WallTime) -> Bool { a.milliseconds < b.milliseconds }
}

extension WallTime: CustomStringConvertible {
  /// RFC 3339 in UTC with milliseconds: `2026-01-02T03:04:05.678Z`.
  public var description: String {
    var parts = tm()
    var seconds = time_t((Double(milliseconds) / 1000).rounded(.down))
    gmtime_r(&seconds, &parts)
    func padded(_ value: some BinaryInteger, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
      + "T\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
      + ".\(padded(milliseconds - Int64(seconds) * 1000, 3))Z"
  }

  /// Parses the form of `description`; `nil` for any other.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    let form = Array("dddd-dd-ddTdd:dd:dd.dddZ".utf8)
    guard bytes.count == form.count else { return nil }
    for (byte, wanted) in zip(bytes, form) {
      guard wanted == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == wanted else { return nil }
    }
    func number(_ range: Range<Int>) -> Int32 { bytes[range].reduce(0) { $0 * 10 + Int32($1 - 0x30) } }
    var parts = tm()
    parts.tm_year = number(0..<4) - 1900
    parts.tm_mon = number(5..<7) - 1
    parts.tm_mday = number(8..<10)
    parts.tm_hour = number(11..<13)
    parts.tm_min = number(14..<16)
    parts.tm_sec = number(17..<19)
    guard (0...11).contains(parts.tm_mon), (1...31).contains(parts.tm_mday), parts.tm_hour < 24, parts.tm_min < 60,
      parts.tm_sec < 61
    else { return nil }
    milliseconds = Int64(timegm(&parts)) * 1000 + Int64(number(20..<23))
  }
}

extension WallTime: Codable {
  /// Decodes the form of `description`.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    guard let time = WallTime(try value.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: value, debugDescription: "is no time in UTC with milliseconds")
    }
    self = time
  }

  /// Encodes the time as its `description`.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    try value.encode(description)
  }
}
