import Catalogue
import Encoding
import KitBuilder
import Project
import Translation

extension Words {
  /// Returns the texts of a language for a translator.
  public func sheet(of language: Language) -> Sheet {
    // The names of languages are in no file that an import could change.
    let isExchanged = { (item: Prompt) in !Prompt.nameNumbers.contains(item.number) }
    return Sheet(
      language, source: catalogue.source, prompts: prompts(of: language).filter(isExchanged),
      titled: titledPrompts(of: language).filter(isExchanged)
    ) { status($0, $1, language) }
  }

  /// Returns what a translator's file changes.
  ///
  /// - Parameters:
  ///   - sheet: the file's content.
  ///   - path: the file's path for messages.
  ///   - language: the language of the file.
  public func plan(_ sheet: TranslatedSheet, path: String, of language: Language) -> TranslationPlan {
    TranslationPlan(sheet, path: path, language: language, in: catalogue, prompts: due(in: language))
  }

  /// Returns what must be written into files for the changes of a plan.
  public func edits(_ plan: TranslationPlan, of language: Language) -> [WordingEdit] {
    var edits: [WordingEdit] = []
    for item in catalogue.items {
      let changes = plan.edits(of: item.id)
      if changes.isEmpty { continue }
      let edit = WordingEdit(changes, of: item.id, in: language, project: workspace?.directory)
      if let index = edits.firstIndex(where: { $0.path == edit.path }) {
        edits[index].changes += edit.changes
      } else {
        edits.append(edit)
      }
    }
    return edits
  }

  /// Returns the names whose approval a changed text loses.
  public func approvals(lostBy change: TranslationPlan.Change, in language: Language) -> [String] {
    guard change.change.part == .text, let old = change.old else { return [] }
    return approvals.approvals(
      of: Digest.sha256(old), kind: .wording, language: language.tag, prompt: change.prompt.id
    ).map(\.name)
  }
}
