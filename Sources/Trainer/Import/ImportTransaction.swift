import Catalogue
import Encoding
import Glibc
import Kit
import KitBuilder
import Posix
import Project

/// Why an import failed. The project is unchanged.
public struct ImportError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What went wrong.
  public var message: String
  /// What to do, in the imperative.
  public var remedy: String

  /// Message and remedy on one line.
  public var description: String { "\(message): nothing was changed: \(remedy)" }
}

/// Imports the placed rows of a plan into a project, all or none.
///
/// All recordings are first written into the directory `.import`, followed by a list of moves. The list on the disk
/// commits the import: after a power cut, the next import (`recover`) removes the directory if there is no list, and
/// completes the moves if there is one.
public struct ImportTransaction {
  /// The staging directory in the project.
  static let stage = ".import"
  static let list = "list.json"

  let project: String

  /// Creates a transaction.
  ///
  /// - Parameter project: the project's directory; the caller holds its ``ProjectLock``.
  public init(_ project: String) { self.project = project }

  /// The moves, and the lines for the ledger.
  struct List: Codable {
    var moves: [Move]
    var lines: [ImportRecord]

    /// A rename; both paths are relative to the project.
    struct Move: Codable {
      var from: String
      var to: String
    }
  }

  /// The result of a recovery.
  public enum Recovery: Equatable, Sendable {
    /// There was no interrupted import.
    case nothing
    /// An uncommitted import was removed.
    case swept
    /// A committed import was completed; the value is its number of recordings.
    case finished(Int)
  }

  /// Removes or completes an interrupted import.
  ///
  /// - Throws: ``ImportError`` if the list of moves is damaged; ELOOP if the staging directory is a link.
  public func recover() throws -> Recovery {
    let stage = path(Self.stage)
    guard let directory = try ProjectDirectory(project).directory(Self.stage) else { return .nothing }
    let place = Path(stage).appending(Self.list)
    if try directory.kind(of: Self.list) == nil {
      try sweep()
      return .swept
    }
    let bytes = try directory.read(Self.list, limit: 64 << 20)
    let list: List
    do throws(DocumentError) { list = try Documents.decode(List.self, from: bytes) } catch {
      throw ImportError(message: "\(place) is damaged (\(error))", remedy: "check \(stage), and remove it")
    }
    guard list.moves.allSatisfy({ Self.isOurs($0.from) && Self.isOurs($0.to) }) else {
      throw ImportError(message: "\(place) names a file outside of the project", remedy: "remove \(stage)")
    }
    try ProjectDirectory(project).refuseLinks(in: list.moves.flatMap { [$0.from, $0.to] })
    for move in list.moves where Files.exists(path(move.from)) && !Files.exists(path(move.to)) {
      try Files.makeDirectory(Path(path(move.to)).parent)
      try posix("rename", path: path(move.to)) { rename(path(move.from), path(move.to)) }
    }
    try syncDirectories(of: list.moves)
    let ledger = path(ImportLedger.name)
    let known = try ImportLedger.read(ledger).entries
    try ImportLedger.append(list.lines.filter { !known.contains($0) }, to: ledger)
    try sweep()
    return .finished(list.lines.count)
  }

  /// Imports the placed rows of a plan.
  ///
  /// - Parameters:
  ///   - plan: the plan.
  ///   - source: the source from which the plan was made.
  ///   - day: the day of the import for the ledger: `2026-05-01`.
  ///   - isUndoable: whether the import can be undone: nothing else depends on its recordings.
  ///   - proceed: called before each file with the number of files done; if it throws, the import is cancelled.
  /// - Returns: the new lines of the ledger.
  /// - Throws: ``ImportError``, or the error of `proceed`; the project is unchanged.
  public func carryOut(
    _ plan: ImportPlan, _ source: Source, day: String, isUndoable: Bool = true, proceed: (_ done: Int) throws -> Void
  ) throws -> [ImportRecord] {
    let rows = plan.placed
    if rows.isEmpty { return [] }
    do {
      try posix("mkdir", path: path(Self.stage)) { mkdir(path(Self.stage), 0o755) }
      var list = List(moves: [], lines: [])
      // Pieces of one file are consecutive, so each file is decoded once.
      var heard: (file: Int, sound: DecodedFile)?
      for row in rows {
        try proceed(list.lines.count)
        if !row.isCopy, heard?.file != row.file {
          heard = nil
          heard = (row.file, try source.open(source.files[row.file]) { try DecodedFile(path: $0, name: row.name) })
        }
        try stage(row, source, heard?.sound, day, &list)
      }
      try proceed(list.lines.count)
      if isUndoable {
        let id = try Self.id(of: list.lines, after: ImportLedger.read(path(ImportLedger.name)).entries.count)
        for index in list.lines.indices { list.lines[index].import = id }
      }
      try Files.sync(directory: path(Self.stage))
      try ProjectDirectory(project).refuseLinks(in: list.moves.map(\.to))
      for move in list.moves where Files.exists(path(move.to)) && !list.moves.contains(where: { $0.from == move.to }) {
        throw ImportError(
          message: "\(path(move.to)) was created after the plan",
          remedy: "run the command again, and check the new plan")
      }
      try commit(list)
      return list.lines
    } catch {
      try? sweep()
      if let error = error as? SystemError {
        let remedy =
          switch error.code {
          case ENOSPC, EDQUOT: "free space on the disk, and run the command again"
          case ELOOP: "replace the link, and run the command again"
          default: "run the command again"
          }
        throw ImportError(message: "\(error)", remedy: remedy)
      }
      throw error
    }
  }

