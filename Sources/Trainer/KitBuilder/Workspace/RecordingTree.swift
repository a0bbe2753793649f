import Posix

/// The recordings of a project: `recordings/<tag>/<voice>/<NN>-<id>.<ext>`, or `<NN>.<ext>`.
public struct RecordingTree: Sendable {
  /// By the order of the languages asked for, then number, then voice.
  public private(set) var takes: [Take] = []
  /// What lies there and is no recording of anything.
  public private(set) var findings: [CheckFinding] = []

  /// Names that libsndfile can be expected to read.
  public static let extensions: Set<String> = [
    "wav", "wave", "flac", "aif", "aiff", "aifc", "ogg", "oga", "opus", "mp3", "caf", "au", "snd", "w64", "rf64",
  ]

  /// Whether a directory may have the name: `f1`, `m1`, `synthetic`.
  public static func isVoice(_ name: String) -> Bool {
    let fits = name.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
    }
    return fits && (1...20).contains(name.utf8.count)
  }

  /// Looks through exactly three levels of directories: no circle of links can lead it on.
  ///
  /// - Parameters:
  ///   - languages: of the project.
  ///   - known: all tags of the catalogue.
  ///   - prompts: all ids of the catalogue, by number.
  public init(directory: String, languages: [String], known: Set<String>, prompts: [Int: String]) {
    guard let names = list(directory, "make the directory and put recordings into it") else { return }
    for name in names {
      let path = "\(directory)/\(name)"
      if !isDirectory(path, name) { continue }
      if languages.contains(name) {
        findVoices(in: path, language: name, prompts: prompts)
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
      (order[$0.language] ?? 0, $0.number, $0.voice, $0.path) < (order[$1.language] ?? 0, $1.number, $1.voice, $1.path)
    }
  }

  private mutating func findVoices(in directory: String, language: String, prompts: [Int: String]) {
    for voice in list(directory, "give yourself the right to read it") ?? [] {
      let path = "\(directory)/\(voice)"
      if !isDirectory(path, voice) { continue }
      guard Self.isVoice(voice) else {
        report(.stray, .warning, path, "no name of a voice", "name the directory f1, m1, f2 …")
        continue
      }
      for name in list(path, "give yourself the right to read it") ?? [] {
        if let take = take(named: name, in: path, language: language, voice: voice, prompts: prompts) {
          takes.append(take)
        }
      }
    }
  }

  private mutating func take(
    named name: String, in directory: String, language: String, voice: String, prompts: [Int: String]
  ) -> Take? {
    let path = "\(directory)/\(name)"
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, Self.extensions.contains(parts[1].lowercased()) else {
      report(.stray, .warning, path, "no name of a recording", "name it as 03-safe-here.wav, or move it away")
      return nil
    }
    let digits = parts[0].prefix { ("0"..."9").contains($0) }
    let rest = parts[0].dropFirst(digits.count)
    guard (1...3).contains(digits.count), let number = Int(digits), rest.isEmpty || rest.first == "-" else {
      report(.stray, .warning, path, "no name of a recording", "name it as 03-safe-here.wav, or move it away")
      return nil
    }
    guard let prompt = prompts[number] else {
      report(.unknownPrompt, .error, path, "no prompt has the number \(number)", "give it its prompt's number")
      return nil
    }
    // A number and an id that disagree: one of them is wrong, and nobody can tell which without listening.
    if !rest.isEmpty && rest.dropFirst() != prompt {
      report(
        .wrongPrompt, .error, path, "number \(number) is '\(prompt)', not '\(rest.dropFirst())'",
        "listen to it and correct its number or its id")
      return nil
    }
    return Take(language: language, voice: voice, number: number, prompt: prompt, path: path)
  }

  /// Two files for one prompt and voice: neither is taken.
  private mutating func reportDoubles() {
    let groups = Dictionary(grouping: takes) { "\($0.language)/\($0.voice)/\($0.number)" }
    for group in groups.values where group.count > 1 {
      let names = group.map(\.path).sorted()
      for path in names {
        let others = names.filter { $0 != path }.map { Path($0).lastComponent }.joined(separator: ", ")
        report(.doubled, .error, path, "the same prompt and voice as \(others)", "keep one of them")
      }
    }
    takes.removeAll { (groups["\($0.language)/\($0.voice)/\($0.number)"]?.count ?? 0) > 1 }
  }

  /// Names in a directory, without hidden ones: editors and systems leave those.
  private mutating func list(_ directory: String, _ remedy: String) -> [String]? {
    do throws(SystemError) {
      return try Files.list(directory).filter { !$0.hasPrefix(".") && isReadable($0, in: directory) }
    } catch {
      report(.unreadable, .error, directory, "cannot \(error.operation): \(error.cause)", remedy)
      return nil
    }
  }

  /// A name that is no UTF-8 comes with a replacement character, and no longer leads to its file.
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
