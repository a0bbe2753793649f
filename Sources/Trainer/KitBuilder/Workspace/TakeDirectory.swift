import Catalogue
import Glibc
import Posix
import Project

/// The recordings of one voice in one language, where a new one is put: whole or not at all, and never in the place of
/// another without that being kept.
public struct TakeDirectory: Sendable {
  /// The directory of a project where recordings lie that others have replaced, as in `recordings`:
  /// `takes/ro/f1/03-safe-here.1.wav`.
  public static let former = "takes"

  public let language: String
  public let voice: String
  private let project: String
  private let path: String
  private let formerPath: String

  /// - Parameter project: its directory.
  public init(project: String, language: String, voice: String) {
    self.project = project
    self.language = language
    self.voice = voice
    path = Path(project).appending("\(Workspace.recordings)/\(language)/\(voice)").string
    formerPath = Path(project).appending("\(Self.former)/\(language)/\(voice)").string
  }

  /// Files that hold the prompt, whatever their format: one, unless somebody copied another beside it.
  public func recordings(of prompt: Prompt) -> [Take] {
    let names = (try? Files.list(path)) ?? []
    return names.filter { name in
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, RecordingTree.extensions.contains(parts[1].lowercased()) else { return false }
      let digits = parts[0].prefix { ("0"..."9").contains($0) }
      return Int(digits) == prompt.number && (parts[0] == digits || parts[0].dropFirst(digits.count).first == "-")
    }.map { take(of: prompt, at: "\(path)/\($0)") }
  }

  /// Writes a take beside the recordings, hidden from all that looks for some, until it is kept or dropped.
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
    // Named after the process: what a killed one leaves disturbs nobody.
    let take = take(of: prompt, at: "\(path)/.\(prompt.stem).\(getpid()).wav")
    do throws(SystemError) {
      try Files.replace(take.path, with: WaveFile.bytes(samples, rate: rate, bits: bits))
    } catch {
      tidy()
      throw error
    }
    return take
  }

  /// Removes a draft, and the voice's directory where nothing else is in it.
  public func drop(_ draft: Take) {
    unlink(draft.path)
    tidy()
  }

  /// Puts a draft into its place. What holds the prompt already is moved to `takes`, under the next free number.
  ///
  /// Call it with the project's lock. A refusal leaves all as it was, the draft too.
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

  /// A directory goes only while it is empty.
  private func tidy() { rmdir(path) }
}
