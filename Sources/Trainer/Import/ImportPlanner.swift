import Catalogue
import Diagnostics
import KitBuilder
import Posix
import Project

/// Plans an import: matches the files of a source with the places of a project. Planning writes nothing.
///
/// ``RowPlanner`` decides on each file by itself; this type compares the rows with each other, with the project and
/// with the import ledger.
public struct ImportPlanner {
  private let workspace: Workspace
  private let imports: ImportLedger
  private let options: ImportOptions
  private let rowPlanner: RowPlanner

  /// Creates a planner.
  ///
  /// - Parameters:
  ///   - workspace: the project.
  ///   - imports: the project's import ledger.
  ///   - options: the options of the import.
  ///   - memory: what earlier plans of the same source measured.
  /// - Throws: ``DiagnosticsError`` if the options name an unknown speaker.
  public init(
    _ workspace: Workspace, imports: ImportLedger, options: ImportOptions, memory: ImportMemory = ImportMemory()
  ) throws(DiagnosticsError) {
    self.workspace = workspace
    self.imports = imports
    self.options = options
    rowPlanner = try RowPlanner(workspace, options: options, memory: memory)
  }

  /// Decodes every file of a source and decides what to do with it.
  ///
  /// - Parameter done: called after each file with the number of files done; if it throws, there is no plan.
  public func plan(_ source: Source, done: (Int) throws -> Void = { _ in }) throws -> ImportPlan {
    var plan = ImportPlan(rows: [], leftOut: source.leftOut)
    let assigned = assign(source, &plan)
    for (index, file) in source.files.enumerated() {
      plan.rows += rowPlanner.rows(of: file, index, source, assigned[index, default: []])
      try done(index + 1)
    }
    doubtCounts(&plan)
    for index in plan.rows.indices where plan.rows[index].fate == .open && plan.rows[index].doubts.isEmpty {
      settle(&plan.rows[index])
    }
    doubtDoubles(&plan)
    remark(&plan)
    return plan
  }

  // MARK: Map

  /// Returns the rows of the map by file; reports rows that match no file or several.
  private func assign(_ source: Source, _ plan: inout ImportPlan) -> [Int: [ImportMap.Row]] {
    guard let map = options.map else { return [:] }
    var assigned: [Int: [ImportMap.Row]] = [:]
    for row in map.rows {
      let wanted = row.file.replacing("\\", with: "/").split(separator: "/").filter { $0 != "." }.map {
        NameForm.composed(String($0))
      }
      let found = source.files.indices.filter { index in
        let parts = source.files[index].name.split(separator: "/").map { NameForm.composed(String($0)) }
        return parts.suffix(wanted.count) == wanted[...]
      }
      let exact = found.filter { source.files[$0].name == row.file }
      if let index = exact.first ?? (found.count == 1 ? found[0] : nil) {
        assigned[index, default: []].append(row)
      } else {
        let reason =
          found.isEmpty ? "the source has no such file" : "\(found.count) files have this name: add their directory"
        plan.leftOut.append(("\(map.path):\(row.line) \(row.file)", reason))
      }
    }
    return assigned
  }

  // MARK: Rows

  /// Doubts the prompts of files numbered from 1 on, because the numbers may only count the files.
  private func doubtCounts(_ plan: inout ImportPlan) {
    if options.trustsNumbers { return }
    let numbered = plan.rows.indices.filter { plan.rows[$0].number != nil }
    for (tag, group) in Dictionary(grouping: numbered, by: { plan.rows[$0].language ?? "" }) {
      guard let language = workspace.catalogue.language(tag) else { continue }
      let wanted = workspace.prompts(of: language).filter(\.isBase).map(\.number)
      let numbers = group.compactMap { plan.rows[$0].number }
      let there = Set(numbers)
      guard there.count > 2, there == Set(1...there.count), there != Set(wanted),
        there.count == wanted.count || !there.isSubset(of: wanted)
      else { continue }
      for index in group {
        plan.rows[index].doubts = [
          "numbers 1 to \(there.count) may count the files: \(options.terms.trustNumbers)"
        ]
      }
    }
  }

