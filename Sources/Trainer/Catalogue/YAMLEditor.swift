/// Collects edits of values in the bytes of a YAML file. All places refer to the bytes before any edit.
struct YAMLEditor {
  let bytes: [UInt8]
  /// The offset of each line's first byte.
  private let lines: [Int]
  /// LF or CR LF, as in the file's first line.
  private let lineEnd: [UInt8]
  var edits: [(range: Range<Int>, bytes: [UInt8])] = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    lines = [0] + bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
    lineEnd = bytes.firstIndex(of: 0x0A).map { $0 > 0 && bytes[$0 - 1] == 0x0D } == true ? [0x0D, 0x0A] : [0x0A]
  }

  /// The bytes with all edits applied; edits of the same place in the order in which they were added.
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
    let removesLastVariant = !spoken.contains { entry in
      !changes.contains { $0.part.rawValue == entry.key && $0.value == nil }
    }
    if let variants, removesLastVariant { remove(variants.place, through: spoken.last?.value ?? variants.value) }
    // A wording without variants needs the line `variants:` once before its first one.
    var needsHeader = variants == nil
    for change in changes {
      let isVariant = if case .variant = change.part { true } else { false }
      let own = (isVariant ? spoken : entries).first { $0.key == change.part.rawValue }
      switch (own, change.value) {
      case (let own?, let value?): replace(own.value, with: value)
      case (let own?, nil): if !isVariant || !removesLastVariant { remove(own.place, through: own.value) }
      case (nil, let value?):
        let indentation = (entries.first?.place.mark.column ?? 5) - 1
        let step = spoken.first.map { $0.place.mark.column - 1 } ?? indentation + 2
        if isVariant, needsHeader {
          insert(line(indentation, "variants:"), after: predecessor(of: change.part, entries, []), in: wording)
          needsHeader = false
        }
        let content = Self.entry(change.part.rawValue, value)
        insert(
          line(isVariant ? step : indentation, content),
          after: predecessor(of: change.part, entries, isVariant ? spoken : []), in: wording)
      case (nil, nil): break
      }
    }
  }

  /// Adds a wording that the file does not have, below the deepest mapping on its path that the file has.
  ///
  /// - Parameters:
  ///   - changes: the parts of the wording.
  ///   - path: the keys that lead from `field` to the wording, such as `raise-hand`, `forms`, `hand`.
  ///   - field: the mapping; its place is that of its key where it is empty.
  ///   - depth: the indentation of the key of `field`; -1 for the document.
  ///   - order: the keys of each level in their usual order, by which the new key is placed.
  mutating func add(
    _ changes: [WordingChange], at path: ArraySlice<String>, in field: Field, depth: Int, order: [[String]]
  ) {
    guard let key = path.first, let usual = order.first else { return }
    let entries = field.isNull ? [] : field.entries() ?? []
    if path.count > 1, let entry = entries.first(where: { $0.key == key }) {
      return add(
        changes, at: path.dropFirst(), in: entry.value, depth: entry.place.mark.column - 1,
        order: Array(order.dropFirst()))
    }
    let rank = { (key: String) in usual.firstIndex(of: key) ?? usual.count }
    let outer = entries.first.map { $0.place.mark.column - 1 } ?? depth + 2
    let step =
      entries.first.flatMap { $0.value.isMapping ? $0.value.entries()?.first?.place.mark.column : nil }
      .map { max(1, $0 - 1 - outer) } ?? 2
    let block = block(changes, at: path, indentation: outer, step: step)
    if let before = entries.last(where: { rank($0.key) < rank(key) }) {
      insert(block, after: end(of: last(of: before.value)))
    } else if let first = entries.first {
      let start = lineRange(first.place.mark.line).lowerBound
      edits.append((start..<start, block))
    } else {
      insert(block, after: lineRange(field.mark.line).lowerBound)
    }
  }

  /// Adds a wording under a key that the document does not have, before another key of the document.
  mutating func add(_ changes: [WordingChange], at path: ArraySlice<String>, before key: Field) {
    let start = lineRange(key.mark.line).lowerBound
    edits.append((start..<start, block(changes, at: path, indentation: 0, step: 2) + lineEnd))
  }

  /// The lines of a new wording with the keys that lead to it.
  private func block(
    _ changes: [WordingChange], at path: ArraySlice<String>, indentation: Int, step: Int
  ) -> [UInt8] {
    var block: [UInt8] = []
    for (level, key) in path.enumerated() { block += line(indentation + level * step, "\(key):") }
    let inner = indentation + path.count * step
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
    return block
  }

  // MARK: Places

  /// Returns the offset of a place.
  func offset(_ place: Place) -> Int {
    var position = lines[min(place.line, lines.count) - 1]
    var column = 1
    while column < place.column, position < bytes.count {
      position += 1
      // Columns count characters: skip UTF-8 continuation bytes (10xxxxxx).
      if position == bytes.count || bytes[position] & 0xC0 != 0x80 { column += 1 }
    }
    return position
  }

  /// Returns the range of a line, including its line end.
  func lineRange(_ line: Int) -> Range<Int> {
    lines[line - 1]..<(line < lines.count ? lines[line] : bytes.count)
  }

  /// Returns the line of an offset, from 1.
  private func line(at offset: Int) -> Int { (lines.lastIndex { $0 <= offset } ?? 0) + 1 }

  /// Returns the range of a scalar, including its quotes. It can be wrong for a plain scalar of several lines; then the
  /// comparison after the edit fails.
  private func range(of field: Field) -> Range<Int> {
    let start = offset(field.mark)
    guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") || bytes[start] == UInt8(ascii: "'") else {
      let text = field.node.text.map { Array($0.utf8) } ?? []
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

  func end(of field: Field) -> Int { range(of: field).upperBound }

  /// Returns the last scalar under a field.
  private func last(of field: Field) -> Field {
    var field = field
    while let entry = (field.isMapping ? field.entries() : nil)?.last { field = entry.value }
    return field
  }

  /// Returns the end of the value after which a new part is inserted; nil if it becomes the first.
  private func predecessor(
    of part: WordingChange.Part, _ entries: [(key: String, place: Field, value: Field)],
    _ spoken: [(key: String, place: Field, value: Field)]
  ) -> Int? {
    let ranked = (entries + spoken).compactMap { entry -> (Int, Field)? in
      guard let own = WordingChange.Part(rawValue: entry.key) else {
        return entry.key == "variants" ? (WordingChange.Part.variant(.toMan).rank, last(of: entry.value)) : nil
      }
      return (own.rank, entry.value)
    }
    let isVariant = !spoken.isEmpty
    let before = ranked.filter { isVariant ? $0.0 <= WordingChange.Part.variant(.toMan).rank : $0.0 < part.rank }
    return before.max(by: { $0.0 < $1.0 }).map { end(of: $0.1) }
  }

  // MARK: Edits

  mutating func replace(_ field: Field, with value: String) {
    let range = range(of: field)
    let isSingle = range.lowerBound < bytes.count && bytes[range.lowerBound] == UInt8(ascii: "'")
    let text = isSingle ? "'\(value.replacing("'", with: "''"))'" : Self.quoted(value)
    edits.append((range, Array(text.utf8)))
  }

  /// Removes whole lines, from a key's line to the end of a value.
  private mutating func remove(_ key: Field, through value: Field) {
    let start = lineRange(key.mark.line).lowerBound
    let end = lineRange(line(at: max(start, end(of: last(of: value)) - 1))).upperBound
    edits.append((start..<end, []))
  }

  /// Inserts whole lines after the line of an offset, or before the first line of a mapping.
  private mutating func insert(_ content: [UInt8], after offset: Int?, in mapping: Field) {
    if let offset { return insert(content, after: offset) }
    let start = lineRange(mapping.mark.line).lowerBound
    edits.append((start..<start, content))
  }

  /// Inserts whole lines after the line of an offset.
  mutating func insert(_ content: [UInt8], after offset: Int) {
    let end = lineRange(line(at: max(0, offset - (offset == bytes.count ? 1 : 0)))).upperBound
    let isOpenEnded = end == bytes.count && bytes.last != 0x0A && !bytes.isEmpty
    edits.append((end..<end, (isOpenEnded ? lineEnd : []) + content))
  }

  func line(_ indentation: Int, _ content: String) -> [UInt8] {
    Array((String(repeating: " ", count: indentation) + content).utf8) + lineEnd
  }

  private static func entry(_ key: String, _ value: String) -> String { "\(key): \(quoted(value))" }

  static func quoted(_ value: String) -> String {
    "\"\(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }
}
