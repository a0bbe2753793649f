import Catalogue
import Kit

/// Translations as XLIFF 1.2 (OASIS). A draft has the state `needs-review-translation`, a reviewed text `translated`,
/// an approved text `final`.
enum XLIFF {
  private static let back = "back-translation"
  private static let note = "drafter"

  static func write(_ sheet: Sheet) -> String {
    let units = sheet.units.map(unit).joined()
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
        <file original="\(XML.escaped(sheet.language)).yaml" datatype="plaintext" \
      source-language="\(XML.escaped(sheet.source))" target-language="\(XML.escaped(sheet.language))">
          <body>
      \(units)    </body>
        </file>
      </xliff>

      """
  }

  private static func unit(_ unit: Sheet.Unit) -> String {
    var lines: [String] = []
    let approved = unit.status == .approved && !unit.text.isEmpty ? "yes" : "no"
    lines.append(
      "      <trans-unit id=\"\(XML.escaped(unit.id))\" resname=\"Prompts/\(XML.escaped(unit.prompt))\" "
        + "approved=\"\(approved)\" maxwidth=\"\(unit.limit)\" size-unit=\"char\" xml:space=\"preserve\">")
    lines.append("        <source>\(XML.escaped(unit.source))</source>")
    if !unit.text.isEmpty {
      lines.append("        <target state=\"\(state(unit.status))\">\(XML.escaped(unit.text))</target>")
    }
    func add(_ from: String, _ text: String?) {
      guard let text, !text.isEmpty else { return }
      lines.append("        <note from=\"\(from)\">\(XML.escaped(text))</note>")
    }
    add("title", unit.title)
    add("caution", unit.caution)
    add(back, unit.back)
    if unit.backOf != nil { add("attention", "\(Wording.outdated): the back-translation") }
    add(note, unit.note)
    lines.append("      </trans-unit>")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func state(_ status: Status) -> String {
    switch status {
    case .draft: "needs-review-translation"
    case .reviewed: "translated"
    case .approved: "final"
    }
  }

  static func read(_ text: String) throws(ParseError) -> TranslatedSheet {
    var reader = XML(text)
    var sheet = TranslatedSheet(language: "", units: [])
    var path: [String] = []
    var unit: TranslatedUnit?
    var from = ""
    /// The text since the last relevant start tag.
    var content = ""
    while let event = try reader.next() {
      switch event {
      case .start(let name, let attributes):
        path.append(name)
        switch name {
        case "xliff":
          if attributes["version"] != "1.2" {
            throw ParseError(
              reader.line, "is XLIFF \(attributes["version"] ?? "?")", "save it as XLIFF 1.2, as it was exported")
          }
        case "file":
          guard let tag = attributes["target-language"], !tag.isEmpty else {
            throw ParseError(reader.line, "a file without target-language", "restore it from the export")
          }
          if !sheet.language.isEmpty, sheet.language != tag {
            throw ParseError(reader.line, "contains two languages", "keep one language in a file")
          }
          sheet.language = tag
        case "trans-unit":
          guard let id = attributes["id"] else {
            throw ParseError(reader.line, "a trans-unit without id", "restore it from the export")
          }
          unit = TranslatedUnit(id: id, source: nil, text: "", line: reader.line)
        case "source", "target": content = ""
        case "note":
          content = ""
          from = attributes["from"] ?? ""
        default: break
        }
      case .text(let text): content += text
      case .end(let name):
        path.removeLast()
        // Ignore alt-trans, in which editors keep other proposals.
        if path.last == "trans-unit" {
          switch name {
          case "source": unit?.source = content
          case "target": unit?.text = content
          case "note" where from == back: unit?.back = content
          case "note" where from == note: unit?.note = content
          default: break
          }
        }
        if name == "trans-unit", let done = unit {
          sheet.units.append(done)
          unit = nil
        }
      }
    }
    if sheet.language.isEmpty { throw ParseError(nil, "is not XLIFF: it contains no file element", "export it again") }
    return sheet
  }
}
