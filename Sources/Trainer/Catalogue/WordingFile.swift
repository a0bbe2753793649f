import Diagnostics
import Kit
import Posix

/// Edits the wordings and formulas in a language's file. Comments, quotes, order and line ends of everything else do
/// not change.
public enum WordingFile {
  /// Returns the content of a new file with a project's own wordings of a language.
  public static func overlay(_ tag: String) -> String {
    """
    # This project's own wordings; they replace the catalogue's.
    tag: "\(tag)"
    drafted: person

    wordings:

    """
  }

  /// Changes wordings in a file, and only their lines. The file is replaced atomically, and only if the new content
  /// parses to the old wordings with exactly these changes.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - changes: the changes.
  ///   - order: the ids of all items in the catalogue's order, which places new wordings.
  ///   - new: the initial content of a file that does not exist; nil to require an existing file.
  ///   - language: the language from which the changes were made; the file must still have its wordings of the changed
  ///     items.
  /// - Throws: ``DiagnosticsError`` if the file cannot be read, edited or written, or if a value is not valid; with the
  ///   code `conflict` if somebody else, such as an editor, changed the file meanwhile.
  public static func edit(
    _ path: String, _ changes: [WordingChange], order: [String], new: String? = nil, from language: Language? = nil
  ) throws(DiagnosticsError) {
    let read: [UInt8]?
    do throws(SystemError) {
      read = new != nil && !Files.exists(path) ? nil : try Files.read(path, limit: YAMLFile.limit)
    } catch { throw DiagnosticsError([.unreadable(path, error)]) }
    let old = read ?? Array((new ?? "").utf8)
    let edited = try edit(old, changes, order: order, file: path)
    if let language, !has(old, language, items: changes.map(\.prompt), file: path) {
      throw DiagnosticsError([.conflict(path)])
    }
    if edited == old { return }
    let isReplaced: Bool
    do throws(SystemError) {
      try Files.makeDirectory(Path(path).parent)
      isReplaced = try Files.replace(path, with: edited, ifStill: read)
    } catch {
      throw DiagnosticsError([
        Diagnostic(
          path: path, message: "cannot be written: \(error.cause)",
          remedy: "nothing was changed; if the catalogue is read-only, use --project DIR")
      ])
    }
    if !isReplaced { throw DiagnosticsError([.conflict(path)]) }
  }

  /// Returns whether a file's content has the wordings of items as they were read.
  private static func has(_ bytes: [UInt8], _ language: Language, items: [String], file: String) -> Bool {
    let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard let content = wordings(Array(bytes[mark...]), file) else { return false }
    return items.allSatisfy { item in
      let known = language.wordings[item].flatMap { $0.file == file ? $0 : nil }
      guard let now = content.wordings[item] else { return known == nil }
      return known.map { known in WordingChange.Part.allCases.allSatisfy { known[$0] == now[$0] } } ?? false
    }
  }

  /// Returns a file's content with the changes applied.
  static func edit(
    _ old: [UInt8], _ changes: [WordingChange], order: [String], file: String
  ) throws(DiagnosticsError) -> [UInt8] {
    for change in changes {
      guard let fault = change.fault else { continue }
      throw DiagnosticsError([
        Diagnostic(
          path: file, message: "'\(change.prompt).\(change.part.rawValue)' cannot be written: \(fault.message)",
          remedy: fault.remedy)
      ])
    }
    let mark = old.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    func content(_ bytes: [UInt8]) throws(DiagnosticsError) -> Content {
      if let content = wordings(bytes, file) { return content }
      throw DiagnosticsError([
        Diagnostic(path: file, message: "its wordings cannot be read", remedy: "correct the file")
      ])
    }
    let before = try content(Array(old[mark...]))
    var expected = before.wordings
    let grouped = Dictionary(grouping: changes, by: \.prompt).mapValues { $0.sorted { $0.part.rank < $1.part.rank } }
    for (item, changes) in grouped {
      for change in changes { expected[item, default: .empty(in: file)][change.part] = change.value }
    }
    var text = YAMLEditor(Array(old[mark...]))
    var new: [(item: String, changes: [WordingChange])] = []
    for item in order + grouped.keys.filter({ !order.contains($0) }).sorted() {
      guard let changes = grouped[item] else { continue }
      if before.wordings[item] != nil, let field = before.field(at: path(of: item)) {
        text.change(field, changes)
      } else if changes.contains(where: { $0.value != nil }) {
        new.append((item, changes))
      }
    }
    var edited = text.edited
    // One by one: two new wordings may need the same new key above them, such as `forms`.
    for (item, changes) in new {
      edited = add(changes, item, to: edited, try content(edited), order: order)
    }
    guard let after = wordings(edited, file), after.others == before.others,
      after.wordings.mapValues(\.withoutPlace) == expected.mapValues(\.withoutPlace)
    else {
      throw DiagnosticsError([
        Diagnostic(
          path: file, message: "a wording here has a form that cannot be edited",
          remedy: "write each value on one line in double quotes, as the catalogue's files do, and try again")
      ])
    }
    return Array(old[..<mark]) + edited
  }

