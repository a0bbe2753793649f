/// What is written into one file to change wordings of a language.
public struct WordingEdit: Equatable, Sendable {
  /// The file.
  public var path: String
  /// The changes.
  public var changes: [WordingChange]
  /// The content of the file before the changes, if it does not exist; nil if it exists.
  public var new: String?

  /// Places the changes of one item. Without a project they go into the file that has the wording; with a project, into
  /// the project's own file, which replaces a whole wording of the catalogue: the first change copies the other parts.
  ///
  /// - Parameters:
  ///   - changes: the changes of one item.
  ///   - item: the item's id.
  ///   - language: the language as it is.
  ///   - project: the project's directory; nil for the catalogue itself.
  public init(_ changes: [WordingChange], of item: String, in language: Language, project: String?) {
    let wording = language.wordings[item]
    self.changes = changes
    guard let project else {
      path = wording?.file ?? language.file
      return
    }
    path = Catalogue.languageFile(language.tag, in: project)
    if let wording {
      if wording.file == path { return }
      let changed = changes.map(\.part)
      let kept = WordingChange.Part.allCases.filter { !changed.contains($0) && wording[$0] != nil }
      self.changes = kept.map { WordingChange(item, $0, wording[$0]) } + changes
    }
    new = WordingFile.overlay(language.tag)
  }
}

extension WordingChange {
  /// Returns changes of one wording with what follows from a new text: the mark of an outdated back-translation, and the
  /// end of the gloss.
  ///
  /// - Parameter wording: the wording as it is; nil if there is none.
  public static func completed(_ changes: [WordingChange], of wording: Wording?) -> [WordingChange] {
    guard let first = changes.first, let wording else { return changes }
    var all = changes
    let text = changes.first { $0.part == .text }?.value ?? wording.text
    // A gloss of the old text would mislead.
    if text != wording.text, wording.gloss != nil, !changes.contains(where: { $0.part == .gloss }) {
      all.append(WordingChange(first.prompt, .gloss, nil))
    }
    let back = changes.first { $0.part == .back }
    let made = back == nil && wording.back != nil ? wording.backOf ?? wording.text : text
    let backOf = made == text ? nil : made
    if backOf != wording.backOf { all.append(WordingChange(first.prompt, .backOf, backOf)) }
    return all
  }
}

extension Catalogue {
  /// Returns the catalogue with a changed wording, to validate it before it is written.
  ///
  /// - Parameters:
  ///   - changes: changes of one item, complete.
  ///   - edit: where they will be written.
  public func changing(
    _ changes: [WordingChange], of item: String, in tag: String, by edit: WordingEdit
  ) -> Catalogue {
    guard let index = languages.firstIndex(where: { $0.tag == tag }) else { return self }
    var languages = languages
    var wording =
      languages[index].wordings[item]
      ?? Wording(text: "", variants: [:], drafted: .person, file: edit.path, line: 1)
    for change in changes { wording[change.part] = change.value }
    wording.inherited = nil
    languages[index].wordings[item] = wording
    return Catalogue(
      directory: directory, prompts: prompts, sequences: sequences, languages: languages, retired: retired)
  }
}
