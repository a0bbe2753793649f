/// Checks a JSON text before it is decoded: its strings, the depth of its nesting, and that no object has a key twice.
///
/// FoundationEssentials of Swift 6.0 traps on a broken escape in a key; untrusted input must never do that. JSON parsers
/// disagree about which of two equal keys counts, so a signed document that has two means different things to different
/// readers. RFC 8259, sections 4 and 7
///
/// It reads the text once, in a time proportional to its size.
struct JSONText {
  /// The maximum number of lists and objects in each other; the decoder has the same.
  private static let depthLimit = 512

  /// A list or an object that has begun and not ended.
  private struct Container {
    /// The keys of an object so far; nil for a list.
    var keys: Set<String>?
    /// The last key of an object.
    var key = ""
    /// The index of the current element of a list.
    var index = 0
  }

  private let bytes: [UInt8]
  private var position = 0
  private var containers: [Container] = []

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Checks a text; the rest of the grammar is left to the decoder.
  ///
  /// - Throws: an error for bytes that are not UTF-8; for a string with a broken escape, an unpaired surrogate or a control
  ///   character; for a key that its object has already; and for more than 512 lists and objects in each other.
  static func check(_ bytes: [UInt8]) throws(DocumentError) {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw unsound }
    var text = JSONText(bytes)
    while let byte = text.next() {
      switch byte {
      case UInt8(ascii: "\""): try text.readString()
      case UInt8(ascii: "{"): try text.begin(Container(keys: []))
      case UInt8(ascii: "["): try text.begin(Container())
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = text.containers.popLast()
      case UInt8(ascii: ","): if let last = text.containers.indices.last { text.containers[last].index += 1 }
      default: break
      }
    }
  }

  private static let unsound = DocumentError("", "has a text with a broken escape or character")

  private mutating func begin(_ container: Container) throws(DocumentError) {
    if containers.count == Self.depthLimit {
      throw DocumentError("", "has more than \(Self.depthLimit) lists and objects in each other")
    }
    containers.append(container)
  }

  private mutating func next() -> UInt8? {
    if position == bytes.count { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  // MARK: - Keys

  /// Reads a string and its closing quote; the opening one has been read. A string before a colon is a key.
  private mutating func readString() throws(DocumentError) {
    let start = position
    if !skipString() { throw Self.unsound }
    guard let last = containers.indices.last, containers[last].keys != nil, isBeforeColon else { return }
    let key = Self.decoded(bytes[start..<position - 1])
    containers[last].key = key
    if containers[last].keys?.insert(key).inserted == false {
      throw DocumentError(place, "is there twice in its object")
    }
  }

  private var isBeforeColon: Bool {
    let spaces: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
    return bytes[position...].first { !spaces.contains($0) } == UInt8(ascii: ":")
  }

  /// The path of the last key: `bundles[3].sha256`. A key that a message should not show is left out, with all after it.
  private var place: String {
    var place = ""
    for container in containers {
      if container.keys == nil {
        place += "[\(container.index)]"
      } else {
        guard (1...60).contains(container.key.utf8.count), container.key.utf8.allSatisfy({ (0x21..<0x7F).contains($0) })
        else { return place }
        place += place.isEmpty ? container.key : "." + container.key
      }
    }
    return place
  }

  /// Decodes the content of a sound string. Equal texts are equal keys, however they are escaped.
  private static func decoded(_ content: ArraySlice<UInt8>) -> String {
    if !content.contains(UInt8(ascii: "\\")) { return String(decoding: content, as: UTF8.self) }
    var text = JSONText(Array(content))
    var units: [UInt16] = []
    var plain: [UInt8] = []
    while let byte = text.next() {
      if byte != UInt8(ascii: "\\") {
        plain.append(byte)
        continue
      }
      units += String(decoding: plain, as: UTF8.self).utf16
      plain = []
      switch text.next() {
      case UInt8(ascii: "u"): if let unit = text.unit() { units.append(UInt16(truncatingIfNeeded: unit)) }
      case UInt8(ascii: "b"): units.append(0x08)
      case UInt8(ascii: "f"): units.append(0x0C)
      case UInt8(ascii: "n"): units.append(0x0A)
      case UInt8(ascii: "r"): units.append(0x0D)
      case UInt8(ascii: "t"): units.append(0x09)
      case let letter: if let letter { units.append(UInt16(letter)) }
      }
    }
    units += String(decoding: plain, as: UTF8.self).utf16
    return String(decoding: units, as: UTF16.self)
  }

  // MARK: - Strings

  private mutating func skipString() -> Bool {
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\""): return true
      case UInt8(ascii: "\\"): if !skipEscape() { return false }
      case 0..<0x20: return false
      default: break
      }
    }
    // The decoder reports a string that never ends.
    return true
  }

  /// Skips an escape; the backslash has been read.
  private mutating func skipEscape() -> Bool {
    guard let letter = next() else { return false }
    if letter != UInt8(ascii: "u") { return #""\/bfnrt"#.utf8.contains(letter) }
    guard let unit = unit() else { return false }
    switch unit {
    case 0xD800..<0xDC00:
      guard next() == UInt8(ascii: "\\"), next() == UInt8(ascii: "u"), let low = self.unit() else { return false }
      return (0xDC00..<0xE000).contains(low)
    case 0xDC00..<0xE000: return false
    default: return true
    }
  }

  /// Reads a UTF-16 code unit of four hexadecimal digits.
  private mutating func unit() -> Int? {
    var value = 0
    for _ in 0..<4 {
      guard let byte = next(), let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
      value = value * 16 + digit
    }
    return value
  }
}
