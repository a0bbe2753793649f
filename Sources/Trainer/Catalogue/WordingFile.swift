import Diagnostics
import Posix
import Yams

/// Something new in one wording.
public struct WordingChange: Equatable, Sendable {
  /// Id.
  public var prompt: String
  public var part: Part
  /// Nil takes it away; never for the text itself.
  public var value: String?

  public init(_ prompt: String, _ part: Part, _ value: String?) {
    self.prompt = prompt
    self.part = part
    self.value = value
  }

  /// What a wording is made of, in the order in which the files have it.
  public enum Part: Hashable, Sendable {
    case text, back
    case variant(Wording.Variant)
    case title, caution, note
  }

  /// What makes the new value unfit to stand in a file; nil where nothing does.
  public var fault: (message: String, remedy: String)? {
    guard let value else { return part == .text ? ("a text cannot be taken away", "write one") : nil }
    if let fault = TextFault(in: value) { return (fault.message, fault.remedy) }
    if value.isEmpty { return ("it is empty", "write something, or leave it out") }
    if value.count > part.limit {
      return ("it has \(value.count) characters", "say it in \(part.limit) at most")
    }
    return nil
  }
}

extension WordingChange.Part: RawRepresentable, CaseIterable {
  /// `text`, `by-woman`: unambiguous, for no variant is named as another key.
  public var rawValue: String {
    switch self {
    case .text: "text"
    case .back: "back"
    case .variant(let variant): variant.rawValue
    case .title: "title"
    case .caution: "caution"
    case .note: "note"
    }
  }

  public init?(rawValue: String) {
    guard let part = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = part
  }

  public static let allCases: [WordingChange.Part] =
    [.text, .back] + Wording.Variant.allCases.map { .variant($0) } + [.title, .caution, .note]

  /// The most characters that a file takes.
  public var limit: Int { self == .title ? 40 : 300 }

  fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension Wording {
  public subscript(part: WordingChange.Part) -> String? {
    get {
      switch part {
      case .text: text
      case .back: back
      case .variant(let variant): variants[variant]
      case .title: title
      case .caution: caution
      case .note: note
      }
    }
    set {
      switch part {
      case .text: text = newValue ?? text
      case .back: back = newValue
      case .variant(let variant): variants[variant] = newValue
      case .title: title = newValue
      case .caution: caution = newValue
      case .note: note = newValue
      }
    }
  }
}

/// A language's file, in which words are changed by a program and everything else stays as a person wrote it:
/// comments, quotes, order, line ends.
public enum WordingFile {
  /// A new file of a project's own words over the catalogue's.
  public static func overlay(_ tag: String) -> String {
    """
    # This project's own words; they stand for the catalogue's.
    tag: "\(tag)"
    drafted: person

    wordings:

    """
  }

