/// A change of one value in a YAML file of settings. Everything else in the file keeps its bytes, comments too.
package struct YAMLSetting {
  /// What a key has.
  package enum Value {
    /// A text, which is written in quotes.
    case text(String)
    /// Words of letters, which are written as a list.
    case words([String])
  }

  /// The keys that lead from the document to the value: one, or two.
  package let path: [String]
  /// The new value; nil to remove the key. Only a key of the document can be removed.
  package let value: Value?

  /// Creates a change.
  package init(_ path: [String], _ value: Value?) {
    self.path = path
    self.value = value
  }
}

extension YAMLSetting {
  /// Returns the content of a file with changes. The caller parses the result, and compares it with what it should be:
  /// an unusual form of the file may make another change.
  ///
  /// A key that the file does not have is added after its explanation, a comment that begins with `# key:`, or else at
  /// the end.
  ///
  /// - Parameters:
  ///   - bytes: the file's content.
  ///   - changes: the changes, in the order in which new keys are added.
  /// - Returns: nil if the file cannot be parsed, or if a value has a form that cannot be edited.
  package static func edited(_ bytes: [UInt8], _ changes: [YAMLSetting]) -> [UInt8]? {
    let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var content = Array(bytes[mark...])
    // One by one: each edit moves the places of what comes after it.
    for change in changes {
      guard let edited = change.applied(to: content) else { return nil }
      content = edited
    }
    return Array(bytes[..<mark]) + content
  }

  private static func root(_ bytes: [UInt8]) -> Field? {
    let log = DiagnosticLog()
    let root = YAMLFile.parse(bytes, file: "", log: log)
    return log.hasErrors ? nil : root
  }

  private func applied(to bytes: [UInt8]) -> [UInt8]? {
    guard let root = Self.root(bytes), let entries = root.entries(), let key = path.first else { return nil }
    var editor = YAMLEditor(bytes)
    guard let entry = entries.first(where: { $0.key == key }) else {
      return value.map { added(key, $0, to: bytes, count: entries.count) } ?? bytes
    }
    switch (path.count, value) {
    case (1, .text(let text)?):
      if !entry.value.isScalar || entry.value.isNull { return nil }
      editor.replace(entry.value, with: text)
    case (1, nil):
      if !entry.value.isScalar { return nil }
      editor.remove(entry.place, entry.value)
    case (2, .words(let words)?):
      if !editor.set(path[1], to: words, in: entry.value) { return nil }
    default: return nil
    }
    return editor.edited
  }

  /// Returns the content with a key that the document does not have.
  private func added(_ key: String, _ value: Value, to bytes: [UInt8], count: Int) -> [UInt8]? {
    let text =
      switch value {
      case .text(let text): "\(key): \(YAMLEditor.quoted(text))"
      case .words(let words):
        path.count == 2 ? "\(key): { \(path[1]): \(YAMLEditor.list(words)) }" : "\(key): \(YAMLEditor.list(words))"
      }
    // A comment may stand within another key's lines, where a key of the document would end those.
    for place in [YAMLEditor(bytes).comment(of: key), bytes.count].compactMap(\.self) {
      var editor = YAMLEditor(bytes)
      editor.insert(editor.line(0, text), after: place)
      let edited = editor.edited
      if let entries = Self.root(edited)?.entries(), entries.count == count + 1,
        entries.contains(where: { $0.key == key })
      {
        return edited
      }
    }
    return nil
  }
}

extension YAMLEditor {
  fileprivate static func list(_ words: [String]) -> String { "[\(words.joined(separator: ", "))]" }

  /// Returns an offset in the comment that explains a key: `# key: …` at the start of a line.
  fileprivate func comment(of key: String) -> Int? {
    let start = Array("# \(key):".utf8)
    var position = 0
    while position < bytes.count {
      if bytes[position...].starts(with: start) { return position }
      guard let end = bytes[position...].firstIndex(of: 0x0A) else { return nil }
      position = end + 1
    }
    return nil
  }

  /// Removes the line of a key and its value. A line with a comment after the value becomes a comment.
  fileprivate mutating func remove(_ key: Field, _ value: Field) {
    let lines = lineRange(key.line)
    let end = end(of: value)
    if end < lines.upperBound, bytes[end..<lines.upperBound].contains(UInt8(ascii: "#")) {
      edits.append((lines.lowerBound..<lines.lowerBound, Array("# ".utf8)))
    } else {
      edits.append((lines, []))
    }
  }

  /// Sets a list of words in a mapping.
  ///
  /// - Returns: false if the mapping or the list has a form that cannot be edited.
  fileprivate mutating func set(_ key: String, to words: [String], in mapping: Field) -> Bool {
    guard mapping.isMapping, let entries = mapping.entries() else { return false }
    let list = Self.list(words)
    guard let entry = entries.first(where: { $0.key == key }) else {
      let start = offset(mapping.mark)
      if start < bytes.count, bytes[start] == UInt8(ascii: "{") {
        edits.append((start + 1..<start + 1, Array(" \(key): \(list)\(entries.isEmpty ? " " : ",")".utf8)))
      } else if let first = entries.first {
        let start = lineRange(first.place.line).lowerBound
        edits.append((start..<start, line(first.place.mark.column - 1, "\(key): \(list)")))
      } else {
        return false
      }
      return true
    }
    guard case .list(let items) = entry.value.node.content, !items.isEmpty else { return false }
    let start = offset(entry.value.mark)
    guard start < bytes.count else { return false }
    if bytes[start] == UInt8(ascii: "[") {
      guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "]")) else { return false }
      if bytes[start...end].contains(UInt8(ascii: "#")) { return false }
      edits.append((start..<end + 1, Array(list.utf8)))
      return true
    }
    // A list with an item in each line.
    guard let last = entry.value.list()?.last else { return false }
    let lines = lineRange(entry.value.line).lowerBound..<lineRange(last.line).upperBound
    if bytes[lines].contains(UInt8(ascii: "#")) { return false }
    edits.append((lines, words.flatMap { line(entry.value.mark.column - 1, "- \($0)") }))
    return true
  }
}
