import Diagnostics
import Posix

/// The prompts, sequences, languages and wordings from which kits are made.
public struct Catalogue: Sendable {
  /// The directory that holds `Prompts` and `Languages`.
  public let directory: String
  /// The prompts by number.
  public let prompts: [Prompt]
  /// The sequences by id.
  public let sequences: [PromptSequence]
  /// The languages by number.
  public let languages: [Language]

  /// Returns the prompt with an id.
  public func prompt(_ id: String) -> Prompt? { prompts.first { $0.id == id } }
  /// Returns the prompt with a number.
  public func prompt(number: Int) -> Prompt? { prompts.first { $0.number == number } }
  /// Returns the sequence with an id.
  public func sequence(_ id: String) -> PromptSequence? { sequences.first { $0.id == id } }
  /// Returns the language with a tag.
  public func language(_ tag: String) -> Language? { languages.first { $0.tag == tag } }
  /// Returns the language with a number.
  public func language(number: Int) -> Language? { languages.first { $0.number == number } }

  /// The language from which all others are translated.
  public var source: Language? { languages.first { $0.roles.contains(.source) } }

  /// What a board's button can play: the ids of prompts and sequences, and the names of modules.
  public var buttonNames: [String] {
    prompts.map(\.id) + sequences.map(\.id)
      + Prompt.Module.allCases.filter { $0 != .operator }.map(\.rawValue)
  }

  /// Returns the wording of a prompt in a language.
  public func wording(_ prompt: String, in tag: String) -> Wording? { language(tag)?.wordings[prompt] }
}

extension Catalogue {
  /// Reads a catalogue, and a project's own prompts (60...99), languages (60...99) and wordings, which replace the
  /// catalogue's. ``Validator`` finds what is missing or doubtful in the wordings.
  ///
  /// - Parameters:
  ///   - directory: the directory that holds `Prompts` and `Languages`.
  ///   - project: the project's directory; nil for the catalogue alone.
  /// - Throws: ``DiagnosticsError`` with every error in all files.
  public static func load(directory: String, project: String? = nil) throws(DiagnosticsError) -> Catalogue {
    let log = DiagnosticLog()
    let catalogue = read(directory: directory, project: project, log: log)
    try log.throwErrors()
    return catalogue
  }

  /// Finds the catalogue's directory: `explicit` if given, else the nearest directory above the program that holds
  /// `Prompts` and `Languages` (a source checkout), else `/usr/share/firstword`.
  ///
  /// - Throws: ``DiagnosticsError`` if there is no catalogue.
  public static func locate(_ explicit: String? = nil) throws(DiagnosticsError) -> String {
    if let explicit {
      if holdsCatalogue(explicit) { return explicit }
      throw DiagnosticsError([
        Diagnostic(
          path: explicit, message: "not a catalogue: it has no directories 'Prompts' and 'Languages'",
          remedy: "name the directory that has both")
      ])
    }
    var directory: Path = (try? Files.programDirectory()) ?? "/"
    while directory != "/" {
      if holdsCatalogue(directory) { return directory.string }
      directory = directory.parent
    }
    if holdsCatalogue(installed) { return installed }
    throw DiagnosticsError([
      Diagnostic(
        path: installed, message: "no catalogue, neither here nor above the program",
        remedy: "name its directory with --catalogue DIR")
    ])
  }

  /// The directory of an installed catalogue.
  static let installed = "/usr/share/firstword"

  private static func holdsCatalogue(_ directory: some PathConvertible) -> Bool {
    Files.isDirectory(Path(directory).appending("Prompts")) && Files.isDirectory(Path(directory).appending("Languages"))
  }
}

// MARK: - Reading

