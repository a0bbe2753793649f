import Catalogue
import Diagnostics
import Glibc
import Posix

/// The import ledger of a project, `imports.jsonl`: which original became which recording. Lines are only appended.
public struct ImportLedger: Equatable, Sendable {
  /// The file name in a project's directory.
  public static let name = "imports.jsonl"

  /// The lines in the order of the file.
  public private(set) var entries: [ImportRecord]
  /// The lines that were not undone.
  private let standing: [ImportRecord]
  private let byOriginal: [String: [ImportRecord]]

  /// What an undone line repeats.
  private struct Place: Hashable {
    var id: String?
    var path: String
  }

  /// Creates a ledger from its lines.
  public init(_ entries: [ImportRecord] = []) {
    self.entries = entries
    let undone = Set(entries.filter { $0.undone != nil }.map { Place(id: $0.import, path: $0.path) })
    standing = entries.filter { $0.undone == nil && !undone.contains(Place(id: $0.import, path: $0.path)) }
    byOriginal = Dictionary(grouping: standing, by: \.sha256)
  }

  /// Returns the lines of the original with this SHA-256 that were not undone.
  public func entries(of sha256: String) -> [ImportRecord] { byOriginal[sha256, default: []] }

  /// The lines of the last import that was not undone; nil if there is none, or if it cannot be undone: the lines of
  /// earlier versions do not say what belongs together.
  public var last: (id: String, lines: [ImportRecord])? {
    let undone = Set(entries.filter { $0.undone != nil }.compactMap(\.import))
    let whole = standing.filter { line in line.import.map { !undone.contains($0) } ?? true }
    guard let id = whole.last?.import else { return nil }
    return (id, whole.filter { $0.import == id })
  }

  /// Reads the ledger; it is empty if there is no file.
  ///
  /// - Throws: ``DiagnosticsError`` with every line that has an unknown key or an invalid value.
  public static func read(_ path: String) throws(DiagnosticsError) -> ImportLedger {
    ImportLedger(
      try JSONLines.read(
        StrictImport.self, path, what: "an import", remedy: "restore the line from a copy, or remove it"
      ).map(\.entry))
  }

  /// Appends lines, all or none, and syncs the file.
  public static func append(_ entries: [ImportRecord], to path: String) throws(SystemError) {
    try JSONLines.append(entries, to: path)
  }
}

/// A line whose keys and values have been validated.
private struct StrictImport: Decodable {
  let entry: ImportRecord

  init(from decoder: any Decoder) throws {
    try LineKey.check(
      decoder,
      known: [
        "sha256", "source", "from", "to", "date", "language", "prompt", "voice", "path", "recording", "import",
        "replaced", "undone",
      ])
    entry = try ImportRecord(from: decoder)
    try LineKey.checkHash(entry.sha256)
    try LineKey.checkHash(entry.recording)
    try LineKey.checkDate("date", entry.date)
    if let day = entry.undone { try LineKey.checkDate("undone", day) }
  }
}
