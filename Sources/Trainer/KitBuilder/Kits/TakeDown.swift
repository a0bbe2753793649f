import Catalogue
import Glibc
import Kit
import Posix
import Project

/// What a speaker's voice is in, and how it goes: recordings of a project, and clips of kits that have left it.
public struct TakeDown: Sendable {
  /// As `speakers.yaml` has it.
  public let pseudonym: String
  /// Files of the directories of the speaker's recordings, whatever they hold.
  public let files: [String]
  /// By kit, in the order given; kits without the voice are not among them.
  public let kits: [Found]

  /// Clips of one kit.
  public struct Found: Sendable {
    public var path: String
    public var name: String
    public var clips: [Clip]
  }

  /// A clip that must not be played any more: what `firstword recall` takes.
  public struct Recalled: Codable, Equatable, Sendable {
    public var sha256: String
    public var reason: String
  }

  /// Relative to the project.
  private let directories: [String]
  private let project: String
  /// The day on which consent was taken back, where it was before.
  private let withdrawn: String?

  /// Looks, and changes nothing.
  ///
  /// A clip is the speaker's where language and voice are, and where the kit names the speaker; a kit that names none
  /// has to bear the project's name.
  ///
  /// - Parameter kits: open ones.
  ///
  /// - Throws: ELOOP if a recording, or a directory that leads to it, is a link: the voice would stay where it leads.
  public init(_ pseudonym: String, of workspace: Workspace, kits: [KitFile]) throws(SystemError) {
    let entries = workspace.speakers.entries(of: pseudonym)
    self.pseudonym = entries.first?.pseudonym ?? pseudonym
    project = workspace.directory
    withdrawn = entries.compactMap(\.withdrawn).min()
    // What others have replaced is the speaker's voice too.
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

  /// The clips of all kits, each once, by hash.
  ///
  /// - Parameter others: what an earlier list held; it stays as it is.
  public func recalled(on day: String, after others: [Recalled] = []) -> [Recalled] {
    let known = Set(others.map(\.sha256))
    let reason = "the speaker took back the consent on \(withdrawn ?? day)"
    let new = Set(kits.flatMap(\.clips).map(\.sha256)).subtracting(known).map { Recalled(sha256: $0, reason: reason) }
    return (others + new).sorted { $0.sha256 < $1.sha256 }
  }

  /// Takes consent back in `speakers.yaml`, and then removes the recordings and every clip that was kept from before.
  /// From its first step on no kit can be built with the voice; what is interrupted is finished by doing it again.
  public func carryOut(on day: String, tags: [String], cache: BuildCache?) throws {
    try Speakers.withdraw(pseudonym, on: day, in: Path(project).appending(Speakers.name).string, tags: tags)
    let tree = try ProjectDirectory(project)
    for path in directories {
      guard let directory = try tree.directory(path) else { continue }
      for name in try directory.list() { try directory.remove(name) }
      try tree.remove(directory: path)
    }
    // Which of them the voice is in, nobody knows: what was encoded with other settings lies there too.
    cache?.prune(limit: 0)
  }
}
