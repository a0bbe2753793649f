import Catalogue
import Foundation
import Kit
import Posix
import TestSupport
import Testing

@testable import Translation

private let repository = SourceTree.path

@Suite struct TranslationTests {
  /// The catalogue, loaded once in each process.
  private static let loaded = Result { try Catalogue.load(directory: repository) }
  private let catalogue: Catalogue

  init() throws { catalogue = try Self.loaded.get() }

  private func sheet(_ language: Language, status: Status = .draft) -> Sheet {
    let prompts = items(of: language)
    return Sheet(
      language, source: catalogue.source, prompts: prompts, titled: language.roles.contains(.operator) ? prompts : []
    ) { _, _ in status }
  }

  private func plan(_ sheet: TranslatedSheet) throws -> TranslationPlan {
    let language = try #require(catalogue.language(sheet.language))
    return TranslationPlan(
      sheet, path: "ro.po", language: language, in: catalogue,
      prompts: items(of: language))
  }

  /// What a translator gets without a project: what the language needs, and what it has beside that.
  private func items(of language: Language) -> [Prompt] {
    catalogue.items.filter { language.requiresWording(for: $0) || language.wordings[$0.id] != nil }
  }

  @Test(
    "every text of every language survives export and import in every format", arguments: TranslationFormat.allCases)
  func roundTrip(_ format: TranslationFormat) throws {
    #expect(catalogue.languages.count >= 42)
    for language in catalogue.languages {
      let sheet = sheet(language)
      let returned = try format.read(format.write(sheet, day: "2026-05-01"))
      #expect(returned.language == language.tag)
      #expect(returned.units.map(\.id) == sheet.units.map(\.id))
      for (a, b) in zip(sheet.units, returned.units) {
        #expect(a.source == b.source && a.text == b.text, "\(language.tag) \(a.id)")
        #expect((a.back ?? "") == (b.back ?? "") && (a.note ?? "") == (b.note ?? ""), "\(language.tag) \(a.id)")
      }
      let plan = try plan(returned)
      #expect(plan.changes.isEmpty && plan.faults.isEmpty, "\(language.tag): \(plan)")
    }
  }