  /// Decides whether a row is new, known, or conflicts with an existing recording.
  private func settle(_ row: inout ImportPlan.Row) {
    guard let placement = row.placement else { return }
    let same = imports.entries(of: row.sha256).filter { entry in
      Files.exists(Path(workspace.directory).appending(entry.path)) && isSamePiece(entry, row)
    }
    if let entry = same.first(where: {
      $0.language == placement.language && $0.prompt == placement.prompt && $0.voice == placement.voice
    }) {
      row.fate = .known("imported on \(entry.date) as \(entry.path)")
      return
    }
    if let entry = same.first {
      row.doubts.append("the same file was imported on \(entry.date) as \(entry.path): remove that first")
      return
    }
    let there = workspace.tree.path(of: placement)
    guard let there else {
      row.fate = .new
      return
    }
    if row.isCopy, (try? Recording.sha256(path: there)) == row.sha256 {
      row.fate = .known("exists as \(there)")
    } else if options.replaces {
      row.fate = .replaces(there)
    } else {
      row.doubts.append("\(there) exists: \(options.terms.replace)")
    }
  }

  private func isSamePiece(_ entry: ImportRecord, _ row: ImportPlan.Row) -> Bool {
    guard let piece = row.piece else { return entry.from == nil }
    guard let from = entry.from, let to = entry.to else { return false }
    // The same piece, even if the cuts differ slightly.
    return abs(Double(from) / 1000 - piece.lowerBound) < 0.5 && abs(Double(to) / 1000 - piece.upperBound) < 0.5
  }

  /// Doubts two files for one place, and one sound for two places.
  private func doubtDoubles(_ plan: inout ImportPlan) {
    let bound = plan.rows.indices.filter { plan.rows[$0].fate == .new || plan.rows[$0].isReplacing }
    let whole = bound.filter { plan.rows[$0].piece == nil }
    for group in Dictionary(grouping: whole, by: { plan.rows[$0].sha256 }).values where group.count > 1 {
      let placements = Set(group.compactMap { plan.rows[$0].placement })
      for (place, index) in group.sorted().enumerated() {
        if placements.count > 1 {
          plan.rows[index].conflict("has the same content as \(others(group, index, plan))")
        } else if place > 0 {
          plan.rows[index].fate = .known("the same as \(plan.rows[group.sorted()[0]].name)")
        }
      }
    }
    let rest = bound.filter { plan.rows[$0].fate == .new || plan.rows[$0].isReplacing }
    for group in Dictionary(grouping: rest, by: { plan.rows[$0].placement }).values where group.count > 1 {
      for index in group {
        plan.rows[index].conflict(
          "has the same language, prompt and voice as \(others(group, index, plan)): \(options.terms.chooseOne)")
      }
    }
  }

  private func others(_ group: [Int], _ index: Int, _ plan: ImportPlan) -> String {
    group.filter { $0 != index }.sorted().prefix(3).map { plan.rows[$0].name }.joined(separator: ", ")
  }

  private func remark(_ plan: inout ImportPlan) {
    let voices = Set(plan.placed.compactMap { row in row.placement.map { "\($0.language)/\($0.voice)" } })
    let unknown = voices.filter { directory in
      let parts = directory.split(separator: "/").map(String.init)
      return parts[1] != Take.synthetic && workspace.speakers.speaker(of: parts[0], voice: parts[1]) == nil
    }
    if !unknown.isEmpty {
      plan.remarks.append(
        "no speaker is known for \(unknown.sorted().joined(separator: ", ")): "
          + "add an entry to \(Speakers.name) before a release")
    }
  }
}

extension ImportPlan.Row {
  fileprivate var isReplacing: Bool { if case .replaces = fate { true } else { false } }

  fileprivate mutating func conflict(_ reason: String) {
    fate = .open
    doubts.append(reason)
  }
}
