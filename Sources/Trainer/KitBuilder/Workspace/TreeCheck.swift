import Catalogue

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
    return found
  }
}
