import Diagnostics
import Kit
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
  /// The withdrawn prompts by number.
  public let retired: [RetiredPrompt]
  /// What is written and recorded once in a language: the formulas, then each prompt by number, followed by its further
  /// forms. Each is a ``Prompt`` with an id of its own, by which files, approvals and translations name it.
  public let items: [Prompt]
  /// The places of the items by their ids.
  private let places: [String: Int]

  /// Creates a catalogue from its parts, sorted.
  init(
    directory: String, prompts: [Prompt], sequences: [PromptSequence], languages: [Language],
    retired: [RetiredPrompt]
  ) {
    self.directory = directory
    self.prompts = prompts
    self.sequences = sequences
    self.languages = languages
    self.retired = retired
    items = Prompt.formulas + prompts.flatMap(\.items)
    places = Dictionary(items.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Returns the prompt with an id.
  public func prompt(_ id: String) -> Prompt? { prompts.first { $0.id == id } }
  /// Returns the prompt with a number.
  public func prompt(number: Int) -> Prompt? { prompts.first { $0.number == number } }
  /// Returns the item with an id: a prompt, one of its forms (`who-we-are.police`), or a formula (`answer-card`).
  public func item(_ id: String) -> Prompt? { places[id].map { items[$0] } }
  /// Returns the withdrawn prompt with a number.
  public func retired(number: Int) -> RetiredPrompt? { retired.first { $0.number == number } }
  /// Returns the withdrawn prompt with an id.
  public func retired(_ id: String) -> RetiredPrompt? { retired.first { $0.id == id } }
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

  /// Returns the wording of an item in a language.
  public func wording(_ prompt: String, in tag: String) -> Wording? { language(tag)?.wordings[prompt] }
}

extension Catalogue {
  /// Reads a catalogue, and a project's own prompts (60...99), languages (60...99) and wordings, which replace the
  /// catalogue's. ``Validator`` finds what is missing or doubtful in the wordings.
  ///
  /// - Parameters:
  ///   - directory: the directory that holds `Prompts` and `Languages`.
  ///   - project: the project's directory; nil for the catalogue alone.
  ///   - memory: what was read before of the catalogue's own files; nil to read all of them.
  /// - Throws: ``DiagnosticsError`` with every error in all files.
  public static func load(
    directory: String, project: String? = nil, memory: CatalogueMemory? = nil
  ) throws(DiagnosticsError) -> Catalogue {
    let log = DiagnosticLog()
    let catalogue = read(directory: directory, project: project, memory: memory, log: log)
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
  package static func read(
    directory: String, project: String?, memory: CatalogueMemory? = nil, log: DiagnosticLog
  ) -> Catalogue {
    let places = [promptDirectory(of: directory), languageDirectory(of: directory)]
    var content =
      memory?.content(of: places, log) { Content(directory, log) } ?? Content(directory, log)
    if let project {
      for root in documents(in: promptDirectory(of: project), log: log, optional: true) {
        if PromptSequence.isSequence(root) {
          guard let sequence = PromptSequence(root) else { continue }
          // A project's sequence replaces the catalogue's.
          content.sequences.removeAll { $0.id == sequence.id }
          content.sequences.append(sequence)
        } else if let prompt = Prompt(root, isLocal: true) {
          content.prompts.append(prompt)
        }
      }
      for root in documents(in: languageDirectory(of: project), log: log, optional: true) {
        if LanguageOverlay.isOverlay(root) {
          if let overlay = LanguageOverlay(root) { lay(overlay, over: &content.languages) }
        } else if let language = Language(root, numbers: Language.projectNumbers) {
          content.languages.append(language)
        }
      }
    }
    content.prompts.sort { ($0.number, $0.id, $0.file) < ($1.number, $1.id, $1.file) }
    content.sequences.sort { $0.id < $1.id }
    content.languages.sort { ($0.number, $0.tag, $0.file) < ($1.number, $1.tag, $1.file) }
    content.retired.sort { ($0.number, $0.line) < ($1.number, $1.line) }
    inherit(&content.languages, log)
    let catalogue = Catalogue(
      directory: directory, prompts: content.prompts, sequences: content.sequences, languages: content.languages,
      retired: content.retired)
    catalogue.checkConsistency(log)
    return catalogue
  }

  /// What the files of a catalogue have, before a project's own words are laid over it.
  struct Content: Sendable {
    var prompts: [Prompt] = []
    var sequences: [PromptSequence] = []
    var languages: [Language] = []
    var retired: [RetiredPrompt] = []

    /// Reads what is valid of the files, and adds the errors to the log.
    init(_ directory: String, _ log: DiagnosticLog) {
      for root in documents(in: promptDirectory(of: directory), log: log) {
        if RetiredPrompt.isList(root) {
          retired += RetiredPrompt.all(root)
        } else if PromptSequence.isSequence(root) {
          if let sequence = PromptSequence(root) { sequences.append(sequence) }
        } else if let prompt = Prompt(root, isLocal: false) {
          prompts.append(prompt)
        }
      }
      // Most of the time: each file on whatever processor is free.
      let paths = files(in: languageDirectory(of: directory), log: log)
      let read = Workers.map(paths.count, threads: Workers.cores) { index in
        let log = DiagnosticLog()
        let language = document(paths[index], log: log).flatMap { Language($0, numbers: Language.catalogueNumbers) }
        return (language, log.diagnostics)
      }
      for (language, diagnostics) in read {
        if let language { languages.append(language) }
        for diagnostic in diagnostics { log.add(diagnostic) }
      }
    }
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

  /// Gives each variety the wordings that it lacks, from the language of which it is one.
  private static func inherit(_ languages: inout [Language], _ log: DiagnosticLog) {
    for index in languages.indices {
      guard let tag = languages[index].varietyOf else { continue }
      guard let parent = languages.first(where: { $0.tag == tag && $0.varietyOf == nil }) else {
        let hint = Spelling.hint(tag, languages.map(\.tag))
        log.add(
          Diagnostic(
            path: languages[index].file, message: "'variety-of' is '\(tag)', which has no words of its own here\(hint)",
            remedy: "name a language of the catalogue that is not a variety itself"))
        continue
      }
      languages[index].wordings.merge(
        parent.wordings.mapValues {
          var wording = $0
          wording.inherited = tag
          return wording
        }
      ) { own, _ in own }
    }
  }

  /// Returns the documents of a directory's `.yaml` files, by name.
  private static func documents(in directory: Path, log: DiagnosticLog, optional: Bool = false) -> [Field] {
    files(in: directory, log: log, optional: optional).compactMap { document($0, log: log) }
  }

  /// Returns the paths of a directory's files, by name. Hidden files, editors' backups, files that a program is just
  /// writing (`ro.yaml.part`) and the directory's `README.md` are ignored.
  private static func files(in directory: Path, log: DiagnosticLog, optional: Bool = false) -> [String] {
    if optional && !Files.exists(directory) { return [] }
    let names: [String]
    do {
      names = try Files.list(directory)
    } catch {
      log.add(.unreadable(directory.string, error))
      return []
    }
    let others = ["~", ".md", ".yaml.part"]
    return names.filter { name in
      !name.hasPrefix(".") && !name.hasPrefix("#") && !others.contains(where: name.hasSuffix)
    }.map { directory.appending($0).string }
  }

  /// Returns the document of a `.yaml` file.
  private static func document(_ path: String, log: DiagnosticLog) -> Field? {
    if path.hasSuffix(".yaml") { return YAMLFile.read(path, log: log) }
    log.add(Diagnostic(path: path, message: "not a .yaml file", remedy: "rename it or move it away"))
    return nil
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
    checkGates(log)
    checkRetired(log)
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
            remedy: "keep 'tag', 'drafted', 'wordings' and 'answers' only, to change the catalogue's wordings"))
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

  /// Reports gates whose line is not one of the device's.
  private func checkGates(_ log: DiagnosticLog) {
    let lines = prompts.filter { $0.module == .operator }.map(\.id)
    for prompt in prompts {
      guard let gate = prompt.gate, !lines.contains(gate) else { continue }
      log.add(
        Diagnostic(
          path: prompt.file,
          message: "'gate' is '\(gate)', which is not a line of the device\(Spelling.hint(gate, lines))",
          remedy: "name the line that speaks the caution, or write 'true' for '\(Prompt.commonGate)'"))
    }
  }

  /// Reports withdrawn numbers and ids that are in use, or given twice.
  private func checkRetired(_ log: DiagnosticLog) {
    for (index, old) in retired.enumerated() {
      let place = { (message: String, remedy: String) in
        Diagnostic(path: old.file, line: old.line, message: message, remedy: remedy)
      }
      if let prompt = prompts.first(where: { $0.number == old.number || $0.id == old.id }) {
        let what = prompt.number == old.number ? "the number \(old.number)" : "the id '\(old.id)'"
        log.add(
          place(
            "\(what) is that of \(prompt.file) too", "give that prompt another one: withdrawn ones are never used again"
          ))
      }
      if retired[..<index].contains(where: { $0.number == old.number || $0.id == old.id }) {
        log.add(place("'\(old.id)' or its number is given twice", "keep one of them"))
      }
      if let instead = old.instead, prompt(instead) == nil {
        let hint = Spelling.hint(instead, prompts.map(\.id))
        log.add(place("no prompt has the id '\(instead)'\(hint)", "correct it, or remove 'instead'"))
      }
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
      if let old = retired(step.prompt) {
        log.add(Diagnostic(path: sequence.file, line: step.line, message: old.explanation, remedy: old.remedy))
        continue
      }
      log.add(
        Diagnostic(
          path: sequence.file, line: step.line,
          message: "no prompt for listeners has the id '\(step.prompt)'\(Spelling.hint(step.prompt, listeners))",
          remedy: "correct it or remove the step"))
    }
    for step in sequence.steps where prompt(step.prompt)?.gate != nil {
      log.add(
        Diagnostic(
          path: sequence.file, line: step.line,
          message: "'\(step.prompt)' is gated, and a sequence would play it without its caution",
          remedy: "remove the step"))
    }
  }

  private func checkReferences(of language: Language, _ log: DiagnosticLog) {
    for (id, wording) in language.wordings where item(id) == nil && wording.inherited == nil {
      log.add(unknown(id, wording))
    }
    for reader in language.names.keys.sorted()
    where self.language(reader)?.roles.isDisjoint(with: [.operator]) ?? true {
      log.add(
        Diagnostic(
          path: language.file, message: "'names.\(reader)' is not the tag of an operator language",
          remedy: "use the tag of a language with the role 'operator'"))
    }
    if let tag = language.lexifier, self.language(tag) == nil || tag == language.tag {
      log.add(
        Diagnostic(
          path: language.file,
          message: "'lexifier' is '\(tag)', which is no other language here\(Spelling.hint(tag, languages.map(\.tag)))",
          remedy: "name the language of the catalogue that most of its words come from, or remove it"))
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

  /// Returns the error for the wording of an unknown prompt or form.
  private func unknown(_ id: String, _ wording: Wording) -> Diagnostic {
    func error(_ message: String, _ remedy: String) -> Diagnostic {
      Diagnostic(path: wording.file, line: wording.line, message: message, remedy: remedy)
    }
    let name = KitLayout.parts(ofItem: id)?.prompt ?? id
    if let old = retired(name) { return error(old.explanation, "remove the wording") }
    guard let form = KitLayout.parts(ofItem: id)?.form, prompt(name) != nil else {
      let ids = prompts.map(\.id)
      return error(
        "no prompt has the id '\(name.shown)'\(Spelling.hint(name, ids))", "correct it, or add the prompt's file")
    }
    let forms = items.filter { $0.base == name }.map(\.form.rawValue)
    return error(
      "'\(name)' has no form '\(form.rawValue)'\(Spelling.hint(form.rawValue, forms))",
      forms.isEmpty ? "remove it: the prompt has one form only" : "use one of \(forms.joined(separator: ", "))")
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
