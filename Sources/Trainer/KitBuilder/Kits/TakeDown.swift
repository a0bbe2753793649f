import Catalogue
import Diagnostics
import Encoding
import Glibc
import Kit
import Posix
import Project

/// Finds and removes a speaker's voice: the recordings of a project, and the clips of kits that were handed out.
public struct TakeDown: Sendable {
  /// The speaker's pseudonym, as `speakers.yaml` has it.
  public let pseudonym: String
  /// All files in the directories of the speaker's recordings.
  public let files: [String]
  /// The kits that contain the voice, in the given order.
  public let kits: [Found]

  /// The speaker's clips in one kit.
  public struct Found: Sendable {
    /// The kit's path.
    public var path: String
    /// The kit's name and version.
    public var name: String
    /// The clips of the voice.
    public var clips: [Clip]
  }

  /// A clip that must not be played any more, in the form that `firstword recall` reads.
  public struct Recalled: Codable, Equatable, Sendable {
    /// The SHA-256 of the clip.
    public var sha256: String
    /// The reason, in one line.
    public var reason: String
  }

  /// Relative to the project.
  private let directories: [String]
  private let project: String
  /// The day on which the consent was withdrawn; nil if it was not.
  private let withdrawn: String?

  /// Finds the voice; changes nothing.
  ///
  /// A clip is the speaker's if its language and voice are, and if the kit names the speaker. If the kit names no speaker,
  /// it must have the project's name.
  ///
  /// - Parameter kits: open kits.
  /// - Throws: ELOOP if a recording, or a directory that leads to it, is a link: the voice would remain where it leads.
  public init(_ pseudonym: String, of workspace: Workspace, kits: [KitFile]) throws(SystemError) {
    let entries = workspace.speakers.entries(of: pseudonym)
    self.pseudonym = entries.first?.pseudonym ?? pseudonym
    project = workspace.directory
    withdrawn = entries.compactMap(\.withdrawn).min()
    // Replaced recordings are the speaker's voice too.
    let tree = try ProjectDirectory(workspace.directory)
    let paths = [Workspace.recordings, TakeDirectory.former].flatMap { root in
      entries.map { "\(root)/\($0.language)/\($0.voice)" }
    }
    var (found, files): ([String], [String]) = ([], [])
    for path in paths {
      guard let directory = try tree.directory(path) else { continue }
      for name in try directory.list() {
        if try directory.kind(of: name) == .link { throw ProjectDirectory.isLink(directory.path.appending(name)) }
        files.append(directory.path.appending(name).string)
      }
      found.append(path)
    }
    directories = found
    self.files = files
    self.kits = kits.compactMap { kit in
      let clips = kit.bundles.flatMap { bundle in
        bundle.clips.filter { clip in
          let isVoice = entries.contains { $0.language == bundle.tag && $0.voice == clip.voice }
          guard isVoice, !clip.synthetic else { return false }
          guard let speaker = clip.speaker else { return kit.manifest.name == workspace.project.name }
          return PersonName(speaker) == PersonName(pseudonym)
        }
      }
      if clips.isEmpty { return nil }
      return Found(path: kit.path, name: "\(kit.manifest.name) \(kit.manifest.version)", clips: clips)
    }
  }

  /// Returns the clips of all kits, each once, sorted by hash.
  ///
  /// - Parameters:
  ///   - day: the day of the withdrawal, if none is known yet.
  ///   - others: the entries of an earlier list, which are kept unchanged.
  public func recalled(on day: String, after others: [Recalled] = []) -> [Recalled] {
    let known = Set(others.map(\.sha256))
    let reason = "the speaker took back the consent on \(withdrawn ?? day)"
    let new = Set(kits.flatMap(\.clips).map(\.sha256)).subtracting(known).map { Recalled(sha256: $0, reason: reason) }
    return (others + new).sorted { $0.sha256 < $1.sha256 }
  }

  /// The name of the list of clips to recall: `takedown-Iris.json`, with hyphens instead of all characters of the
  /// pseudonym except ASCII letters and digits.
  public var listName: String {
    "takedown-\(String(pseudonym.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })).json"
  }

  /// Writes the clips of all kits to a list, after those of an earlier take-down in it.
  ///
  /// - Parameters:
  ///   - path: the list.
  ///   - day: the day of the withdrawal, if none is known yet.
  /// - Throws: ``DiagnosticsError`` if another file is in its place, or if it cannot be written.
  public func writeList(_ path: String, on day: String) throws(DiagnosticsError) {
    do {
      var others: [Recalled] = []
      if Files.exists(path) { others = try Documents.decode([Recalled].self, from: Files.read(path)) }
      try Files.replace(path, with: try Documents.encode(recalled(on: day, after: others)))
    } catch is DocumentError {
      throw DiagnosticsError(
        path: path, message: "exists and is not a list of clips", remedy: "rename it, or choose another file")
    } catch {
      throw DiagnosticsError(path: path, message: "cannot be written: \(error)", remedy: "look at the directory")
    }
  }

  /// Withdraws the consent in `speakers.yaml`, then removes the recordings and all cached clips.
  ///
  /// After its first step no kit can be built with the voice. If it is interrupted, calling it again completes it.
  public func carryOut(on day: String, tags: [String], cache: BuildCache?) throws {
    try Speakers.withdraw(pseudonym, on: day, in: Path(project).appending(Speakers.name).string, tags: tags)
    let tree = try ProjectDirectory(project)
    for path in directories {
      guard let directory = try tree.directory(path) else { continue }
      for name in try directory.list() { try directory.remove(name) }
      try tree.remove(directory: path)
    }
    // All of them: entries that were encoded with other settings cannot be assigned to a voice.
    cache?.prune(limit: 0)
  }
}
