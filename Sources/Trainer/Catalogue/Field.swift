import Yams

/// One value of a YAML file and the place where it stands. Every reader returns nil after it has taken down what
/// is wrong, so that one pass over a file finds everything.
package struct Field {
  package let file: String
  /// The keys that lead to it: `wordings.safe-here.text`; empty for the document.
  let name: String
  let mark: Place
  let node: Node
  let log: FindingLog

  package var line: Int { mark.line }

  /// Takes down an error here; returns nil, for the reader to hand on.
  package func refuse<Value>(_ message: String, _ remedy: String) -> Value? {
    log.add(Finding(file: file, line: mark.line, column: mark.column, message: message, remedy: remedy))
    return nil
  }

  /// Takes down an error here.
  package func refuse(_ message: String, _ remedy: String) {
    let _: Never? = refuse(message, remedy)
  }

  /// `'title'`, or `the file` for the document.
  package var quoted: String { name.isEmpty ? "the file" : "'\(name)'" }

  private func field(_ key: String, _ node: Node) -> Field {
    let path = key.hasPrefix("[") || name.isEmpty ? name + key : "\(name).\(key)"
    return Field(file: file, name: path, mark: Place(node) ?? mark, node: node, log: log)
  }
}

// MARK: - Scalars

extension Field {
  /// Nothing, `null` or `~`, without quotes.
  var isNull: Bool {
    guard let plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(plain)
  }

  /// The text of a scalar, with or without quotes; `nil` for a list or a mapping.
  package var scalarText: String? { node.scalar?.string }

  var isScalar: Bool { node.scalar != nil }

  /// The text of a scalar without quotes.
  private var plain: String? {
    guard case .scalar(let scalar) = node, scalar.style == .plain else { return nil }
    return scalar.string
  }

  /// A text of `length` characters in NFC on one line, without control or invisible direction characters.
  ///
  /// What YAML would read as a number, a boolean or nothing must stand in quotes; with `inQuotes` any text must,
  /// because a plain one ends at ` #`.
  package func text(length: ClosedRange<Int> = 1...200, inQuotes: Bool = false) -> String? {
    guard case .scalar(let scalar) = node else {
      return refuse("\(quoted) must be a text, not \(kind)", "write one text")
    }
    if scalar.style == .plain, inQuotes || Plain.isNoText(scalar.string) {
      return refuse("\(quoted) is not in quotes", "put it in quotes: \"\(scalar.string)\"")
    }
    if let fault = TextFault(in: scalar.string) {
      return refuse("\(quoted) \(fault.message)", fault.remedy)
    }
    guard length.contains(scalar.string.count) else {
      let range = scalar.string.isEmpty ? "is empty" : "has \(scalar.string.count) characters"
      return refuse("\(quoted) \(range)", "write \(length.lowerBound) to \(length.upperBound)")
    }
    return scalar.string
  }

