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
  private let byOriginal: [String: [ImportRecord]]

  /// Creates a ledger from its lines.
  public init(_ entries: [ImportRecord] = []) {
    self.entries = entries
    byOriginal = Dictionary(grouping: entries, by: \.sha256)
  }

  /// Returns the lines of the original with this SHA-256.
  public func entries(of sha256: String) -> [ImportRecord] { byOriginal[sha256, default: []] }

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
      known: ["sha256", "source", "from", "to", "date", "language", "prompt", "voice", "path", "recording"])
    entry = try ImportRecord(from: decoder)
    try LineKey.checkHash(entry.sha256)
    try LineKey.checkHash(entry.recording)
    try LineKey.checkDate("date", entry.date)
  }
}
