import Catalogue
import Glibc
import Posix
import Project

/// The directory of one voice's recordings in one language. A new recording is stored as a whole or not at all, and a
/// recording that it replaces is kept.
public struct TakeDirectory: Sendable {
  /// The name of a project's directory of replaced recordings: `takes/ro/f1/03-safe-here.1.wav`.
  public static let former = "takes"

  /// The BCP 47 tag of the language.
  public let language: String
  /// The voice: `f1`, `m1`.
  public let voice: String
  private let project: String
  private let path: String
  private let formerPath: String

  /// Creates a value; nothing is read or created.
  ///
  /// - Parameters:
  ///   - project: the project's directory.
  ///   - language: a BCP 47 tag.
  ///   - voice: the voice's name.
  public init(project: String, language: String, voice: String) {
    self.project = project
    self.language = language
    self.voice = voice
    path = Path(project).appending("\(Workspace.recordings)/\(language)/\(voice)").string
    formerPath = Path(project).appending("\(Self.former)/\(language)/\(voice)").string
  }

  /// Returns the recordings of a prompt in any format: at most one, unless a second one was copied there.
  public func recordings(of prompt: Prompt) -> [Take] {
    let names = (try? Files.list(path)) ?? []
    return names.filter { name in
      guard let parsed = RecordingName(name) else { return false }
      return parsed.number == prompt.number && parsed.form == prompt.form
        && (prompt.kind == .message || parsed.prompt == prompt.baseID)
    }.map { take(of: prompt, at: "\(path)/\($0)") }
  }

  /// Writes a take to a hidden file, until it is kept or dropped.
  ///
  /// - Parameters:
  ///   - samples: full scale is 32 bits, the highest bit first.
  ///   - rate: Hz.
  ///   - bits: 16 or 24.
  public func draft(
    _ samples: [Int32], rate: Int, bits: Int, of prompt: Prompt
  ) throws(SystemError) -> Take {
    try refuseLinks()
    try Files.makeDirectory(path)
    // With the process's id: a file of a killed process has no effect.
    let take = take(of: prompt, at: "\(path)/.\(prompt.stem).\(getpid()).wav")
    do throws(SystemError) {
      try Files.replace(take.path, with: WaveFile.bytes(samples, rate: rate, bits: bits))
    } catch {
      tidy()
      throw error
    }
    return take
  }

  /// Removes a draft or a former take, and its directory if it is empty then.
  public func drop(_ draft: Take) {
    unlink(draft.path)
    rmdir(Path(draft.path).parent.string)
  }

  /// Writes a take to `takes`, under the next free number. After a power cut it is there as a whole or not at all.
  ///
  /// The caller holds the project's lock.
  ///
  /// - Parameters:
  ///   - samples: full scale is 32 bits, the highest bit first.
  ///   - rate: Hz.
  ///   - bits: 16 or 24.
  public func add(
    _ samples: [Int32], rate: Int, bits: Int, of prompt: Prompt
  ) throws(SystemError) -> Take {
    try refuseLinks()
    try Files.makeDirectory(formerPath)
    // What a killed process did not complete; nobody else writes it under the lock.
    for name in try Files.list(formerPath) where name.hasSuffix(".part") { unlink("\(formerPath)/\(name)") }
    let path = try nextFormerPath(of: prompt, ending: "wav")
    do throws(SystemError) {
      try Files.replace(path, with: WaveFile.bytes(samples, rate: rate, bits: bits))
    } catch {
      rmdir(formerPath)
      throw error
    }
    return take(of: prompt, at: path)
  }

  /// Returns the takes of a prompt in `takes`, by their numbers.
  public func formerTakes(of prompt: Prompt) -> [Take] {
    let names = (try? Files.list(formerPath)) ?? []
    let numbered = names.compactMap { name -> (number: Int, name: String)? in
      guard name.hasPrefix("\(prompt.stem).") else { return nil }
      let parts = name.dropFirst(prompt.stem.count + 1).split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(parts[0]),
        RecordingTree.extensions.contains(parts[1].lowercased())
      else { return nil }
      return (number, name)
    }
    return numbered.sorted { $0 < $1 }.map { take(of: prompt, at: "\(formerPath)/\($0.name)") }
  }

  /// Renames a draft or a former take to the recording of its prompt. Existing recordings of the prompt are moved to `takes`, under the next
  /// free number.
  ///
  /// The caller holds the project's lock. After an error all files are as before, the draft included.
  public func keep(_ draft: Take, of prompt: Prompt) throws(SystemError) -> (recording: Take, former: [String]) {
    let recording = take(of: prompt, at: "\(path)/\(prompt.stem).wav")
    var moved: [(from: String, to: String)] = []
    try refuseLinks()
    do throws(SystemError) {
      try Files.makeDirectory(path)
      for old in recordings(of: prompt) {
        let ending = old.path.split(separator: ".").last.map(String.init) ?? "wav"
        let aside = try nextFormerPath(of: prompt, ending: ending)
        // A recording stays in its place until the take replaces it: a kill between two renames would leave none. Where
        // the file system has no hard links, it is moved.
        if old.path == recording.path, link(old.path, aside) == 0 {
          try Files.sync(directory: formerPath)
        } else {
          try Files.commit(old.path, as: aside)
        }
        moved.append((old.path, aside))
      }
      try Files.commit(draft.path, as: recording.path)
    } catch {
      // Two names of one file are left alone by a rename.
      for (from, to) in moved where rename(to, from) == 0 { unlink(to) }
      throw error
    }
    if Path(draft.path).parent.string == formerPath { rmdir(formerPath) }
    return (recording, moved.map(\.to))
  }

  private func take(of prompt: Prompt, at path: String) -> Take {
    Take(language: language, voice: voice, number: prompt.number, prompt: prompt.id, path: path)
  }

  /// Throws ELOOP if one of the directories is a link, or lies in one.
  private func refuseLinks() throws(SystemError) {
    try ProjectDirectory(project).refuseLinks(
      in: [Workspace.recordings, Self.former].map { "\($0)/\(language)/\(voice)" })
  }

  /// Returns a path in `takes` with the next free number.
  private func nextFormerPath(of prompt: Prompt, ending: String) throws(SystemError) -> String {
    try Files.makeDirectory(formerPath)
    let names = try Files.list(formerPath)
    var number = 1
    while names.contains(where: { $0.hasPrefix("\(prompt.stem).\(number).") }) { number += 1 }
    return "\(formerPath)/\(prompt.stem).\(number).\(ending)"
  }

  /// Removes the directory if it is empty.
  private func tidy() { rmdir(path) }
}