extension Catalogue {
  /// Reads what is valid of a catalogue, and adds the errors to the log.
  package static func read(directory: String, project: String?, log: DiagnosticLog) -> Catalogue {
    var prompts: [Prompt] = []
    var sequences: [PromptSequence] = []
    var languages: [Language] = []
    for root in documents(in: promptDirectory(of: directory), log: log) {
      if PromptSequence.isSequence(root) {
        if let sequence = PromptSequence(root) { sequences.append(sequence) }
      } else if let prompt = Prompt(root, isLocal: false) {
        prompts.append(prompt)
      }
    }
    for root in documents(in: languageDirectory(of: directory), log: log) {
      if let language = Language(root, numbers: Language.catalogueNumbers) { languages.append(language) }
    }
    if let project {
      for root in documents(in: promptDirectory(of: project), log: log, optional: true) {
        if PromptSequence.isSequence(root) {
          guard let sequence = PromptSequence(root) else { continue }
          // A project's sequence replaces the catalogue's.
          sequences.removeAll { $0.id == sequence.id }
          sequences.append(sequence)
        } else if let prompt = Prompt(root, isLocal: true) {
          prompts.append(prompt)
        }
      }
      for root in documents(in: languageDirectory(of: project), log: log, optional: true) {
        if LanguageOverlay.isOverlay(root) {
          if let overlay = LanguageOverlay(root) { lay(overlay, over: &languages) }
        } else if let language = Language(root, numbers: Language.projectNumbers) {
          languages.append(language)
        }
      }
    }
    prompts.sort { ($0.number, $0.id, $0.file) < ($1.number, $1.id, $1.file) }
    sequences.sort { $0.id < $1.id }
    languages.sort { ($0.number, $0.tag, $0.file) < ($1.number, $1.tag, $1.file) }
    let catalogue = Catalogue(directory: directory, prompts: prompts, sequences: sequences, languages: languages)
    catalogue.checkConsistency(log)
    return catalogue
  }

  private static func lay(_ overlay: LanguageOverlay, over languages: inout [Language]) {
    guard let index = languages.firstIndex(where: { $0.tag == overlay.tag }) else {
      let hint = Spelling.hint(overlay.tag, languages.map(\.tag))
      return overlay.field.refuse(
        "the catalogue has no language '\(overlay.tag)'\(hint)",
        "correct the tag, or add number, english, autonym and the other keys of a new language")
    }
    languages[index].wordings.merge(overlay.wordings) { $1 }
  }