  /// Changes wordings in `path`: only their lines. The old file or the new one, never half of it; and not the new one
  /// unless it reads as the old one with just these changes.
  ///
  /// - Parameters:
  ///   - order: ids of prompts by number, for wordings that are new to the file.
  ///   - new: what stands in a file that is not there yet.
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
          remedy: "nothing was changed; where the catalogue is not yours, say --project DIR")
      ])
    }
  }

  /// The file's content with the changes.
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
    var text = YAMLText(Array(old[mark...]))
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
          path: file, message: "a wording here has a form that is not edited by program",
          remedy: "write each value on one line in double quotes, as the catalogue's files do, and try again")
      ])
    }
    return Array(old[..<mark]) + edited
  }

  private struct Content {
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
    // Whether titles fit the language's role is not looked at here: they stood there before, or the reader refuses.
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

/// The bytes of a YAML file, and what is to be put in their place. Places are those of the file as it was read.
private struct YAMLText {
  let bytes: [UInt8]
  /// Where each line begins.
  private let lines: [Int]
  private let lineEnd: [UInt8]
  private var edits: [(range: Range<Int>, bytes: [UInt8])] = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    lines = [0] + bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
    lineEnd = bytes.firstIndex(of: 0x0A).map { $0 > 0 && bytes[$0 - 1] == 0x0D } == true ? [0x0D, 0x0A] : [0x0A]
  }

  /// The bytes with all edits; those of one place in the order in which they were made.
  var edited: [UInt8] {
    var result: [UInt8] = []
    var position = 0
    for edit in edits.enumerated().sorted(by: {
      ($0.element.range.lowerBound, $0.offset) < ($1.element.range.lowerBound, $1.offset)
    }).map(\.element) {
      if edit.range.lowerBound < position { continue }
      result += bytes[position..<edit.range.lowerBound] + edit.bytes
      position = edit.range.upperBound
    }
    return result + bytes[position...]
  }

  /// Changes the values of one wording.
  mutating func change(_ wording: Field, _ changes: [WordingChange]) {
    let entries = wording.entries() ?? []
    let variants = entries.first { $0.key == "variants" }
    let spoken = variants?.value.entries() ?? []
    let isLastVariantGone = !spoken.contains { entry in
      !changes.contains { $0.part.rawValue == entry.key && $0.value == nil }
    }
    if let variants, isLastVariantGone { remove(variants.place, through: spoken.last?.value ?? variants.value) }
    // New variants of a wording that has none stand under one head.
    var isHeadDue = variants == nil
    for change in changes {
      let isVariant = if case .variant = change.part { true } else { false }
      let own = (isVariant ? spoken : entries).first { $0.key == change.part.rawValue }
      switch (own, change.value) {
      case (let own?, let value?): replace(own.value, with: value)
      case (let own?, nil): if !isVariant || !isLastVariantGone { remove(own.place, through: own.value) }
      case (nil, let value?):
        let indentation = (entries.first?.place.mark.column ?? 5) - 1
        let step = spoken.first.map { $0.place.mark.column - 1 } ?? indentation + 2
        if isVariant, isHeadDue {
          insert(line(indentation, "variants:"), after: predecessor(of: change.part, entries, []))
          isHeadDue = false
        }
        let content = Self.entry(change.part.rawValue, value)
        insert(
          line(isVariant ? step : indentation, content),
          after: predecessor(of: change.part, entries, isVariant ? spoken : []))
      case (nil, nil): break
      }
    }
  }

  /// Adds a wording that the file does not have, behind the last one of a lower number.
  mutating func add(_ changes: [WordingChange], _ prompt: String, to wordings: Field, order: [String]) {
    let entries = wordings.isNull ? [] : wordings.entries() ?? []
    let rank = order.firstIndex(of: prompt) ?? order.count
    let before = entries.last { (order.firstIndex(of: $0.key) ?? order.count) < rank }
    let outer = (entries.first?.place.mark.column ?? 3) - 1
    let inner = entries.first.flatMap { $0.value.entries()?.first?.place.mark.column }.map { $0 - 1 } ?? outer + 2
    var block = line(outer, "\(prompt):")
    var hasHead = false
    for change in changes {
      guard let value = change.value else { continue }
      if case .variant = change.part {
        if !hasHead { block += line(inner, "variants:") }
        hasHead = true
        block += line(inner + 2, Self.entry(change.part.rawValue, value))
      } else {
        block += line(inner, Self.entry(change.part.rawValue, value))
      }
    }
    if let before {
      insert(block, after: end(of: last(of: before.value)))
    } else {
      // An empty value's place is that of its key, and a mapping's the one of its first key.
      let above = wordings.isNull ? wordings.mark.line : wordings.mark.line - 1
      insert(block, after: lineRange(above).lowerBound)
    }
  }

  // MARK: Places

  private func offset(_ place: Place) -> Int {
    var position = lines[min(place.line, lines.count) - 1]
    var column = 1
    while column < place.column, position < bytes.count {
      position += 1
      // A character of UTF-8 goes on with bytes of 10......
      if position == bytes.count || bytes[position] & 0xC0 != 0x80 { column += 1 }
    }
    return position
  }

  /// A line with its end.
  private func lineRange(_ line: Int) -> Range<Int> {
    lines[line - 1]..<(line < lines.count ? lines[line] : bytes.count)
  }

  /// The line on which an offset lies, from 1.
  private func line(at offset: Int) -> Int { (lines.lastIndex { $0 <= offset } ?? 0) + 1 }

  /// The bytes of a scalar, with its quotes. Where it is neither quoted nor ends with its line, the check afterwards
  /// finds that the edit went wrong.
  private func range(of field: Field) -> Range<Int> {
    let start = offset(field.mark)
    guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") || bytes[start] == UInt8(ascii: "'") else {
      let text = field.node.scalar.map { Array($0.string.utf8) } ?? []
      return start..<min(bytes.count, start + text.count)
    }
    let quote = bytes[start]
    var position = start + 1
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        position += 1
      } else if bytes[position] == quote {
        if quote == UInt8(ascii: "'"), position + 1 < bytes.count, bytes[position + 1] == quote {
          position += 1
        } else {
          return start..<position + 1
        }
      }
      position += 1
    }
    return start..<bytes.count
  }

  private func end(of field: Field) -> Int { range(of: field).upperBound }

  /// The last scalar under a field.
  private func last(of field: Field) -> Field {
    var field = field
    while let entry = (field.node.mapping == nil ? nil : field.entries())?.last { field = entry.value }
    return field
  }

  /// The end of the value behind which a new part belongs.
  private func predecessor(
    of part: WordingChange.Part, _ entries: [(key: String, place: Field, value: Field)],
    _ spoken: [(key: String, place: Field, value: Field)]
  ) -> Int {
    let ranked = (entries + spoken).compactMap { entry -> (Int, Field)? in
      guard let own = WordingChange.Part(rawValue: entry.key) else {
        return entry.key == "variants" ? (WordingChange.Part.variant(.toMan).rank, last(of: entry.value)) : nil
      }
      return (own.rank, entry.value)
    }
    let isVariant = !spoken.isEmpty
    let before = ranked.filter { isVariant ? $0.0 <= WordingChange.Part.variant(.toMan).rank : $0.0 < part.rank }
    guard let nearest = before.max(by: { $0.0 < $1.0 }) else { return bytes.count }
    return end(of: nearest.1)
  }

  // MARK: Edits

  private mutating func replace(_ field: Field, with value: String) {
    let range = range(of: field)
    let isSingle = range.lowerBound < bytes.count && bytes[range.lowerBound] == UInt8(ascii: "'")
    let text = isSingle ? "'\(value.replacing("'", with: "''"))'" : Self.quoted(value)
    edits.append((range, Array(text.utf8)))
  }

  /// Takes out whole lines, from a key's to the end of a value.
  private mutating func remove(_ key: Field, through value: Field) {
    let start = lineRange(key.mark.line).lowerBound
    let end = lineRange(line(at: max(start, end(of: last(of: value)) - 1))).upperBound
    edits.append((start..<end, []))
  }

  /// Puts whole lines behind the line on which an offset lies.
  private mutating func insert(_ content: [UInt8], after offset: Int) {
    let end = lineRange(line(at: max(0, offset - (offset == bytes.count ? 1 : 0)))).upperBound
    let isOpenEnded = end == bytes.count && bytes.last != 0x0A && !bytes.isEmpty
    edits.append((end..<end, (isOpenEnded ? lineEnd : []) + content))
  }

  private func line(_ indentation: Int, _ content: String) -> [UInt8] {
    Array((String(repeating: " ", count: indentation) + content).utf8) + lineEnd
  }

  private static func entry(_ key: String, _ value: String) -> String { "\(key): \(quoted(value))" }

  private static func quoted(_ value: String) -> String {
    "\"\(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }
}
