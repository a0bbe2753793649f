/// A project's own wordings of a language of the catalogue: a file with only `tag`, `drafted`,
/// `wordings` and `answers`.
struct LanguageOverlay {
  let tag: String
  let wordings: [String: Wording]
  let field: Field

  /// Returns whether a document has no keys other than those of an overlay.
  static func isOverlay(_ root: Field) -> Bool {
    root.isMapping && root.keys.allSatisfy(["tag", "drafted", "wordings", "answers"].contains)
  }

  /// Parses an overlay; returns nil after adding the errors to the log.
  init?(_ root: Field) {
    guard let map = root.mapping(["tag", "drafted", "wordings"], optional: ["answers"]) else { return nil }
    let tag = map["tag"]?.fileTag()
    let drafted = map["drafted"]?.word(Language.Drafter.self)
    let wordings = map["wordings"].flatMap {
      Wording.all($0, drafted: drafted ?? .machine, isOperator: true, isOverlay: true)
    }
    let formulas = map["answers"].or([:]) { Wording.formulas($0, drafted: drafted ?? .machine) }
    guard let tag, drafted != nil, let wordings, let formulas else { return nil }
    self.tag = tag
    self.wordings = wordings.merging(formulas) { own, _ in own }
    self.field = root
  }
}
