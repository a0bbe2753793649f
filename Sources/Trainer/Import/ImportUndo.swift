import Glibc
import KitBuilder
import Posix
import Project

/// What it takes to undo the last import of a project: its recordings that nobody changed since.
public struct ImportUndo: Equatable, Sendable {
  /// The id of the import.
  public let id: String
  /// The lines of the recordings that are removed.
  public let lines: [ImportRecord]
  /// The lines of the recordings that were changed, replaced or removed since, and stay as they are.
  public let kept: [ImportRecord]
}

extension ImportTransaction {
  /// Returns what it takes to undo the last import that was not undone.
  ///
  /// - Throws: ``ImportError`` if there is no import that can be undone.
  public func undo() throws -> ImportUndo {
    guard let last = try ImportLedger.read(path(ImportLedger.name)).last else {
      throw ImportError(
        message: "there is no import that can be undone, or the last one came by post or from an earlier version",
        remedy: "remove the recordings yourself")
    }
    let place = try ProjectDirectory(project)
    func isUnchanged(_ line: ImportRecord) -> Bool {
      guard (try? place.refuseLinks(in: [line.path])) != nil else { return false }
      return (try? Recording.sha256(path: path(line.path))) == line.recording
    }
    return ImportUndo(id: last.id, lines: last.lines.filter(isUnchanged), kept: last.lines.filter { !isUnchanged($0) })
  }

  /// Removes the recordings of an import, and brings back those that they replaced, all or none, even after a crash.
  /// Approvals stay in their ledger: they count again if the same recording comes back.
  ///
  /// - Parameters:
  ///   - undo: what to undo; the caller has held the lock since it was made.
  ///   - day: the day for the ledger.
  /// - Throws: ``ImportError``; the project is unchanged.
  public func carryOut(_ undo: ImportUndo, day: String) throws {
    if undo.lines.isEmpty {
      throw ImportError(
        message: "all recordings of the last import were changed since", remedy: "remove them yourself")
    }
    do {
      try posix("mkdir", path: path(Self.stage)) { mkdir(path(Self.stage), 0o755) }
      var list = List(moves: [], lines: [])
      for line in undo.lines {
        list.moves.append(.init(from: line.path, to: "\(Self.stage)/\(list.moves.count)"))
        if let replaced = line.replaced, Files.exists(path(replaced)) {
          list.moves.append(.init(from: replaced, to: Self.former(of: line, replaced)))
        }
        var undone = line
        undone.undone = day
        list.lines.append(undone)
      }
      let removed = Set(undo.lines.map(\.path))
      try ProjectDirectory(project).refuseLinks(in: list.moves.flatMap { [$0.from, $0.to] })
      for move in list.moves where Files.exists(path(move.to)) && !removed.contains(move.to) {
        throw ImportError(message: "\(path(move.to)) is in the way", remedy: "move it, and try again")
      }
      try commit(list)
    } catch {
      try? sweep()
      if let error = error as? SystemError {
        throw ImportError(message: "\(error)", remedy: "look at the directory, and run the command again")
      }
      throw error
    }
  }

  /// Returns the path that a replaced recording had.
  private static func former(of line: ImportRecord, _ replaced: String) -> String {
    let path = Path(line.path)
    return path.parent.appending("\(path.stem).\(SourceKind.ending(of: replaced))").string
  }
}
