/// The tables of Sources/README.md: which module lies in which room, and which imports are allowed.
struct RoomTable {
  /// The allowed imports of each room: names of rooms, and of single modules.
  private(set) var imports: [String: [String]] = [:]
  /// The room of each module.
  private(set) var rooms: [String: String] = [:]
  /// What a module never imports, not even through others.
  private(set) var never: [String: [String]] = [:]
  /// Errors of the tables themselves, one line each.
  private(set) var faults: [String] = []

  /// Reads the three tables of a Markdown text by their headings.
  init(_ markdown: String) {
    var table = ""
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        table = ""
        continue
      }
      if table.isEmpty {
        table = String(line)
        continue
      }
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
        .map { Self.names(in: $0) }
      guard let name = cells.first?.first else { continue }
      switch table {
      case let heading where heading.hasPrefix("| Room | Runs on |"):
        if imports.updateValue(cells.last ?? [], forKey: name) != nil { faults.append("room \(name) has two rows") }
      case let heading where heading.hasPrefix("| Module | Room |"):
        if rooms.updateValue(cells[1].first ?? "", forKey: name) != nil {
          faults.append("module \(name) has two rows")
        }
      case let heading where heading.hasPrefix("| Module | Never imports"):
        never[name] = cells[1]
      default: break
      }
    }
    for (module, room) in rooms where imports[room] == nil {
      faults.append("module \(module) has the room '\(room)', which has no row")
    }
  }

  /// Returns the names between backquotes.
  private static func names(in cell: Substring) -> [String] {
    let parts = cell.split(separator: "`", omittingEmptySubsequences: false)
    return stride(from: 1, to: parts.count, by: 2).map { String(parts[$0]) }
  }

  /// Compares source files with the tables.
  ///
  /// - Parameters:
  ///   - directories: the directories below Sources: room, module.
  ///   - files: the Swift sources by path below Sources: `Base/Posix/Path.swift`.
  /// - Returns: the violations, sorted, one line each; empty if the tables are true.
  func violations(directories: [(room: String, module: String)], files: [String: String]) -> [String] {
    var found = Set(faults)
    for (room, module) in directories {
      switch rooms[module] {
      case room: break
      case let other?: found.insert("\(room)/\(module): the table has it in \(other)")
      case nil: found.insert("\(room)/\(module): no row in the table")
      }
    }
    for (module, room) in rooms where !directories.contains(where: { $0.module == module }) {
      found.insert("\(room)/\(module): a row in the table, but no directory")
    }
    var graph: [String: Set<String>] = [:]
    for (path, text) in files {
      let parts = path.split(separator: "/").map(String.init)
      guard parts.count > 2, let allowed = imports[parts[0]] else {
        found.insert("\(path): not in a room")
        continue
      }
      for module in Self.imports(of: text) {
        graph[parts[1], default: []].insert(module)
        let isAllowed = allowed.contains(module) || rooms[module].map(allowed.contains) ?? false
        guard !isAllowed else { continue }
        found.insert(
          "\(path): imports \(module), which "
            + (rooms[module].map { "is in \($0): \(parts[0]) may not import it" }
              ?? (imports.values.joined().contains(module) ? "\(parts[0]) may not import" : "is in no table")))
      }
    }
    for (module, forbidden) in never {
      if rooms[module] == nil { found.insert("\(module): has a rule, but no row") }
      for name in forbidden {
        guard let path = Self.path(from: module, to: name, in: graph) else { continue }
        found.insert("\(module): must never import \(name): \(path.joined(separator: " → "))")
      }
    }
    return found.sorted()
  }

  /// Returns the modules that a source file imports.
  static func imports(of source: String) -> [String] {
    source.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").drop {
        $0.hasPrefix("@") || ["public", "package", "internal", "fileprivate", "private"].contains($0)
      }
      guard words.first == "import", var name = words.dropFirst().first else { return nil }
      // import struct Foundation.Date
      if ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"].contains(name) {
        guard let next = words.dropFirst(2).first else { return nil }
        name = next
      }
      return name.split(separator: ".").first.map(String.init)
    }
  }

  /// Returns the shortest chain of imports between two modules, or `nil` if there is none.
  private static func path(from module: String, to target: String, in graph: [String: Set<String>]) -> [String]? {
    var paths = [[module]]
    var seen: Set = [module]
    while !paths.isEmpty {
      let path = paths.removeFirst()
      for next in (graph[path.last!] ?? []).sorted() where seen.insert(next).inserted {
        if next == target { return path + [next] }
        paths.append(path + [next])
      }
    }
    return nil
  }
}
