import Diagnostics
import Posix
import Yams

/// Edits the wordings in a language's file. Comments, quotes, order and line ends of everything else do not change.
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
  ///   - order: the ids of all prompts by number, which places new wordings.
  ///   - new: the initial content of a file that does not exist; nil to require an existing file.
  /// - Throws: ``DiagnosticsError`` if the file cannot be read, edited or written, or if a value is not valid.
  public static func edit(
    _ path: String, _ changes: [WordingChange], order: [String], new: String? = nil
  ) throws(DiagnosticsError) {
    let old: [UInt8]
    do throws(SystemError) {
      if let new, !Files.exists(path) {
        old = Array(new.utf8)
      } else {
        old = try Files.read(path, limit: YAMLFile.limit)
      }
    } catch { throw DiagnosticsError([.unreadable(path, error)]) }
    let edited = try edit(old, changes, order: order, file: path)
    if edited == old { return }
    do throws(SystemError) {
      try Files.makeDirectory(Path(path).parent)
      try Files.replace(path, with: edited)
    } catch {
      throw DiagnosticsError([
        Diagnostic(
          path: path, message: "cannot be written: \(error.cause)",
          remedy: "nothing was changed; if the catalogue is read-only, use --project DIR")
      ])
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
    var text = YAMLEditor(Array(old[mark...]))
    guard let before = wordings(text.bytes, file) else {
      throw DiagnosticsError([
        Diagnostic(path: file, message: "its wordings cannot be read", remedy: "correct the file")
      ])
    }
    var expected = before.wordings
    let grouped = Dictionary(grouping: changes, by: \.prompt)
    for (prompt, changes) in grouped {
      for change in changes { expected[prompt, default: .empty(in: file)][change.part] = change.value }
    }
    for prompt in order + grouped.keys.filter({ !order.contains($0) }).sorted() {
      guard let changes = grouped[prompt] else { continue }
      if let entry = before.entries.first(where: { $0.key == prompt }) {
        text.change(entry.value, changes.sorted { $0.part.rank < $1.part.rank })
      } else if changes.contains(where: { $0.value != nil }) {
        text.add(changes.sorted { $0.part.rank < $1.part.rank }, prompt, to: before.field, order: order)
      }
    }
    let edited = text.edited
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

  private struct Content {
    /// The mapping under `wordings`.
    var field: Field
    var entries: [(key: String, place: Field, value: Field)]
    var wordings: [String: Wording]
    /// Everything else in the file.
    var others: [Node: Node]
  }

  private static func wordings(_ bytes: [UInt8], _ file: String) -> Content? {
    let log = DiagnosticLog()
    guard let root = YAMLFile.parse(bytes, file: file, log: log), case .mapping(let mapping) = root.node,
      let field = root.entries()?.first(where: { $0.key == "wordings" })?.value
    else { return nil }
    // Whether the language may have titles is validated when the file is loaded, not here.
    guard let wordings = Wording.all(field, drafted: .machine, isOperator: true), !log.hasErrors else { return nil }
    let entries = field.isNull ? [] : field.entries() ?? []
    let others = mapping.filter { $0.key.scalar?.string != "wordings" }
    return Content(
      field: field, entries: entries, wordings: wordings,
      others: Dictionary(others.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }))
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
