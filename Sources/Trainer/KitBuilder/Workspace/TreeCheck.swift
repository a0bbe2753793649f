import Catalogue
import Kit

extension Workspace {
  /// Returns what is missing from the directory of recordings, and what it holds that it should not.
  func findingsOfTree() -> [CheckFinding] {
    var found = tree.findings
    let recorded = Set(tree.takes.map { "\($0.language)/\($0.prompt)" })
    for language in languages.compactMap(catalogue.language) {
      for prompt in prompts(of: language) {
        guard language.wordings[prompt.id] != nil else {
          found.append(
            CheckFinding(
              .noWording, .error, path: language.file, language: language.tag, prompt: prompt.id,
              "no wording of '\(prompt.id)' in \(language.english)", remedy: "write one, or leave the prompt out"))
          continue
        }
        if !recorded.contains("\(language.tag)/\(prompt.id)") {
          found.append(
            CheckFinding(
              .missing, .error, path: "\(recordingsDirectory)/\(language.tag)", language: language.tag,
              prompt: prompt.id, "no recording of \(prompt.stem) in \(language.english)",
              remedy: "record it, or run 'firstword synthesize' for a trial"))
        }
      }
    }
    return found + tree.takes.compactMap(unused)
  }

  /// Returns why no clip is made of a recording; nil if one is, or if its wording is missing.
  private func unused(_ take: Take) -> CheckFinding? {
    guard let language = catalogue.language(take.language), let item = catalogue.item(take.prompt) else { return nil }
    if prompts(of: language).contains(where: { $0.id == item.id }) { return nil }
    let (why, remedy) = reasonForAbsence(of: item, in: language)
    return take.finding(.unused, .note, "the kit does not have it: \(why)", remedy)
  }

  /// Returns why the kit does not have an item in a language, and what to do if it should.
  private func reasonForAbsence(of item: Prompt, in language: Language) -> (why: String, remedy: String) {
    let choice = "in kit.yaml if it should"
    if item.module == .operator || !project.languages.contains(language.tag) {
      return ("the device speaks another language to the responder", "change 'operator-voice' \(choice)")
    }
    if item.kind == .message, !project.prompts.contains(item.baseID) {
      return ("'\(item.baseID)' is not among its prompts", "add it to 'prompts' \(choice)")
    }
    let mode = AnswerMode(formula: item.baseID) ?? item.form.name.flatMap(AnswerMode.init(rawValue:)) ?? .base
    if item.kind == .formula || item.namesSigns, !project.answers.modes.contains(mode) {
      return ("it does not offer the answer mode '\(mode.rawValue)'", "add the mode to 'answers' \(choice)")
    }
    if case .choices = item.forms, item.form.name != project.forms[item.baseID] {
      let form = project.forms[item.baseID].map { "the form '\($0)'" } ?? "the neutral form"
      return ("it has \(form) of '\(item.baseID)'", "change the form \(choice)")
    }
    if item.form.isForChild, !project.items(of: catalogue).contains(where: { $0.id == item.id }) {
      return ("it has no prompt for children", "add one to 'prompts' \(choice)")
    }
    if item.form.isForChild {
      return ("the language has no words of its own for a child", "leave it out: the adult's words serve")
    }
    return ("it has no question that needs it", "add one to 'prompts' \(choice)")
  }
}
