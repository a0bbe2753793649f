import Encoding
import Glibc
import Posix
import Project

/// The drafts of imports in a project's directory `.uploads`, each in a directory of its own. They are removed when they
/// are discarded, or a day after they were begun.
public struct ImportDrafts: Sendable {
  /// The directory in the project.
  public static let name = ".uploads"
  /// The time that a draft is kept, in milliseconds.
  public static let lifetime = WallTime.day
  private static let file = "draft.json"

  private let project: String

  /// Creates a value; nothing is read.
  ///
  /// - Parameter project: the project's directory.
  public init(_ project: String) { self.project = project }

  private var root: Path { Path(project).appending(Self.name) }

  /// Returns all drafts that can be read, the oldest first.
  public var all: [ImportDraft] {
    names.compactMap { try? draft($0) }.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
  }

  /// The names in the directory of drafts.
  private var names: [String] {
    do throws(SystemError) {
      guard let root = try ProjectDirectory(project).directory(Self.name) else { return [] }
      return try root.list()
    } catch { return [] }
  }

  /// Returns a draft; nil if there is none, or if it cannot be read.
  public func draft(_ id: String) throws(SystemError) -> ImportDraft? {
    guard Self.isID(id), let directory = try ProjectDirectory(project).directory("\(Self.name)/\(id)"),
      try directory.kind(of: Self.file) == .file
    else { return nil }
    let bytes = try directory.read(Self.file, limit: 64 << 20)
    return (try? Documents.decode(ImportDraft.self, from: bytes)).flatMap { $0.id == id ? $0 : nil }
  }

  /// Begins a draft.
  public func begin(_ kind: ImportDraft.Kind) throws(SystemError) -> ImportDraft {
    let draft = ImportDraft(kind)
    try ProjectDirectory(project).refuseLinks(in: [Self.name])
    let project = try Directory(opening: project)
    try project.makeDirectory(Self.name, mode: 0o700)
    let root = try project.directory(Self.name)
    try root.makeDirectory(draft.id, mode: 0o700)
    try save(draft)
    return draft
  }

  /// Writes a draft that was begun.
  public func save(_ draft: ImportDraft) throws(SystemError) {
    guard let directory = try ProjectDirectory(project).directory("\(Self.name)/\(draft.id)") else {
      throw SystemError("open", path: root.appending(draft.id), code: ENOENT)
    }
    let bytes: [UInt8]
    do throws(DocumentError) { bytes = try Documents.encode(draft) } catch {
      throw SystemError("write", path: directory.path, code: EINVAL)
    }
    try directory.replace(Self.file, with: bytes, mode: 0o600)
  }

  /// Adds a file to a draft.
  ///
  /// - Parameters:
  ///   - name: the name that the sender gave it.
  ///   - size: in bytes.
  ///   - draft: the draft.
  ///   - keep: puts the file at a path.
  public func add(
    _ name: String, size: Int, to draft: inout ImportDraft, keep: (Path) throws(SystemError) -> Void
  ) throws(SystemError) {
    let place = directory(of: draft)
    let taken = Set(try Files.list(place))
    var number = draft.files.count
    while taken.contains("\(number)") { number += 1 }
    try keep(place.appending("\(number)"))
    draft.files.append(ImportDraft.File(name: name, size: size, stored: "\(number)"))
    try save(draft)
  }

  /// The directory of a draft's files.
  public func directory(of draft: ImportDraft) -> Path { root.appending(draft.id) }

  /// Returns where a file of a draft lies.
  public func path(of file: ImportDraft.File, in draft: ImportDraft) -> String {
    directory(of: draft).appending(file.stored).string
  }

  /// Removes a draft with all of its files; one that is missing is no error.
  public func remove(_ id: String) throws(SystemError) {
    guard Self.isID(id), let directory = try ProjectDirectory(project).directory("\(Self.name)/\(id)") else { return }
    for name in try directory.list() { try directory.remove(name) }
    try ProjectDirectory(project).remove(directory: "\(Self.name)/\(id)")
    // It fails while there is another draft.
    try? ProjectDirectory(project).remove(directory: Self.name)
  }

  /// Removes the drafts that are too old, and what an interrupted program left of others.
  public func sweep(at now: WallTime = .now) {
    for name in names {
      // A clock that was set back must not keep a voice for ever.
      if let draft = try? draft(name) {
        if (0...Self.lifetime).contains(now.since(draft.created)) { continue }
      } else {
        // Another program may be about to write it.
        var status = stat()
        guard lstat(root.appending(name).string, &status) == 0 else { continue }
        let changed = WallTime(milliseconds: Int64(status.st_mtim.tv_sec) * WallTime.second)
        if (-WallTime.minute...WallTime.minute).contains(now.since(changed)) { continue }
      }
      try? remove(name)
    }
  }

  /// Removes all drafts, as a take-down does: a voice may be in any of them.
  public func removeAll() throws(SystemError) {
    guard let root = try ProjectDirectory(project).directory(Self.name) else { return }
    for name in try root.list() { try remove(name) }
  }

  /// Returns whether a text has the form of an id. Anything else is no name of a directory here.
  private static func isID(_ text: String) -> Bool {
    (1...16).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
  }
}
