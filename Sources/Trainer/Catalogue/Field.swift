import Diagnostics

/// One value of a YAML file, with its place in the file.
///
/// Each reading function returns nil after it has added an error to the log, so that one pass over a file reports
/// every error.
package struct Field {
  /// The file's path, as findings report it.
  package let file: String
  /// The path of keys from the document to the mapping or list that has the value; empty if it is the document.
  private let above: String
  /// The key of the value, or its index (`[2]`); empty for the document.
  private let key: String
  /// The value.
  package let node: YAMLNode
  /// Collects the errors of the whole file.
  package let log: DiagnosticLog

  /// Creates the field of a value; without a key, for a document, or for messages that need its place alone.
  init(file: String, above: String = "", key: String = "", node: YAMLNode, log: DiagnosticLog) {
    self.file = file
    self.above = above
    self.key = key
    self.node = node
    self.log = log
  }

  /// The path of keys from the document to the value: `wordings.safe-here.text`; empty for the document. Only messages
  /// need it, so it is joined for them.
  package var name: String { above.isEmpty || key.hasPrefix("[") ? above + key : "\(above).\(key)" }
  /// The place of the value's first character; the key's place if the value is empty.
  package var mark: Place { node.place }
  /// The line of the value, from 1.
  package var line: Int { mark.line }

  /// Adds an error at this place to the log.
  ///
  /// - Returns: nil, so that a reading function can return it.
  package func refuse<Value>(_ message: String, _ remedy: String) -> Value? {
    log.add(Diagnostic(path: file, line: mark.line, message: message, remedy: remedy))
    return nil
  }

  /// Adds an error at this place to the log.
  package func refuse(_ message: String, _ remedy: String) {
    let _: Never? = refuse(message, remedy)
  }

  /// The name for a message: `'title'`, or `the file` for the document.
  package var quoted: String { name.isEmpty ? "the file" : "'\(name)'" }

  /// The value's kind and content, for a message: `'42'`, `a list`.
  package var kind: String {
    switch node.content {
    case .scalar(let text, _): isNull ? "nothing" : "'\(text.shown)'"
    case .mapping: "a mapping"
    case .list: "a list"
    }
  }
}

// MARK: - Scalars

extension Field {
  /// Whether the value is empty, `null` or `~`, without quotes.
  package var isNull: Bool { node.isNull }

  /// Whether the value is neither a list nor a mapping.
  package var isScalar: Bool { node.text != nil }

  /// The text of a scalar without quotes; nil for a quoted one.
  private var plain: String? {
    if case .scalar(let text, isPlain: true) = node.content { text } else { nil }
  }

  /// The text of a scalar, with or without quotes; nil for a list or a mapping.
  package var scalarText: String? { node.text }

  /// Returns a text on one line in NFC, without control characters or invisible direction characters.
  ///
  /// A text that YAML would read as a number, a Boolean or null must be quoted.
  ///
  /// - Parameters:
  ///   - length: the permitted number of characters.
  ///   - inQuotes: whether every text must be quoted, because a plain one ends at ` #`.
  package func text(length: ClosedRange<Int> = 1...200, inQuotes: Bool = false) -> String? {
    guard case .scalar(let text, let isPlain) = node.content else {
      return refuse("\(quoted) must be a text, not \(kind)", "write one text")
    }
    if isPlain, inQuotes || PlainScalar.isAmbiguous(text) {
      return refuse("\(quoted) is not in quotes", "put it in quotes: \"\(text)\"")
    }
    if let fault = TextFault(in: text) {
      return refuse("\(quoted) \(fault.message)", fault.remedy)
    }
    // A text has at most as many characters as bytes, which need not be counted.
    let bytes = text.utf8.count
    let isShort = bytes > 0 && length.lowerBound <= 1 && bytes <= length.upperBound
    guard isShort || length.contains(text.count) else {
      let range = text.isEmpty ? "is empty" : "has \(text.count) characters"
      return refuse("\(quoted) \(range)", "write \(length.lowerBound) to \(length.upperBound)")
    }
    return text
  }

  /// Returns a decimal integer without leading zeros: YAML 1.1 reads `010` as 8.
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

  /// Returns a decimal number such as `1.5` or `-16`.
  package func number(in range: ClosedRange<Double>) -> Double? {
    guard let plain, PlainScalar.isDecimal(plain), let value = Double(plain) else {
      return refuse("\(quoted) must be a number such as 1.5, not \(kind)", "write \(range.words), without quotes")
    }
    guard range.contains(value) else { return refuse("\(quoted) is \(plain)", "write \(range.words)") }
    return value
  }

  /// Returns a Boolean, written `true` or `false`.
  package func flag() -> Bool? {
    switch plain {
    case "true": true
    case "false": false
    default: refuse("\(quoted) must be true or false, not \(kind)", "write true or false, without quotes")
    }
  }

  /// Returns one case of an enumeration, by its raw value.
  package func word<Word>(_ type: Word.Type) -> Word?
  where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
    let words = Word.allCases.map(\.rawValue)
    guard let text = node.text else {
      return refuse("\(quoted) must be one word, not \(kind)", "write one of \(words.joined(separator: ", "))")
    }
    if let word = Word(rawValue: text) { return word }
    let hint = Spelling.hint(text, words)
    return refuse(
      "\(quoted) is '\(text.shown)'\(hint)", "write one of \(words.joined(separator: ", "))")
  }

  /// Returns a short text that satisfies a condition.
  ///
  /// - Parameter description: the permitted form, for the remedy: `an ISO 3166 code such as RO`.
  package func checked(_ description: String, _ isValid: (String) -> Bool) -> String? {
    guard let text = text(length: 1...10) else { return nil }
    return isValid(text) ? text : refuse("\(quoted) is '\(text)'", "write \(description)")
  }

  /// Returns an id: lower-case words of letters and digits, joined by hyphens.
  package func identifier() -> String? {
    guard let text = text(length: 1...40) else { return nil }
    let words = text.split(separator: "-", omittingEmptySubsequences: false)
    let isValid = words.allSatisfy { word in
      !word.isEmpty && word.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    }
    return isValid
      ? text : refuse("\(quoted) is '\(text)'", "write lower-case words joined by hyphens, such as 'safe-here'")
  }

  /// Returns a BCP 47 tag; it must be quoted, because the tag of Norwegian is `no`.
  package func languageTag() -> String? {
    guard let tag = text(length: 1...35, inQuotes: true) else { return nil }
    if let fault = LanguageTag.fault(tag) {
      return refuse("\(quoted) is '\(tag)', not a BCP 47 tag: \(fault)", "write it like \"ro\" or \"cmn-Hans\"")
    }
    return tag
  }
}

extension String {
  /// The text on one line of at most 40 characters, for a message.
  package var shown: String {
    if utf8.count <= 40, utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return self }
    let line = String(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
    return line.count > 40 ? line.prefix(39) + "…" : line
  }
}

extension ClosedRange {
  /// The range for a message: `1 to 59`.
  package var words: String { "\(lowerBound) to \(upperBound)" }
}
