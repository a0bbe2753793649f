import Catalogue

/// Translations as gettext PO. A draft is fuzzy. The back-translation and the drafter's doubt are translator comments,
/// `# back: …` and `# note: …`, which are read back with the text.
enum PO {
  static func write(_ sheet: Sheet, day: String) -> String {
    let head = [
      "Project-Id-Version: firstword",
      "PO-Revision-Date: \(day) 00:00+0000",
      "Last-Translator: unknown <unknown@example.org>",
      "Language-Team: \(sheet.name) <unknown@example.org>",
      "Language: \(sheet.language.replacing("-", with: "_"))",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=UTF-8",
      "Content-Transfer-Encoding: 8bit",
      "X-Firstword-Language: \(sheet.language)",
      "X-Firstword-Source: \(sheet.source)",
    ]
    var text = """
      # \(sheet.name): recorded first-contact messages.
      # Texts are approved in Firstword, not here: 'fuzzy' marks drafts for translators, and is ignored on import.
      msgid ""
      msgstr ""

      """
    for line in head { text += "\(quoted(line + "\n"))\n" }
    for unit in sheet.units { text += "\n" + entry(unit) }
    return text
  }

  private static func entry(_ unit: Sheet.Unit) -> String {
    var lines: [String] = []
    if let back = unit.back { lines.append("# back: \(back)") }
    if unit.backOf != nil { lines.append("#. \(Wording.outdated): the back-translation") }
    if let note = unit.note { lines.append("# note: \(note)") }
    lines.append("#. \(unit.title)")
    if !unit.caution.isEmpty { lines.append("#. caution: \(unit.caution)") }
    lines.append("#. status: \(unit.status.rawValue); at most \(unit.limit) characters")
    lines.append("#: Prompts/\(unit.prompt)")
    if !unit.text.isEmpty, unit.status != .approved { lines.append("#, fuzzy") }
    lines.append("msgctxt \(quoted(unit.id))")
    lines.append("msgid \(quoted(unit.source))")
    lines.append("msgstr \(quoted(unit.text))")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": quoted += "\\\\"
      case "\"": quoted += "\\\""
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  // MARK: - Reading

  private struct Entry {
    var line = 0
    var comments: [String] = []
    /// The texts by keyword: `msgctxt`, `msgid`, `msgstr`.
    var texts: [String: String] = [:]
  }

  static func read(_ text: String) throws(ParseError) -> TranslatedSheet {
    var entries: [Entry] = []
    var entry = Entry()
    var keyword: String?
    func end() {
      if !entry.texts.isEmpty { entries.append(entry) }
      entry = Entry()
      keyword = nil
    }
    for (index, raw) in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = trimmed(String(String.UnicodeScalarView(raw)))
      let number = index + 1
      if line.isEmpty {
        end()
      } else if line.hasPrefix("#~") {
        // An obsolete entry.
        continue
      } else if line.hasPrefix("#") {
        if !entry.texts.isEmpty { end() }
        if line.hasPrefix("# ") { entry.comments.append(trimmed(String(line.dropFirst(2)))) }
      } else if line.hasPrefix("\"") {
        guard let keyword else { throw ParseError(number, "a text without its keyword", "restore the line before") }
        entry.texts[keyword, default: ""] += try unquoted(line, number)
      } else {
        let word = String(line.prefix { $0 != " " && $0 != "\"" })
        guard ["msgctxt", "msgid", "msgstr"].contains(word) else {
          throw ParseError(number, "'\(word.prefix(20))' is not expected here", "keep the form of the export")
        }
        // An entry may follow without a blank line.
        if entry.texts["msgstr"] != nil { end() }
        if entry.texts.isEmpty { entry.line = number }
        if entry.texts[word] != nil { throw ParseError(number, "'\(word)' occurs twice", "keep one of them") }
        keyword = word
        entry.texts[word] = try unquoted(trimmed(String(line.dropFirst(word.count))), number)
      }
    }
    end()
    return try sheet(entries)
  }

  private static func sheet(_ entries: [Entry]) throws(ParseError) -> TranslatedSheet {
    guard let head = entries.first(where: { $0.texts["msgid"] == "" && $0.texts["msgctxt"] == nil })?.texts["msgstr"]
    else { throw ParseError(nil, "has no header", "restore it from the export") }
    func field(_ name: String) -> String? {
      head.split(separator: "\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
        .map { trimmed(String($0.dropFirst(name.count + 1))) }
    }
    let type = field("Content-Type")?.lowercased() ?? ""
    if !type.contains("utf-8") {
      throw ParseError(nil, "its header does not say charset=UTF-8", "save it as UTF-8")
    }
    guard
      let language = field("X-Firstword-Language") ?? field("Language")?.replacing("_", with: "-"), !language.isEmpty
    else { throw ParseError(nil, "its header names no language", "restore the header from the export") }
    var units: [TranslatedUnit] = []
    for entry in entries where entry.texts["msgid"] != "" || entry.texts["msgctxt"] != nil {
      guard let id = entry.texts["msgctxt"], let source = entry.texts["msgid"], let text = entry.texts["msgstr"] else {
        throw ParseError(
          entry.line, "an entry without msgctxt, msgid or msgstr", "restore it from the export")
      }
      func comment(_ name: String) -> String? {
        entry.comments.first { $0.hasPrefix("\(name):") }.map { trimmed(String($0.dropFirst(name.count + 1))) }
      }
      units.append(
        TranslatedUnit(
          id: id, source: source, text: text, back: comment("back"), note: comment("note"), line: entry.line))
    }
    return TranslatedSheet(language: language, units: units)
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
    let kept = scalars.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }
    return String(String.UnicodeScalarView(kept.reversed()))
  }

  private static func unquoted(_ quoted: String, _ line: Int) throws(ParseError) -> String {
    var text = String.UnicodeScalarView()
    var rest = quoted.unicodeScalars.dropFirst()
    guard quoted.unicodeScalars.first == "\"" else { throw broken(line) }
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"":
        if !rest.isEmpty { throw broken(line) }
        return String(text)
      case "\\":
        switch rest.popFirst() {
        case "n": text.append("\n")
        case "t": text.append("\t")
        case "r": text.append("\r")
        case "\"": text.append("\"")
        case "\\": text.append("\\")
        default: throw ParseError(line, "an unknown escape sequence", "write \\\\ for a backslash")
        }
      default: text.append(scalar)
      }
    }
    throw broken(line)
  }

  private static func broken(_ line: Int) -> ParseError {
    ParseError(line, "a text with unpaired quotation marks", "put it in quotation marks, with \\\" inside")
  }
}
