import Catalogue
import Encoding
import Glibc
import Kit
import KitBuilder
import Posix
import Project

/// Why nothing was imported: the project is as it was.
public struct ImportError: Error, Equatable, Sendable, CustomStringConvertible {
  public var message: String
  /// What to do, as an order to the reader.
  public var remedy: String

  public var description: String { "\(message): nothing was changed: \(remedy)" }
}

/// Brings what a plan has placed into a project: all of it or nothing.
///
/// Everything is first written whole into a directory of its own, `.import`, with a list of what goes where; the list on
/// the disk is the moment from which it is done. What a power cut leaves before it is swept away, and what it leaves
/// after it is finished, by the next import (`recover`).
public struct ImportTransaction {
  /// In the project: what is not yet, or no longer, among the recordings.
  static let stage = ".import"
  private static let list = "list.json"

  private let project: String

  /// - Parameter project: its directory; whoever calls holds its lock.
  public init(_ project: String) { self.project = project }

  /// What goes where, and what is told of it.
  private struct List: Codable {
    var moves: [Move]
    var lines: [ImportRecord]

    /// Both from the project's directory on.
    struct Move: Codable {
      var from: String
      var to: String
    }
  }

  public enum Recovery: Equatable, Sendable {
    case nothing
    /// What was half written is gone.
    case swept
    /// So many recordings of an import that had been decided are in their places now.
    case finished(Int)
  }

  /// Looks after an import that was interrupted.
  public func recover() throws -> Recovery {
    let stage = path(Self.stage)
    if !Files.exists(stage) { return .nothing }
    let place = Path(stage).appending(Self.list)
    if !Files.exists(place) {
      try sweep()
      return .swept
    }
    let bytes = try Files.read(place, limit: 64 << 20)
    let list: List
    do throws(DocumentError) { list = try Documents.decode(List.self, from: bytes) } catch {
      throw ImportError(message: "\(place) is damaged (\(error))", remedy: "look into \(stage), and remove it")
    }
    guard list.moves.allSatisfy({ Self.isOurs($0.from) && Self.isOurs($0.to) }) else {
      throw ImportError(message: "\(place) leads out of the project", remedy: "remove \(stage)")
    }
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

  /// - Parameters:
  ///   - day: of the ledger's lines.
  ///   - proceed: asked between two files; what it throws ends it, with nothing changed.
  /// - Returns: the ledger's lines.
  public func carryOut(
    _ plan: ImportPlan, _ source: Source, day: String, proceed: (_ done: Int) throws -> Void
  ) throws -> [ImportRecord] {
    let rows = plan.placed
    if rows.isEmpty { return [] }
    do {
      try posix("mkdir", path: path(Self.stage)) { mkdir(path(Self.stage), 0o755) }
      var list = List(moves: [], lines: [])
      // Pieces of one file come one after the other: it is heard once.
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
      try Files.sync(directory: path(Self.stage))
      for move in list.moves where Files.exists(path(move.to)) && !list.moves.contains(where: { $0.from == move.to }) {
        throw ImportError(
          message: "\(path(move.to)) has come in the meantime", remedy: "run it again, and look at the new plan")
      }
      // From here on it is done, whatever happens.
      try Files.replace(path("\(Self.stage)/\(Self.list)"), with: try Documents.encode(list))
      try move(list)
      try sweep()
      return list.lines
    } catch {
      try? sweep()
      if let error = error as? SystemError {
        let remedy =
          error.code == ENOSPC || error.code == EDQUOT ? "make room on the disk, and run it again" : "run it again"
        throw ImportError(message: "\(error)", remedy: remedy)
      }
      throw error
    }
  }

  // MARK: Steps

  /// - Parameter sound: of the row's file, where that is not copied as it is.
  private func stage(
    _ row: ImportPlan.Row, _ source: Source, _ sound: DecodedFile?, _ day: String, _ list: inout List
  ) throws {
    guard let placement = row.placement else { return }
    let to = placement.path(ending: row.ending)
    if case .replaces(let former) = row.fate {
      let own = Path(to).parent.appending(Path(former).lastComponent).string
      list.moves.append(.init(from: own, to: try self.former(placement, ending: SourceKind.ending(of: own))))
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
        voice: placement.voice, path: to, recording: recording))
  }

  /// `takes/ro/f1/03-safe-here.1.wav`, under the next free number.
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
      message: "\(row.name) was changed while it was imported", remedy: "run it again when nobody copies or records")
  }

  /// What has been moved goes back where one move fails.
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

  private func sweep() throws(SystemError) {
    let stage = path(Self.stage)
    guard Files.exists(stage) else { return }
    for name in try Files.list(stage) {
      try posix("remove", path: path("\(Self.stage)/\(name)")) { unlink(path("\(Self.stage)/\(name)")) }
    }
    try posix("remove", path: stage) { rmdir(stage) }
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

  /// Whether a path of a list stays where imports put things.
  private static func isOurs(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return [stage, TakeDirectory.former, KitBuild.recordings].contains(parts.first.map(String.init) ?? "")
      && parts.count > 1 && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }

  private func path(_ name: String) -> String {
    Path(project).appending(name).string
  }
}
