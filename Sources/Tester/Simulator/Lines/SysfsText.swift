/// The bytes of one write to a file of sysfs, read as the kernel reads them.
struct SysfsText {
  private let bytes: ArraySlice<UInt8>

  /// Up to the first zero byte, without one newline at the end. sysfs_streq, kstrtol
  init(_ all: [UInt8]) {
    var bytes = all.prefix { $0 != 0 }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    self.bytes = bytes
  }

  var word: String { String(decoding: bytes, as: UTF8.self) }

  /// A number with an optional sign: decimal, hexadecimal after `0x`, octal after `0`. kstrtol with base 0
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
    // Int reads a sign of its own, and there may be only one.
    guard let first = digits.first, first != "-", first != "+" else { return nil }
    return Int((isNegative ? "-" : "") + digits, radix: radix)
  }

  /// One or more levels: `0`, `1`, or a burst of them in order.
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