  /// Returns the documents of a directory's `.yaml` files, by name. Hidden files, editors' backups and the directory's
  /// `README.md` are ignored.
  private static func documents(in directory: Path, log: DiagnosticLog, optional: Bool = false) -> [Field] {
    if optional && !Files.exists(directory) { return [] }
    let names: [String]
    do {
      names = try Files.list(directory)
    } catch {
      log.add(.unreadable(directory.string, error))
      return []
    }
    return names.filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") && $0 != "README.md" }.compactMap { name in
      if name.hasSuffix(".yaml") { return YAMLFile.read(directory.appending(name).string, log: log) }
      log.add(
        Diagnostic(
          path: directory.appending(name).string, message: "not a .yaml file", remedy: "rename it or move it away"))
      return nil
    }
  }

  /// Returns the path of a language's file in a project or a catalogue, as diagnostics name it.
  public static func languageFile(_ tag: String, in directory: String) -> String {
    languageDirectory(of: directory).appending("\(tag).yaml").string
  }

  /// Returns the directory of the prompts of a catalogue or project, without `./` before it.
  private static func promptDirectory(of directory: String) -> Path {
    Path(directory == "." ? "" : directory).appending("Prompts")
  }

  /// Returns the directory of the languages of a catalogue or project, without `./` before it.
  private static func languageDirectory(of directory: String) -> Path {
    Path(directory == "." ? "" : directory).appending("Languages")
  }

  /// Reports duplicate numbers, ids and tags, and references that lead nowhere.
  private func checkConsistency(_ log: DiagnosticLog) {
    for (a, b) in zip(prompts, prompts.dropFirst()) where a.number == b.number {
      log.add(
        Diagnostic(
          path: b.file, message: "the number \(b.number) is that of \(a.file) too", remedy: "give one another number"))
    }
    for (index, prompt) in prompts.enumerated() {
      guard let first = prompts[..<index].first(where: { $0.id == prompt.id }) else { continue }
      log.add(
        Diagnostic(
          path: prompt.file, message: "the id '\(prompt.id)' is that of \(first.file) too", remedy: "rename one"))
    }
    for sequence in sequences { checkReferences(of: sequence, log) }
    for (a, b) in zip(languages, languages.dropFirst()) where a.number == b.number {
      log.add(
        Diagnostic(
          path: b.file, message: "the number \(b.number) is that of \(a.file) too", remedy: "give one another number"))
    }
    for (index, language) in languages.enumerated() {
      if let first = languages[..<index].first(where: { $0.tag == language.tag }) {
        log.add(
          Diagnostic(
            path: language.file, message: "the tag '\(language.tag)' is that of \(first.file) too",
            remedy: "keep 'tag', 'drafted' and 'wordings' only, to change the catalogue's wordings"))
      }
      checkReferences(of: language, log)
    }
    if languages.filter({ $0.roles.contains(.source) }).count != 1 {
      log.add(
        Diagnostic(
          path: Self.languageDirectory(of: directory).string, message: "not exactly one language has the role 'source'",
          remedy: "give it to the language that the others translate"))
    }
  }

  private func checkReferences(of sequence: PromptSequence, _ log: DiagnosticLog) {
    if let prompt = prompt(sequence.id) {
      log.add(
        Diagnostic(
          path: sequence.file, message: "the id '\(sequence.id)' is that of \(prompt.file) too", remedy: "rename one"))
    }
    let listeners = prompts.filter { $0.module != .operator }.map(\.id)
    for step in sequence.steps where !listeners.contains(step.prompt) {
      log.add(
        Diagnostic(
          path: sequence.file, line: step.line,
          message: "no prompt for listeners has the id '\(step.prompt)'\(Spelling.hint(step.prompt, listeners))",
          remedy: "correct it or remove the step"))
    }
  }

  private func checkReferences(of language: Language, _ log: DiagnosticLog) {
    let ids = prompts.map(\.id)
    for (id, wording) in language.wordings where !ids.contains(id) {
      log.add(
        Diagnostic(
          path: wording.file, line: wording.line,
          message: "no prompt has the id '\(id.shown)'\(Spelling.hint(id, ids))",
          remedy: "correct it, or add the prompt's file"))
    }
    for reader in language.names.keys.sorted()
    where self.language(reader)?.roles.isDisjoint(with: [.operator]) ?? true {
      log.add(
        Diagnostic(
          path: language.file, message: "'names.\(reader)' is not the tag of an operator language",
          remedy: "use the tag of a language with the role 'operator'"))
    }
    for fallback in language.fallback {
      let place = { (message: String, remedy: String) in
        Diagnostic(path: language.file, line: fallback.line, message: message, remedy: remedy)
      }
      if self.language(fallback.tag) == nil {
        let hint = Spelling.hint(fallback.tag, languages.map(\.tag))
        log.add(place("no language has the tag '\(fallback.tag)'\(hint)", "correct it or remove the fallback"))
      } else if leads(from: fallback.tag, to: language.tag) {
        log.add(place("the fallback '\(fallback.tag)' leads back to '\(language.tag)'", "break the cycle"))
      }
    }
  }

  /// Returns whether fallbacks lead from one language to another.
  private func leads(from start: String, to goal: String) -> Bool {
    var seen: Set<String> = []
    var open = [start]
    while let tag = open.popLast() {
      if tag == goal { return true }
      if seen.insert(tag).inserted { open += language(tag)?.fallback.map(\.tag) ?? [] }
    }
    return false
  }
}
