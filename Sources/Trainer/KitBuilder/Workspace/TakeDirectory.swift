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

  /// Removes a draft, and the voice's directory if it is empty then.
  public func drop(_ draft: Take) {
    unlink(draft.path)
    tidy()
  }

  /// Renames a draft to the recording of its prompt. Existing recordings of the prompt are moved to `takes`, under the next
  /// free number.
  ///
  /// The caller holds the project's lock. After an error all files are as before, the draft included.
  public func keep(_ draft: Take, of prompt: Prompt) throws(SystemError) -> (recording: Take, former: [String]) {
    let recording = take(of: prompt, at: "\(path)/\(prompt.stem).wav")
    var moved: [(from: String, to: String)] = []
    try refuseLinks()
    do throws(SystemError) {
      for old in recordings(of: prompt) { moved.append((old.path, try setAside(old.path, of: prompt))) }
      try Files.commit(draft.path, as: recording.path)
    } catch {
      for (from, to) in moved { rename(to, from) }
      throw error
    }
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

  private func setAside(_ old: String, of prompt: Prompt) throws(SystemError) -> String {
    try Files.makeDirectory(formerPath)
    let ending = old.split(separator: ".").last.map(String.init) ?? "wav"
    var number = 1
    while (try Files.list(formerPath)).contains(where: { $0.hasPrefix("\(prompt.stem).\(number).") }) { number += 1 }
    let new = "\(formerPath)/\(prompt.stem).\(number).\(ending)"
    try Files.commit(old, as: new)
    return new
  }

  /// Removes the directory if it is empty.
  private func tidy() { rmdir(path) }
}