  /// Returns a file's content with a wording that it does not have.
  private static func add(
    _ changes: [WordingChange], _ item: String, to bytes: [UInt8], _ content: Content, order: [String]
  ) -> [UInt8] {
    var text = YAMLEditor(bytes)
    let path = path(of: item)
    if let field = content.field(at: path) {
      // The mapping is there with forms only.
      text.change(field, changes)
    } else if let root = content.roots[path[0]] {
      text.add(changes, at: path.dropFirst(), in: root.value, depth: 0, order: orders(of: item, order))
    } else if let wordings = content.roots["wordings"] {
      text.add(changes, at: path[...], before: wordings.place)
    }
    return text.edited
  }

  /// The keys that lead from the document to an item's wording.
  private static func path(of item: String) -> [String] {
    guard let (prompt, form) = KitLayout.parts(ofItem: item) else { return ["wordings", item] }
    if let mode = AnswerMode(formula: prompt) {
      return ["answers", mode.rawValue] + (form.isForChild ? ["child"] : [])
    }
    return ["wordings", prompt] + (form.isBase ? [] : ["forms", form.rawValue])
  }

  /// The usual order of the keys on each level below the first of an item's path.
  private static func orders(of item: String, _ order: [String]) -> [[String]] {
    let path = path(of: item)
    let parts = ["text", "back", "gloss", "title", "caution", "note", "variants"]
    if path[0] == "answers" { return [AnswerMode.allCases.map(\.rawValue), parts + ["child"]] }
    let forms = order.compactMap { id -> String? in
      guard let (prompt, form) = KitLayout.parts(ofItem: id), prompt == path[1], !form.isBase else { return nil }
      return form.rawValue
    }
    return [order, parts + ["forms"], forms]
  }

  private struct Content {
    /// The entries `wordings` and `answers` of the document.
    var roots: [String: (place: Field, value: Field)]
    var wordings: [String: Wording]
    /// Everything else in the file.
    var others: [String: YAMLNode]

    /// Returns the mapping to which keys lead, or nil if the file does not have it.
    func field(at path: [String]) -> Field? {
      var field = roots[path[0]]?.value
      for key in path.dropFirst() {
        guard let mapping = field, mapping.isMapping else { return nil }
        field = mapping.entries()?.first { $0.key == key }?.value
      }
      return field.flatMap { $0.isMapping ? $0 : nil }
    }
  }

  private static func wordings(_ bytes: [UInt8], _ file: String) -> Content? {
    let log = DiagnosticLog()
    guard let root = YAMLFile.parse(bytes, file: file, log: log), let entries = root.entries() else { return nil }
    var content = Content(roots: [:], wordings: [:], others: [:])
    for (key, place, value) in entries where ["wordings", "answers"].contains(key) {
      content.roots[key] = (place, value)
    }
    guard let field = content.roots["wordings"]?.value else { return nil }
    // Whether the language may have titles, and whether a base text may be missing, is validated when the file is
    // loaded, not here.
    guard let wordings = Wording.all(field, drafted: .machine, isOperator: true, isOverlay: true),
      let formulas = content.roots["answers"].map({ Wording.formulas($0.value, drafted: .machine) }) ?? [:],
      !log.hasErrors
    else { return nil }
    content.wordings = wordings.merging(formulas) { own, _ in own }
    for (key, _, value) in entries where content.roots[key] == nil { content.others[key] = value.node }
    return content
  }
}

extension Wording {
  fileprivate static func empty(in file: String) -> Wording {
    Wording(text: "", variants: [:], drafted: .machine, file: file, line: 0)
  }

  fileprivate var withoutPlace: Wording {
    var wording = self
    wording.line = 0
    return wording
  }
}
