/// A strict pull parser for the subset of XML 1.0 that XLIFF needs: elements, attributes, text, CDATA, the five
/// predefined entities and character references. It ignores comments and processing instructions, and refuses a
/// DOCTYPE, so it never expands or fetches anything.
struct XML {
  enum Event {
    /// Names have no namespace prefix.
    case start(String, [String: String])
    case end(String)
    case text(String)
  }

  private var rest: Substring.UnicodeScalarView
  private var open: [String] = []
  /// The name of an empty element whose end event is due.
  private var pending: String?
  private var hasRoot = false
  /// The current line, from 1.
  private(set) var line = 1

  init(_ text: String) { rest = text.unicodeScalars[...] }

  /// Escapes a text for content and for attributes in double quotes; control characters, which XML excludes, become
  /// U+FFFD.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\t", "\n": escaped.unicodeScalars.append(scalar)
      case "\r": escaped += "&#13;"
      case _ where scalar.value < 0x20 || (0xFFFE...0xFFFF).contains(scalar.value): escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Returns the next event; nil at the end of a complete document.
  mutating func next() throws(ParseError) -> Event? {
    if let name = pending {
      pending = nil
      return .end(name)
    }
    while !rest.isEmpty {
      if rest.first != "<" {
        let text = try decoded(take { $0 != "<" })
        if !open.isEmpty { return .text(text) }
        if text.unicodeScalars.contains(where: { !Self.isSpace($0) }) { throw fault("text outside of the root") }
      } else if skip("<!--") {
        _ = try take(through: "-->")
      } else if skip("<![CDATA[") {
        return .text(try take(through: "]]>"))
      } else if skip("<?") {
        _ = try take(through: "?>")
      } else if skip("<!") {
        throw fault("a DOCTYPE or declaration")
      } else if skip("</") {
        let name = Self.local(take { $0 != ">" && !Self.isSpace($0) })
        _ = take(while: Self.isSpace)
        guard skip(">"), open.popLast() == name else { throw fault("the end of an element that is not open") }
        return .end(name)
      } else {
        return try element()
      }
    }
    if !open.isEmpty { throw fault("the element '\(open.last ?? "")' is not closed") }
    if !hasRoot { throw fault("no element") }
    return nil
  }

  private mutating func element() throws(ParseError) -> Event {
    if open.isEmpty && hasRoot { throw fault("a second root") }
    if open.count > 50 { throw fault("elements nested too deeply") }
    hasRoot = true
    _ = skip("<")
    let name = Self.local(take { $0 != ">" && $0 != "/" && $0 != "<" && !Self.isSpace($0) })
    if name.isEmpty { throw fault("an element without a name") }
    var attributes: [String: String] = [:]
    while true {
      let hadSpace = !take(while: Self.isSpace).isEmpty
      if skip("/>") {
        pending = name
        return .start(name, attributes)
      }
      if skip(">") {
        open.append(name)
        return .start(name, attributes)
      }
      let key = Self.local(take { $0 != "=" && $0 != ">" && $0 != "<" && !Self.isSpace($0) })
      _ = take(while: Self.isSpace)
      guard hadSpace, !key.isEmpty, skip("=") else { throw fault("an incomplete attribute") }
      _ = take(while: Self.isSpace)
      guard let quote = rest.popFirst(), quote == "\"" || quote == "'" else { throw fault("an attribute unquoted") }
      let value = take { $0 != quote && $0 != "<" }
      guard rest.popFirst() == quote else { throw fault("an unclosed attribute value") }
      if attributes.updateValue(try decoded(value), forKey: key) != nil { throw fault("an attribute given twice") }
    }
  }

  // MARK: Characters

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { [" ", "\t", "\n", "\r"].contains(scalar) }

  private static func local(_ name: String) -> String { name.split(separator: ":").last.map(String.init) ?? "" }

  private mutating func take(while isKept: (Unicode.Scalar) -> Bool) -> String {
    let kept = rest.prefix(while: isKept)
    rest = rest[kept.endIndex...]
    line += kept.reduce(0) { $0 + ($1 == "\n" ? 1 : 0) }
    return String(String.UnicodeScalarView(kept))
  }

  private mutating func take(through end: String) throws(ParseError) -> String {
    var text = ""
    while !rest.isEmpty {
      if skip(end) { return text }
      let scalar = rest.removeFirst()
      if scalar == "\n" { line += 1 }
      text.unicodeScalars.append(scalar)
    }
    throw fault("'\(end)' is missing")
  }

  private mutating func skip(_ text: String) -> Bool {
    guard rest.starts(with: text.unicodeScalars) else { return false }
    rest = rest.dropFirst(text.unicodeScalars.count)
    return true
  }

  /// Returns a text with its references replaced.
  private func decoded(_ text: String) throws(ParseError) -> String {
    guard text.unicodeScalars.contains("&") else { return text }
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "&" else {
        result.append(scalar)
        continue
      }
      let name = rest.prefix { $0 != ";" }
      guard name.endIndex != rest.endIndex, let meant = Self.reference(String(String.UnicodeScalarView(name))) else {
        throw fault("an '&' that starts no reference")
      }
      result.append(meant)
      rest = rest[name.endIndex...].dropFirst()
    }
    return String(result)
  }

  private static func reference(_ name: String) -> Unicode.Scalar? {
    switch name {
    case "lt": return "<"
    case "gt": return ">"
    case "amp": return "&"
    case "quot": return "\""
    case "apos": return "'"
    default:
      let number =
        name.hasPrefix("#x")
        ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
      return number.flatMap { $0 == 0 ? nil : Unicode.Scalar($0) }
    }
  }

  private func fault(_ what: String) -> ParseError {
    ParseError(line, "is not valid XML (\(what))", "save it again from your program")
  }
}
