import Kit

/// The parts of a recording's file name: `03-safe-here.wav`, `03.wav`, `04-who-we-are.police.wav`,
/// `answer-card-child.wav`.
struct RecordingName {
  /// The prompt's number; 0 for a formula.
  let number: Int
  /// The id of the prompt or formula; nil where the name has a number only.
  let prompt: String?
  /// The form.
  let form: Form

  /// Parses a file name; nil if it is not a recording's.
  init?(_ name: String) {
    guard let dot = name.lastIndex(of: "."),
      RecordingTree.extensions.contains(name[name.index(after: dot)...].lowercased())
    else { return nil }
    let stem = name[..<dot]
    let digits = stem.prefix { ("0"..."9").contains($0) }
    if digits.isEmpty {
      guard let (prompt, form) = KitLayout.parts(ofItem: String(stem)), AnswerMode(formula: prompt) != nil else {
        return nil
      }
      (number, self.prompt, self.form) = (0, prompt, form)
      return
    }
    let rest = stem.dropFirst(digits.count)
    guard (1...3).contains(digits.count), let number = Int(digits), number > 0 else { return nil }
    let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
    let id = parts.first ?? ""
    guard parts.count <= 2, id.isEmpty || id.first == "-" else { return nil }
    guard let form = parts.count == 2 ? Form(rawValue: String(parts[1])) : .base, parts.count == 1 || !form.isBase
    else {
      return nil
    }
    self.number = number
    prompt = id.isEmpty ? nil : String(id.dropFirst())
    self.form = form
  }
}
