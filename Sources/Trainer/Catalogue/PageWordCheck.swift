import Diagnostics

/// The validation of a language's words for the pages that go by post.
extension LanguageCheck {
  /// Names that have Latin letters in every language.
  private static let names = [
    "Android", "Chrome", "Edge", "Firefox", "JavaScript", "Safari", "dB", "cm", "iPad", "iPhone",
  ]

  /// Returns what is missing or wrong in `page`. A catalogue whose source has no such words needs none.
  func pageFaults() -> [Diagnostic] {
    guard let source, !source.page.isEmpty else { return [] }
    var faults = missingPageWords(source)
    for (key, word) in language.page.sorted(by: { $0.value.line < $1.value.line }) {
      func add(_ message: String, _ remedy: String, _ severity: Diagnostic.Severity = .error) {
        faults.append(
          Diagnostic(
            severity, path: language.file, line: word.line, message: "'page.\(key)' \(message)", remedy: remedy))
      }
      guard let original = source.page[key] else {
        add("is no word of the pages\(Spelling.hint(key, Array(source.page.keys)))", "remove it, or correct its name")
        continue
      }
      if word.places.sorted() != original.places.sorted() {
        let places = original.places.isEmpty ? "none" : original.places.joined(separator: " ")
        add("has not the places of the English text", "use each of these once: \(places)")
      }
      let letters = (word.places + Self.names).reduce(word.text) { $0.replacing($1, with: "") }
      if let letter = script?.foreignLetter(in: letters) {
        add("holds \(letter.codePoint) '\(letter)', not a letter of \(language.script)", "write it in its own script")
      }
      if PageWord.minimum.contains(key) {
        if word.text.count > PageWord.buttonLimit {
          add("has \(word.text.count) characters", "a button has room for \(PageWord.buttonLimit)")
        }
        if let other = PageWord.minimum.first(where: { $0 < key && language.page[$0]?.text == word.text }) {
          add("is the word of 'page.\(other)'", "write different words on different buttons")
        }
        if !language.isForResponder, word.back == nil {
          add("has no back-translation", "add 'back': English made from this word alone", .warning)
        }
      } else if !isSource, word.text == original.text, word.text.split(separator: " ").count > 2 {
        add("is the English text", "translate it")
      }
    }
    return faults
  }

  private func missingPageWords(_ source: Language) -> [Diagnostic] {
    let needed =
      language.isForResponder
      ? source.page.sorted { $0.value.line < $1.value.line }.map(\.key)
      : language.roles.contains(.listener) ? PageWord.minimum : []
    let missing = needed.filter { language.page[$0] == nil }
    if missing.isEmpty { return [] }
    return [
      Diagnostic(
        .warning, path: language.file, message: "'page' has no \(missing.joined(separator: ", "))",
        remedy: "add the words: without them a page shows the English ones")
    ]
  }
}
