/// The bytes of one write to a file of sysfs, parsed as the kernel parses them.
struct SysfsText {
  private let bytes: ArraySlice<UInt8>

  /// Takes the bytes up to the first zero byte, without one newline at the end. sysfs_streq, kstrtol
  init(_ all: [UInt8]) {
    var bytes = all.prefix { $0 != 0 }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    self.bytes = bytes
  }

  /// The bytes as text.
  var word: String { String(decoding: bytes, as: UTF8.self) }

  /// The number with an optional sign: decimal, hexadecimal after `0x`, octal after `0`; `nil` if it is none. kstrtol
  /// with base 0
  var number: Int? {
    var digits = word[...]
    let isNegative = digits.first == "-"
    if isNegative || digits.first == "+" { digits.removeFirst() }
    var radix = 10
    if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
      radix = 16
      digits.removeFirst(2)
    } else if digits.hasPrefix("0") && digits.count > 1 {
      radix = 8
    }
    // Int(_:radix:) accepts a sign, and only one is allowed.
    guard let first = digits.first, first != "-", first != "+" else { return nil }
    return Int((isNegative ? "-" : "") + digits, radix: radix)
  }

  /// One or more levels, `0` or `1` each, in order; `nil` if there is another character or none.
  var levels: [Lines.Level]? {
    let levels = bytes.map { byte -> Lines.Level? in
      switch byte {
      case UInt8(ascii: "0"): .low
      case UInt8(ascii: "1"): .high
      default: nil
      }
    }
    return levels.isEmpty || levels.contains(nil) ? nil : levels.compactMap { $0 }
  }
}