  /// A plain decimal number without leading zeros: YAML would read `010` as 8.
  package func integer(in range: ClosedRange<Int>) -> Int? {
    guard let plain, !plain.isEmpty, plain.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D }) else {
      return refuse("\(quoted) must be a whole number, not \(kind)", "write \(range.words), without quotes")
    }
    guard let value = Int(plain), String(value) == plain else {
      return refuse("\(quoted) is written as \(plain)", "write it as a plain decimal number without leading zeros")
    }
    guard range.contains(value) else { return refuse("\(quoted) is \(value)", "write \(range.words)") }
    return value
  }

  /// A decimal number such as `1.5` or `-16`.
  package func number(in range: ClosedRange<Double>) -> Double? {
    guard let plain, Plain.isDecimal(plain), let value = Double(plain) else {
      return refuse("\(quoted) must be a number such as 1.5, not \(kind)", "write \(range.words), without quotes")
    }
    guard range.contains(value) else { return refuse("\(quoted) is \(plain)", "write \(range.words)") }
    return value
  }

  /// `true` or `false`, no other spelling.
  func flag() -> Bool? {
    switch plain {
    case "true": true
    case "false": false
    default: refuse("\(quoted) must be true or false, not \(kind)", "write true or false, without quotes")
    }
  }

  /// One of the words of an enumeration.
  package func word<Word>(_ type: Word.Type) -> Word?
  where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
    let words = Word.allCases.map(\.rawValue)
    guard case .scalar(let scalar) = node else {
      return refuse("\(quoted) must be one word, not \(kind)", "write one of \(words.joined(separator: ", "))")
    }
    if let word = Word(rawValue: scalar.string) { return word }
    let hint = Spelling.hint(scalar.string, words)
    return refuse(
      "\(quoted) is '\(scalar.string.shown)'\(hint)", "write one of \(words.joined(separator: ", "))")
  }

  /// What the value is, for a message.
  package var kind: String {
    switch node {
    case .scalar(let scalar): isNull ? "nothing" : "'\(scalar.string.shown)'"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}

// MARK: - Collections

extension Field {
  /// The items of a list; an empty one only where 0 lies in `count`.
  package func list(_ count: ClosedRange<Int> = 1...1000) -> [Field]? {
    guard case .sequence(let sequence) = node else {
      return refuse("\(quoted) must be a list, not \(kind)", "write [a, b] or one line '- a' for each")
    }
    guard count.contains(sequence.count) else {
      return refuse("\(quoted) has \(sequence.count) items", "write \(count.words)")
    }
    return sequence.enumerated().map { field("[\($0.offset + 1)]", $0.element) }
  }

  /// A mapping with these keys and no others.
  package func mapping(_ required: [String], optional: [String] = []) -> Mapping? {
    guard let entries = entries() else { return nil }
    let known = required + optional
    var fields: [String: Field] = [:]
    for (key, place, value) in entries {
      if known.contains(key) {
        fields[key] = value
      } else {
        place.refuse(
          "unknown key '\(key.shown)'\(Spelling.hint(key, known))", "use one of \(known.joined(separator: ", "))")
      }
    }
    for key in required where fields[key] == nil {
      refuse(name.isEmpty ? "'\(key)' is missing" : "'\(key)' is missing in \(quoted)", "add a line '\(key): …'")
    }
    return Mapping(fields: fields, field: self)
  }

  /// The entries of a mapping whose keys are free texts, in the order of the file.
  package func entries() -> [(key: String, place: Field, value: Field)]? {
    guard case .mapping(let mapping) = node else {
      return refuse("\(quoted) must be a mapping, not \(kind)", "write lines such as 'key: value'")
    }
    var entries: [(key: String, place: Field, value: Field)] = []
    for (keyNode, valueNode) in mapping {
      let place = Field(file: file, name: "", mark: Place(keyNode) ?? mark, node: keyNode, log: log)
      guard case .scalar(let scalar) = keyNode else {
        place.refuse("a key must be a word, not \(place.kind)", "write 'key: value'")
        continue
      }
      if scalar.style == .plain, Plain.isNoText(scalar.string) {
        place.refuse("the key '\(scalar.string)' is not in quotes", "put it in quotes: \"\(scalar.string)\"")
      } else if entries.contains(where: { $0.key == scalar.string }) {
        place.refuse("'\(scalar.string.shown)' is given twice", "keep one of them")
      } else {
        // A value without any text has its mark after the colon, perhaps on the next line: the key's is clearer.
        var value = field(scalar.string.shown, valueNode)
        if value.isNull { value = value.moved(to: place.mark) }
        entries.append((scalar.string, place, value))
      }
    }
    return entries
  }

  private func moved(to mark: Place) -> Field { Field(file: file, name: name, mark: mark, node: node, log: log) }

  /// False, with a finding, where an anchor or an explicit tag stands anywhere below.
  func isPlainData() -> Bool {
    if node.anchor != nil {
      return refuse("anchors and aliases ('&', '*') are not allowed", "write the value out, or in quotes") ?? false
    }
    switch node {
    case .scalar(let scalar):
      if ["", "tag:yaml.org,2002:str"].contains(scalar.tag.description) { return true }
      return refuse("explicit tags ('!!') are not allowed", "remove the tag, or put the text in quotes") ?? false
    case .sequence(let sequence):
      guard ["", "tag:yaml.org,2002:seq"].contains(sequence.tag.description) else {
        return refuse("explicit tags ('!!') are not allowed", "remove the tag") ?? false
      }
      return sequence.allSatisfy { field("[]", $0).isPlainData() }
    case .mapping(let mapping):
      guard ["", "tag:yaml.org,2002:map"].contains(mapping.tag.description) else {
        return refuse("explicit tags ('!!') are not allowed", "remove the tag") ?? false
      }
      return mapping.allSatisfy { field("", $0.key).anchorsNothing && field("", $0.value).isPlainData() }
    case .alias:
      return refuse("anchors and aliases ('&', '*') are not allowed", "write the value out") ?? false
    }
  }

  /// For keys, whose tags were resolved when they were compared.
  private var anchorsNothing: Bool {
    if node.anchor == nil { return true }
    return refuse("anchors and aliases ('&', '*') are not allowed", "write the key out, or in quotes") ?? false
  }
}

/// The fields of a mapping whose keys have been checked.
package struct Mapping {
  package let fields: [String: Field]
  let field: Field

  package subscript(key: String) -> Field? { fields[key] }
}

/// What YAML makes of a scalar without quotes.
private enum Plain {
  /// Whether some YAML reader takes it for nothing, a boolean or a number.
  static func isNoText(_ text: String) -> Bool {
    let words = ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"]
    return words.contains(text.lowercased()) || isNumber(text)
  }

  /// Digits with a sign and a point, and no more: what every reader takes for the same number.
  static func isDecimal(_ text: String) -> Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else {
      return false
    }
    return parts[0] == "0" || parts[0].first != "0"
  }

  /// Decimal, hexadecimal, octal, base 60, with exponent, infinite: anything that begins and goes on as a number.
  private static func isNumber(_ text: String) -> Bool {
    let lower = text.lowercased()
    let unsigned = lower.hasPrefix("-") || lower.hasPrefix("+") ? lower.dropFirst() : lower[...]
    if [".inf", ".nan"].contains(unsigned) { return true }
    if unsigned.hasPrefix("0x") {
      return unsigned.dropFirst(2).utf8.allSatisfy { isDigit($0) || (0x61...0x66).contains($0) || $0 == 0x5F }
    }
    guard let first = unsigned.utf8.first, isDigit(first) || first == 0x2E, unsigned.utf8.contains(where: isDigit)
    else { return false }
    return unsigned.utf8.allSatisfy { isDigit($0) || "_.:eo+-".utf8.contains($0) } && !isVersionLike(unsigned)
  }

  /// `1.2.3` and `2024-05-01` are texts to every reader that this program meets.
  private static func isVersionLike(_ text: Substring) -> Bool {
    text.filter { $0 == "." }.count > 1 || text.contains("-") && !text.contains("e")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension String {
  /// At most 40 characters on one line, for a message.
  package var shown: String {
    let line = String(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
    return line.count > 40 ? line.prefix(39) + "…" : line
  }
}

extension ClosedRange {
  /// `1 to 59`.
  var words: String { "\(lowerBound) to \(upperBound)" }
}
