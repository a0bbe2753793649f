import Catalogue
import Kit
import Posix

/// The recordings of a project: `recordings/<tag>/<voice>/<NN>-<id>.<ext>`, or `<NN>.<ext>`; with the form before the
/// extension (`04-who-we-are.police.wav`), and without a number for a formula (`answer-card.wav`).
public struct RecordingTree: Sendable {
  /// The recordings in the order of the languages, then by number, then by item, then by voice.
  public private(set) var takes: [Take] = []
  /// Findings about files and directories that are not recordings.
  public private(set) var findings: [CheckFinding] = []

  /// The extensions of files that libsndfile can read.
  public static let extensions: Set<String> = [
    "wav", "wave", "flac", "aif", "aiff", "aifc", "ogg", "oga", "opus", "mp3", "caf", "au", "snd", "w64", "rf64",
  ]

  /// Returns whether a name is valid for a voice's directory: `f1`, `m1`, `synthetic`.
  public static func isVoice(_ name: String) -> Bool {
    let fits = name.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
    }
    return fits && (1...20).contains(name.utf8.count)
  }

  /// Lists the recordings. It reads exactly three levels of directories, so a loop of links has no effect.
  ///
  /// - Parameters:
  ///   - directory: the directory of recordings.
  ///   - languages: the tags of the project's languages.
  ///   - known: all tags of the catalogue.
  ///   - catalogue: the prompts, their forms, the formulas, and what was withdrawn.
  public init(directory: String, languages: [String], known: Set<String>, catalogue: Catalogue) {
    guard let names = list(directory, "make the directory and put recordings into it") else { return }
    for name in names {
      let path = "\(directory)/\(name)"
      if !isDirectory(path, name) { continue }
      if languages.contains(name) {
        findVoices(in: path, language: name, catalogue: catalogue)
      } else if known.contains(name) {
        report(
          .unknownLanguage, .warning, path, "'\(name)' is no language of this project",
          "add it to the languages in kit.yaml, or move the directory away")
      } else {
        report(
          .unknownLanguage, .error, path, "the catalogue has no language '\(name)'",
          "name the directory by the language's tag")
      }
    }
    reportDoubles()
    let order = Dictionary(languages.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    takes.sort {
      (order[$0.language] ?? 0, $0.number, $0.prompt, $0.voice, $0.path)
        < (order[$1.language] ?? 0, $1.number, $1.prompt, $1.voice, $1.path)
    }
  }

  private mutating func findVoices(in directory: String, language: String, catalogue: Catalogue) {
    for voice in list(directory, "give yourself the right to read it") ?? [] {
      let path = "\(directory)/\(voice)"
      if !isDirectory(path, voice) { continue }
      guard Self.isVoice(voice) else {
        report(.stray, .warning, path, "no name of a voice", "name the directory f1, m1, f2 …")
        continue
      }
      for name in list(path, "give yourself the right to read it") ?? [] {
        if let take = take(named: name, in: path, language: language, voice: voice, catalogue: catalogue) {
          takes.append(take)
        }
      }
    }
  }

  private mutating func take(
    named name: String, in directory: String, language: String, voice: String, catalogue: Catalogue
  ) -> Take? {
    let path = "\(directory)/\(name)"
    guard let parsed = RecordingName(name) else {
      report(
        .stray, .warning, path, "no name of a recording",
        "name it as 03-safe-here.wav, 02-raise-hand.hand.wav or answer-card.wav, or move it away")
      return nil
    }
    if parsed.number == 0, let formula = parsed.prompt {
      let id = KitLayout.item(formula, parsed.form)
      return Take(language: language, voice: voice, number: 0, prompt: id, path: path)
    }
    let (number, form) = (parsed.number, parsed.form)
    guard let prompt = catalogue.prompt(number: number) else {
      if let old = catalogue.retired(number: number) {
        report(
          .retired, .warning, path, "\(old.explanation). No kit has it",
          old.instead == nil ? "move it away: no prompt replaces it" : "move it away, and \(old.remedy)")
      } else {
        report(.unknownPrompt, .error, path, "no prompt has the number \(number)", "give it its prompt's number")
      }
      return nil
    }
    // The number and the id disagree; only a listener can decide which of them is wrong.
    if let id = parsed.prompt, id != prompt.id {
      report(
        .wrongPrompt, .error, path, "number \(number) is '\(prompt.id)', not '\(id)'",
        "listen to it and correct its number or its id")
      return nil
    }
    guard let item = catalogue.item(KitLayout.item(prompt.id, form)) else {
      let forms = catalogue.items.filter { $0.base == prompt.id }.map(\.form.rawValue)
      report(
        .unknownPrompt, .error, path,
        "'\(prompt.id)' has no form '\(form.rawValue)'\(Spelling.hint(form.rawValue, forms))",
        forms.isEmpty
          ? "name it as \(prompt.stem)" : "name it after one of \(forms.joined(separator: ", ")), or without a form")
      return nil
    }
    return Take(language: language, voice: voice, number: number, prompt: item.id, path: path)
  }

  /// Reports files of the same prompt and voice, and uses none of them.
  private mutating func reportDoubles() {
    let groups = Dictionary(grouping: takes) { "\($0.language)/\($0.voice)/\($0.prompt)" }
    for group in groups.values where group.count > 1 {
      let names = group.map(\.path).sorted()
      for path in names {
        let others = names.filter { $0 != path }.map { Path($0).lastComponent }.joined(separator: ", ")
        report(.doubled, .error, path, "the same prompt and voice as \(others)", "keep one of them")
      }
    }
    takes.removeAll { (groups["\($0.language)/\($0.voice)/\($0.prompt)"]?.count ?? 0) > 1 }
  }

  /// Returns the names in a directory without hidden ones; reports an error and returns nil if it cannot be read.
  private mutating func list(_ directory: String, _ remedy: String) -> [String]? {
    do throws(SystemError) {
      return try Files.list(directory).filter { !$0.hasPrefix(".") && isReadable($0, in: directory) }
    } catch {
      report(.unreadable, .error, directory, "cannot \(error.operation): \(error.cause)", remedy)
      return nil
    }
  }

  /// Returns whether a name is valid UTF-8, and reports it if not. An invalid one has a replacement character, and names
  /// no file.
  private mutating func isReadable(_ name: String, in directory: String) -> Bool {
    if !name.unicodeScalars.contains("\u{FFFD}") { return true }
    report(.stray, .warning, "\(directory)/\(name)", "its name is no UTF-8", "rename it")
    return false
  }

  private mutating func isDirectory(_ path: String, _ name: String) -> Bool {
    if Files.isDirectory(path) { return true }
    report(
      .stray, .warning, path, "no directory", "recordings lie in recordings/LANGUAGE/VOICE: move it there, or away")
    return false
  }

  private mutating func report(
    _ code: CheckFinding.Code, _ severity: CheckFinding.Severity, _ path: String, _ message: String, _ remedy: String
  ) {
    findings.append(CheckFinding(code, severity, path: path, message, remedy: remedy))
  }
}