  /// Returns an id for lines that follow a number of others in a ledger: the same import into the same project has the
  /// same id.
  private static func id(of lines: [ImportRecord], after count: Int) -> String {
    let parts = ["\(count)"] + lines.map { "\($0.sha256) \($0.path) \($0.date)" }
    return String(Digest.sha256(parts.joined(separator: "\n")).prefix(16))
  }

  // MARK: Steps

  /// Writes one recording into the staging directory and adds its moves to the list.
  ///
  /// - Parameter sound: the decoded file; nil if the file is copied.
  private func stage(
    _ row: ImportPlan.Row, _ source: Source, _ sound: DecodedFile?, _ day: String, _ list: inout List
  ) throws {
    guard let placement = row.placement else { return }
    let to = row.isAside ? try former(placement, ending: row.ending) : placement.path(ending: row.ending)
    var replaced: String?
    if case .replaces(let former) = row.fate {
      let own = Path(to).parent.appending(Path(former).lastComponent).string
      let kept = try self.former(placement, ending: SourceKind.ending(of: own))
      list.moves.append(.init(from: own, to: kept))
      replaced = kept
    }
    let from = "\(Self.stage)/\(list.moves.count).\(row.ending)"
    if row.isCopy {
      try source.open(source.files[row.file]) { try Self.copy($0, to: path(from)) }
    } else if let sound {
      guard sound.sha256 == row.sha256 else { throw Self.changed(row) }
      let frames = row.piece.map(sound.recording.frames) ?? sound.recording.samples.indices
      let samples = sound.recording.samples[frames]
      try Files.create(path(from), with: WaveFile.bytes(samples, rate: sound.recording.rate))
    }
    let recording = try Recording.sha256(path: path(from))
    if row.isCopy && recording != row.sha256 { throw Self.changed(row) }
    list.moves.append(.init(from: from, to: to))
    list.lines.append(
      ImportRecord(
        sha256: row.sha256, source: row.name, from: row.piece.map { Int($0.lowerBound * 1000) },
        to: row.piece.map { Int($0.upperBound * 1000) }, date: day, language: placement.language,
        prompt: placement.prompt,
        voice: placement.voice, path: to, recording: recording, replaced: replaced))
  }

  /// Returns the path for a replaced recording, with the next free number: `takes/ro/f1/03-safe-here.1.wav`.
  private func former(_ placement: Placement, ending: String) throws(SystemError) -> String {
    let directory = "\(TakeDirectory.former)/\(placement.language)/\(placement.voice)"
    let stem = KitLayout.stem(number: placement.number, prompt: placement.prompt)
    let names = Files.exists(path(directory)) ? try Files.list(path(directory)) : []
    var number = 1
    while names.contains(where: { $0.hasPrefix("\(stem).\(number).") }) { number += 1 }
    return "\(directory)/\(stem).\(number).\(ending)"
  }

  private static func changed(_ row: ImportPlan.Row) -> ImportError {
    ImportError(
      message: "\(row.name) changed during the import",
      remedy: "run the command again after copying and recording has ended")
  }

  /// Carries out what is staged. From the moment in which the list is there, `recover` completes it.
  func commit(_ list: List) throws {
    try Files.replace(path("\(Self.stage)/\(Self.list)"), with: try Documents.encode(list))
    try move(list)
    try sweep()
  }

  /// Carries out the moves; reverts them if one fails.
  private func move(_ list: List) throws {
    var done: [List.Move] = []
    var made: [String] = []
    do {
      for move in list.moves {
        try makeDirectories(Path(path(move.to)).parent.string, &made)
        try posix("rename", path: path(move.to)) { rename(path(move.from), path(move.to)) }
        done.append(move)
      }
      try syncDirectories(of: list.moves)
      try ImportLedger.append(list.lines, to: path(ImportLedger.name))
    } catch {
      for move in done.reversed() { rename(path(move.to), path(move.from)) }
      for directory in made.reversed() { rmdir(directory) }
      unlink(path("\(Self.stage)/\(Self.list)"))
      throw error
    }
  }

  private func makeDirectories(_ directory: String, _ made: inout [String]) throws(SystemError) {
    if Files.isDirectory(directory) { return }
    try makeDirectories(Path(directory).parent.string, &made)
    try posix("mkdir", path: directory) { mkdir(directory, 0o755) }
    made.append(directory)
  }

  private func syncDirectories(of moves: [List.Move]) throws(SystemError) {
    for directory in Set(moves.map { Path(path($0.to)).parent.string }).sorted() {
      try Files.sync(directory: directory)
    }
  }

  func sweep() throws(SystemError) {
    let project = try ProjectDirectory(project)
    guard let stage = try project.directory(Self.stage) else { return }
    for name in try stage.list() { try stage.remove(name) }
    try project.remove(directory: Self.stage)
  }

  private static func copy(_ original: String, to copy: String) throws(SystemError) {
    let source = try FileDescriptor(opening: original, O_RDONLY | O_NONBLOCK)
    let target = try FileDescriptor(opening: copy, O_WRONLY | O_CREAT | O_EXCL)
    while true {
      let part = try source.read(atMost: 1 << 20)
      if part.isEmpty { break }
      do throws(SystemError) { try target.write(part) } catch {
        throw SystemError(error.operation, path: copy, code: error.code)
      }
    }
    let raw = target.raw
    try posix("fsync", path: copy) { fsync(raw) }
  }

  /// Returns whether a path of a list is within the directories that an import writes to.
  private static func isOurs(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return [stage, TakeDirectory.former, Workspace.recordings].contains(parts.first.map(String.init) ?? "")
      && parts.count > 1 && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }

  func path(_ name: String) -> String {
    Path(project).appending(name).string
  }
}
