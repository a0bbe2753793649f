/// Reads JSON in the plain form that our own programs write, from left to right: for what must not wait for a general
/// decoder.
///
/// Each function returns nil or false for what is not plain, sound or not: a caller then hands the whole text to
/// `Documents.decode`, which decides. What a caller accepts must mean the same there: it refuses keys that it does not
/// know, and keys that come twice.
package struct PlainReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  /// Creates a reader of bytes that stay valid while it is used.
  package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Whether only white space is left.
  package var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return position == bytes.count
    }
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  /// Skips white space and then a byte of ASCII; returns false if another one comes.
  package mutating func skip(_ byte: UInt8) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  /// Reads an object: calls `field` with each key, and `field` reads the value.
  ///
  /// - Parameter field: returns false if the value or the key is not plain.
  package mutating func object(
    _ field: (_ reader: inout PlainReader, _ key: PlainKey) -> Bool
  ) -> Bool {
    guard skip(UInt8(ascii: "{")) else { return false }
    if skip(UInt8(ascii: "}")) { return true }
    repeat {
      guard let key = key(), skip(UInt8(ascii: ":")), field(&self, key) else { return false }
    } while skip(UInt8(ascii: ","))
    return skip(UInt8(ascii: "}"))
  }

  /// Reads a list: calls `element` for each element, which reads it.
  ///
  /// - Parameter element: returns false if it is not plain.
  package mutating func list(_ element: (_ reader: inout PlainReader) -> Bool) -> Bool {
    guard skip(UInt8(ascii: "[")) else { return false }
    if skip(UInt8(ascii: "]")) { return true }
    repeat {
      if !element(&self) { return false }
    } while skip(UInt8(ascii: ","))
    return skip(UInt8(ascii: "]"))
  }

  /// Reads a list of strings.
  package mutating func strings() -> [String]? {
    var texts: [String] = []
    let isRead = list { reader in
      guard let text = reader.string() else { return false }
      texts.append(text)
      return true
    }
    return isRead ? texts : nil
  }

  /// Reads a key: ASCII without escapes.
  private mutating func key() -> PlainKey? {
    guard let content = content(), content.isASCII, !content.isEscaped else { return nil }
    return PlainKey(bytes: content.bytes)
  }

  /// Reads a string of sound UTF-8, without escapes other than those of quotation marks and backslashes.
  package mutating func string() -> String? {
    guard let content = content() else { return nil }
    if content.isEscaped { return String(validating: Self.unescaped(content.bytes), as: UTF8.self) }
    return content.isASCII
      ? String(decoding: content.bytes, as: UTF8.self) : String(validating: content.bytes, as: UTF8.self)
  }

  /// What stands between the quotation marks of a string.
  private struct Content {
    let bytes: UnsafeBufferPointer<UInt8>
    let isASCII: Bool
    /// Whether it has escapes.
    let isEscaped: Bool
  }

  /// Reads a string without control characters, and without escapes other than `\"` and `\\`.
  private mutating func content() -> Content? {
    guard skip(UInt8(ascii: "\"")) else { return nil }
    let start = position
    var all: UInt8 = 0
    var isEscaped = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return Content(
          bytes: UnsafeBufferPointer(rebasing: bytes[start..<position - 1]), isASCII: all < 0x80, isEscaped: isEscaped)
      }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        position += 1
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "\\")
        else { return nil }
      } else if byte < 0x20 {
        return nil
      }
      all |= byte
      position += 1
    }
    return nil
  }

  /// Returns the bytes that a content with escapes means.
  private static func unescaped(_ content: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var (bytes, isAfterBackslash) = ([UInt8](), false)
    bytes.reserveCapacity(content.count)
    for byte in content {
      isAfterBackslash = byte == UInt8(ascii: "\\") && !isAfterBackslash
      if !isAfterBackslash { bytes.append(byte) }
    }
    return bytes
  }

  /// Whether a digit, a fraction or an exponent follows.
  private var hasMoreOfNumber: Bool {
    guard position < bytes.count else { return false }
    switch bytes[position] {
    case 0x30..<0x3A, UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): return true
    default: return false
    }
  }

  /// Reads an integer of at most 18 digits, which 64 bits hold.
  package mutating func integer() -> Int? {
    skipSpace()
    let isNegative = position < bytes.count && bytes[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let start = position
    var value = 0
    while position < bytes.count, (0x30..<0x3A).contains(bytes[position]) {
      if position - start == 18 { return nil }
      value = value * 10 + Int(bytes[position] - 0x30)
      position += 1
    }
    let digits = position - start
    if digits == 0 || bytes[start] == 0x30 && (digits > 1 || isNegative) { return nil }
    return hasMoreOfNumber ? nil : isNegative ? -value : value
  }

  /// Reads a number such as `-16.02`: up to nine digits, without an exponent.
  package mutating func number() -> Double? {
    skipSpace()
    let start = position
    if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
    let first = position
    var value = 0
    var scale = 1
    var digits = 0
    var hasPoint = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "."), !hasPoint, digits > 0 {
        hasPoint = true
      } else if (0x30..<0x3A).contains(byte), digits < 9 {
        value = value * 10 + Int(byte - 0x30)
        digits += 1
        if hasPoint { scale *= 10 }
      } else {
        break
      }
      position += 1
    }
    if digits == 0 || hasPoint && scale == 1 { return nil }
    if bytes[first] == 0x30, digits > 1, !hasPoint || bytes[first + 1] != UInt8(ascii: ".") { return nil }
    if hasMoreOfNumber { return nil }
    // Both are exact, so one division rounds as a decoder does.
    let size = Double(value) / Double(scale)
    return first > start ? -size : size
  }

  /// Reads a string into a field that has no value yet; returns false for a second value, or one that is not plain.
  package mutating func string(into field: inout String?) -> Bool {
    guard field == nil else { return false }
    field = string()
    return field != nil
  }

  /// Reads an integer into a field that has no value yet; returns false for a second value, or one that is not plain.
  package mutating func integer(into field: inout Int?) -> Bool {
    guard field == nil else { return false }
    field = integer()
    return field != nil
  }

  /// Reads `true` or `false`.
  package mutating func boolean() -> Bool? {
    skipSpace()
    if take("true") { return true }
    return take("false") ? false : nil
  }

  private mutating func take(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for i in 0..<count where bytes[position + i] != word.utf8Start[i] { return false }
    position += count
    return true
  }
}

/// A key of an object, while its text is read.
package struct PlainKey {
  fileprivate let bytes: UnsafeBufferPointer<UInt8>

  /// Whether it is this name.
  package func `is`(_ name: StaticString) -> Bool {
    if bytes.count != name.utf8CodeUnitCount { return false }
    for i in 0..<bytes.count where bytes[i] != name.utf8Start[i] { return false }
    return true
  }
}