  @Test("a sheet has only titles for a language that responders read, and also the texts that are missing")
  func titles() throws {
    var french = try #require(catalogue.language("fr"))
    let prompts = ["safe-here", "need-doctor"].compactMap(catalogue.prompt)
    french.wordings["need-doctor"] = nil
    let sheet = Sheet(french, source: catalogue.source, prompts: [], titled: prompts) { _, _ in .draft }
    #expect(
      sheet.units.map(\.id) == [
        "safe-here.title", "safe-here.caution", "need-doctor.text", "need-doctor.title", "need-doctor.caution",
      ])
  }

  @Test("no cell of a CSV file begins as a formula does, whatever signs stand before or for it")
  func formulas() {
    for cell in [
      "=1", "+1", "-1", "@a", "\t=1", "\u{FF1D}1", "\u{FF0B}1", "\u{FF0D}1", "\u{FF20}a", "\u{200B}=1",
      "\u{FEFF}\u{FF1D}1",
      " =1", "\u{A0}+1", "\u{2060}\u{202E}@a", "\u{1}=1", "'=1",
    ] {
      #expect(CSVCell.guarded(cell) == "'" + cell)
      #expect(CSVCell.unguarded(CSVCell.guarded(cell)) == cell)
    }
    for cell in ["a=1", "1+1", "", " ", "'tis", "\u{200B}a"] where cell != "'tis" {
      #expect(CSVCell.guarded(cell) == cell)
    }
    #expect(CSVCell.unguarded("'tis") == "'tis" && CSVCell.unguarded(CSVCell.guarded("'tis")) == "'tis")
  }

  @Test("texts with special characters survive export and import", arguments: TranslationFormat.allCases)
  func hostile(_ format: TranslationFormat) throws {
    let texts = [
      "=1+1", "+49", "-no", "@sum", "'quoted'", "''=x", "'=x", "\u{FF1D}1+1", "\u{200B}=1", " =1", "\u{2060}\u{FF20}x",
      "a,b;c\td", "\"", "a \"b\" c", "back\\slash \\n",
      "<b>&amp;</b> ]]> &#65;", "line\nbreak", "% %s %(x)s {x}", "#, fuzzy", "msgid \"x\"", "\u{202B}abc", "ក្រុម", "",
    ]
    var sheet = sheet(try #require(catalogue.language("ro")))
    sheet.units = texts.enumerated().map { index, text in
      Sheet.Unit(
        id: "p\(index).text", source: text.isEmpty ? "x" : text, text: text, back: nil, note: nil, status: .draft,
        limit: 100, prompt: "03-safe-here.yaml", title: "=T", caution: "")
    }
    let returned = try format.read(format.write(sheet, day: "2026-05-01"))
    // XML and CSV may change line breaks, but a wording has none.
    #expect(returned.units.map(\.text) == texts)
    if format == .csv {
      let content = String(decoding: format.write(sheet, day: ""), as: UTF8.self)
      #expect(content.hasPrefix("\u{FEFF}language,id"))
      let starts = content.components(separatedBy: "\r\n").flatMap { $0.components(separatedBy: ",") }.map(\.first)
      #expect(!starts.contains { $0.map { "=+-@".contains($0) } ?? false })
    }
  }

  @Test("a changed text is a change with its old text; an empty or missing text changes nothing")
  func changes() throws {
    var returned = try TranslationFormat.po.read(
      TranslationFormat.po.write(sheet(try #require(catalogue.language("ro"))), day: "2026-05-01"))
    let index = try #require(returned.units.firstIndex { $0.id == "safe-here.text" })
    let old = returned.units[index].text
    returned.units[index].text = "  Aici sunteți în siguranță.\n"
    returned.units[index].back = ""
    returned.units[index + 1].text = ""
    returned.units[index + 2].note = nil
    returned.units.append(TranslatedUnit(id: "safe-here.by-woman", source: nil, text: "Aici.", line: 9))
    let changes = try plan(returned).changes
    #expect(
      changes.map { "\($0.change.part.rawValue) \($0.change.value ?? "-")" } == [
        "text Aici sunteți în siguranță.", "back -", "by-woman Aici.",
      ])
    #expect(changes[0].old == old && !changes[0].isStale)
  }

  @Test("a text in another Unicode form is unchanged; a translation of an older source is marked")
  func formAndStale() throws {
    var returned = try TranslationFormat.csv.read(
      TranslationFormat.csv.write(sheet(try #require(catalogue.language("ro"))), day: ""))
    for index in returned.units.indices {
      returned.units[index].text = returned.units[index].text.decomposedStringWithCanonicalMapping
    }
    #expect(try plan(returned).changes.isEmpty)
    returned.units[3].text = "Altceva."
    returned.units[3].source = "Something else."
    #expect(try plan(returned).changes.map(\.isStale) == [true])
  }

  @Test(
    "an invalid unit is reported and ignored, and the others are read",
    arguments: [
      ("safe-heer.text", "Bine.", "(did you mean 'safe-here'?)"), ("safe-here", "Bine.", "is not the id of a text"),
      ("safe-here.back", "Bine.", "is not the id of a text"),
      ("safe-here.title", "Bine.", "is not an operator language"),
      ("safe-here.text", "do\u{202E}uă", "invisible character"), ("safe-here.text", "a\nb", "line break"),
      ("safe-here.text", String(repeating: "a", count: 301), "has 301 characters"),
      ("device-ready.text", "Gata.", "no prompt of this language"),
    ])
  func faults(_ id: String, _ text: String, _ expected: String) throws {
    let units = [
      TranslatedUnit(id: id, source: nil, text: text, line: 7),
      TranslatedUnit(id: "thank-you.text", source: nil, text: "Mersi.", line: 9),
    ]
    let plan = try plan(TranslatedSheet(language: "ro", units: units))
    #expect(plan.faults.count == 1 && plan.faults[0].line == 7)
    #expect(plan.faults[0].message.contains(expected), "\(plan.faults)")
    #expect(plan.changes.map(\.prompt.id) == ["thank-you"])
  }

  @Test("a file of another project is reported in a few lines, and its texts of this project are read")
  func strangers() throws {
    var units = (1...500).map { TranslatedUnit(id: "unknown-\($0).text", source: nil, text: "Bine.", line: $0) }
    units.append(TranslatedUnit(id: "thank-you.text", source: nil, text: "Mersi.", line: 501))
    let plan = try plan(TranslatedSheet(language: "ro", units: units))
    #expect(plan.faults.count == 21 && plan.changes.map(\.prompt.id) == ["thank-you"])
    let last = try #require(plan.faults.last)
    #expect(last.line == 21 && last.message.hasPrefix("480 more texts, from here on,"))
  }

  @Test("the source of a language's name is an instruction; an export that still says 'English.' is not outdated")
  func nameSource() throws {
    for language in catalogue.languages {
      let unit = try #require(sheet(language).units.first { $0.id == "language-name.text" })
      #expect(unit.source == "[the name of this language, in itself]", "\(language.tag)")
    }
    for source in ["English.", "[the name of this language, in itself]"] {
      let unit = TranslatedUnit(id: "language-name.text", source: source, text: "Limba română.", line: 2)
      let changes = try plan(TranslatedSheet(language: "ro", units: [unit])).changes
      #expect(changes.map(\.isStale) == [false] && changes[0].question == nil)
    }
  }

  @Test(
    "a text in another language's name, in another script, or too long is questioned",
    arguments: [
      ("ro", "language-name.text", "Bulgarian.", "the name of Bulgarian, not of Romanian"),
      ("ro", "language-name.text", "Български.", "the name of Bulgarian, not of Romanian"),
      ("ro", "language-name.text", "English.", "the name of English, not of Romanian"),
      ("ro", "language-name.text", "Mulțumesc.", "does not say the language's own name, 'română'"),
      ("ro", "safe-here.text", "Сега сте тук.", "is no letter of the script Latn"),
      ("bg", "safe-here.text", "Sunteți aici.", "is no letter of the script Cyrl"),
      ("ro", "safe-here.by-woman", "Сега сте тук.", "is no letter of the script Latn"),
      ("ro", "safe-here.text", String(repeating: "Bine ", count: 21) + "da.", "has 108 characters; the limit is 100"),
      ("fr", "safe-here.title", "Безопасность", "is no letter of the script Latn"),
    ])
  func questions(_ tag: String, _ id: String, _ text: String, _ expected: String) throws {
    let unit = TranslatedUnit(id: id, source: nil, text: text, line: 2)
    let plan = try plan(TranslatedSheet(language: tag, units: [unit]))
    #expect(plan.faults.isEmpty)
    #expect(plan.changes.map { $0.question?.contains(expected) } == [true], "\(plan.changes)")
  }

  @Test("a text without its back-translation leaves the old one marked with its text, until it is made again")
  func outdatedBack() throws {
    var language = try #require(catalogue.language("ro"))
    let old = try #require(language.wordings["thank-you"])
    func edits(_ text: String, back: String? = nil) -> [WordingChange] {
      let unit = TranslatedUnit(id: "thank-you.text", source: nil, text: text, back: back, line: 2)
      let sheet = TranslatedSheet(language: "ro", units: [unit])
      let prompts = catalogue.prompts.filter(language.requiresWording)
      return TranslationPlan(sheet, path: "a.po", language: language, in: catalogue, prompts: prompts)
        .edits(of: "thank-you")
    }
    let first = edits("Mulțumim.", back: old.back)
    #expect(first == [.init("thank-you", .text, "Mulțumim."), .init("thank-you", .backOf, old.text)])
    for change in first { language.wordings["thank-you"]?[change.part] = change.value }
    let wording = try #require(language.wordings["thank-you"])
    #expect(wording.isBackOutdated && wording.currentBack == nil)
    #expect(wording.shownBack?.hasSuffix("(OUTDATED: made from an earlier text)") == true)
    let prompts = catalogue.prompts.filter { $0.id == "thank-you" }
    let sheet = Sheet(language, source: catalogue.source, prompts: prompts) { _, _ in .draft }
    for format in TranslationFormat.allCases {
      let content = String(decoding: format.write(sheet, day: "2026-05-01"), as: UTF8.self)
      #expect(content.contains(format == .csv ? old.text : "OUTDATED"), "\(format)")
    }
    #expect(edits("Merci.") == [.init("thank-you", .text, "Merci.")], "the mark stays that of the first text")
    #expect(edits(old.text).last == .init("thank-you", .backOf, nil), "the old text is back")
    #expect(
      edits("Mulțumim.", back: "We thank you.") == [
        .init("thank-you", .back, "We thank you."), .init("thank-you", .backOf, nil),
      ])
  }

  @Test("a duplicate unit is reported")
  func twice() throws {
    let unit = TranslatedUnit(id: "thank-you.text", source: nil, text: "Mersi.", line: 2)
    let plan = try plan(TranslatedSheet(language: "ro", units: [unit, unit]))
    #expect(plan.changes.count == 1 && plan.faults.count == 1)
  }

  @Test(
    "an unreadable file is one error with its line",
    arguments: [
      (TranslationFormat.csv, "a,b\n1,2\n", "does not name the columns"), (.csv, "", "is empty"),
      (.csv, "language,id,text\nro,\"x", "not closed"), (.csv, "language,id,text\nro,\"x\"y,z", "after a closing"),
      (.csv, "language,id,text\nro,a.text,x\nfr,a.text,x", "language is 'fr'"),
      (.po, "", "has no header"), (.po, "msgid \"\"\nmsgstr \"Language: ro\\n\"\n", "charset=UTF-8"),
      (.po, "msgid \"\nmsgstr \"\"", "unpaired"), (.po, "msgid \"a\\q\"", "escape"), (.po, "\"a\"", "without its"),
      (.po, "hello", "is not expected here"), (.po, "msgid_plural \"a\"", "is not expected here"),
      (.xliff, "", "no element"), (.xliff, "<xliff version=\"1.2\"><file>", "target-language"),
      (.xliff, "<!DOCTYPE a [<!ENTITY b \"c\">]><a/>", "DOCTYPE"), (.xliff, "<a>&b;</a>", "'&'"),
      (.xliff, "<a></b>", "not open"), (.xliff, "<a", "incomplete"),
      (.xliff, "<xliff version=\"2.0\"/>", "is XLIFF 2.0"),
      (.xliff, "<a b='c' b='d'/>", "given twice"), (.xliff, "<a/>x", "outside"), (.xliff, "<a/>", "no file element"),
    ])
  func broken(_ format: TranslationFormat, _ text: String, _ expected: String) {
    do {
      let sheet = try format.read(Array(text.utf8), path: "a.po")
      Issue.record("\(sheet)")
    } catch { #expect("\(error)".contains(expected), "\(error)") }
  }

  @Test(
    "invalid UTF-8 is refused, and no truncation or flipped byte crashes the reader",
    arguments: TranslationFormat.allCases)
  func damaged(_ format: TranslationFormat) throws {
    #expect(throws: ParseError.self) { try format.read([0xFF, 0xFE, 0x61, 0x00]) }
    let whole = format.write(sheet(try #require(catalogue.language("km"))), day: "2026-05-01")
    let part = Array(whole.prefix(3000))
    var state: UInt64 = 7
    for round in 0..<600 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var bytes = Array(part.prefix(round * 5))
      if !bytes.isEmpty { bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20) }
      _ = try? format.read(bytes)
    }
  }

  @Test("semicolons, tabs, and other or fewer columns are read")
  func spreadsheets() throws {
    for separator in [";", "\t"] {
      let rows = [["text", "id", "language"], ["'=a\(separator)b", "thank-you.text", "ro"]]
      let text = rows.map { $0.map { "\"\($0)\"" }.joined(separator: separator) }.joined(separator: "\n")
      let sheet = try TranslationFormat.csv.read(Array(text.utf8))
      #expect(
        sheet.units == [
          TranslatedUnit(id: "thank-you.text", source: nil, text: "=a\(separator)b", back: nil, note: nil, line: 2)
        ])
    }
  }

  @Test("alternative translations, comments and instructions in XLIFF are ignored, and CDATA is text")
  func editors() throws {
    let sheet = try TranslationFormat.xliff.read(
      Array(
        """
        <?xml version='1.0'?><!-- by hand --><x:xliff version="1.2" xmlns:x="urn:x"><x:file target-language="ro">
        <x:body><x:trans-unit id="thank-you.text"><x:source>Thank <x:g id="1">you</x:g>.</x:source>
        <x:target state="final"><![CDATA[Mulțumesc & ]]>mersi&#x21;</x:target>
        <x:alt-trans><x:target>Altceva</x:target></x:alt-trans></x:trans-unit></x:body></x:file></x:xliff>
        """.utf8))
    #expect(sheet.units.map(\.text) == ["Mulțumesc & mersi!"])
    #expect(sheet.units.map(\.source) == ["Thank you."])
  }

  // MARK: - External programs

  private static func has(_ program: String) -> Bool { Files.exists("/usr/bin/\(program)") }

  /// Returns the output of a program, whose exit status must be 0.
  private func run(_ program: String, _ arguments: [String], in directory: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/\(program)")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    let log = "\(directory)/log"
    try Files.replace(log, with: [])
    process.standardOutput = FileHandle(forWritingAtPath: log)
    process.standardError = process.standardOutput
    try process.run()
    process.waitUntilExit()
    let text = String(decoding: try Files.read(log), as: UTF8.self)
    #expect(process.terminationStatus == 0, "\(program): \(text)")
    return text
  }

  @Test(
    "msgfmt reports nothing on any language's PO file, draft or approved",
    .enabled(if: has("msgfmt"), "gettext is not installed: Hardware/setup test installs it"))
  func gettext() throws {
    let directory = NSTemporaryDirectory() + "firstword-translation-\(UUID().uuidString)"
    try Files.makeDirectory(directory)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    for language in catalogue.languages {
      for status in [Status.draft, .approved] {
        try Files.replace(
          "\(directory)/a.po", with: TranslationFormat.po.write(sheet(language, status: status), day: "2026-05-01"))
        let said = try run("msgfmt", ["-c", "-o", "/dev/null", "a.po"], in: directory)
        #expect(said.isEmpty, "\(language.tag): \(said)")
      }
    }
    // A file rewritten by gettext is read without loss.
    _ = try run("msgcat", ["--width=60", "-o", "b.po", "a.po"], in: directory)
    let returned = try TranslationFormat.po.read(try Files.read("\(directory)/b.po"))
    #expect(try plan(returned).changes.isEmpty)
  }

  @Test(
    "the translate toolkit reports no fault, and its XLIFF is read without loss",
    .enabled(if: has("pofilter"), "translate-toolkit is not installed: Hardware/setup test installs it"))
  func toolkit() throws {
    let directory = NSTemporaryDirectory() + "firstword-translation-\(UUID().uuidString)"
    try Files.makeDirectory(directory)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let checks = ["escapes", "newlines", "tabs", "printf", "variables", "xmltags", "startwhitespace", "endwhitespace"]
    for tag in ["ro", "ar", "km", "fr"] {
      let language = try #require(catalogue.language(tag))
      for format in [TranslationFormat.po, .xliff] {
        let name = format == .po ? "a.po" : "a.xlf"
        try Files.replace("\(directory)/\(name)", with: format.write(sheet(language), day: "2026-05-01"))
        _ = try run(
          "pofilter", checks.flatMap { ["-t", $0] } + ["--fuzzy", "--progress=none", name, "found"], in: directory)
        if let found = try? Files.read("\(directory)/found") {
          #expect(!String(decoding: found, as: UTF8.self).contains("(pofilter)"), "\(tag) \(name)")
        }
        try? FileManager.default.removeItem(atPath: "\(directory)/found")
      }
      // A file rewritten by the toolkit is read without loss.
      _ = try run("pomerge", ["--progress=none", "-t", "a.xlf", "-i", "a.xlf", "-o", "b.xlf"], in: directory)
      let returned = try TranslationFormat.xliff.read(try Files.read("\(directory)/b.xlf"))
      #expect(try plan(returned).changes.isEmpty, "\(tag)")
    }
  }
}
