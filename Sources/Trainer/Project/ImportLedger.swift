import Catalogue
import Diagnostics
import Glibc
import Posix

/// One file that came into a project from elsewhere, or one piece of it: a line of the imports ledger.
public struct ImportRecord: Codable, Equatable, Sendable {
  /// SHA-256 of the original as it was given, lower-case hexadecimal.
  public var sha256: String
  /// Its name as it was given, with the directories that led to it.
  public var source: String
  /// Milliseconds from the original's beginning, where only a piece of it was taken.
  public var from: Int?
  public var to: Int?
  /// `2026-05-01`.
  public var date: String
  /// BCP 47.
  public var language: String
  /// Id.
  public var prompt: String
  public var voice: String
  /// Where it went, from the project's directory on.
  public var path: String
  /// SHA-256 of what was written there: another than the original's where that was converted or cut.
  public var recording: String

  public init(
    sha256: String, source: String, from: Int? = nil, to: Int? = nil, date: String, language: String, prompt: String,
    voice: String, path: String, recording: String
  ) {
    self.sha256 = sha256
    self.source = source
    self.from = from
    self.to = to
    self.date = date
    self.language = language
    self.prompt = prompt
    self.voice = voice
    self.path = path
    self.recording = recording
  }
}

/// `imports.jsonl`: which original became which recording. Lines are only ever added.
public struct ImportLedger: Equatable, Sendable {
  /// Name of the file in a project's directory.
  public static let name = "imports.jsonl"

  /// In the order of the file.
  public private(set) var entries: [ImportRecord]
  private let byOriginal: [String: [ImportRecord]]

  public init(_ entries: [ImportRecord] = []) {
    self.entries = entries
    byOriginal = Dictionary(grouping: entries, by: \.sha256)
  }

  /// What became of an original.
  public func entries(of sha256: String) -> [ImportRecord] { byOriginal[sha256, default: []] }

  /// Reads the ledger; nothing where there is no file.
  public static func read(_ path: String) throws(DiagnosticsError) -> ImportLedger {
    ImportLedger(
      try JSONLines.read(
        StrictImport.self, path, what: "an import", remedy: "restore the line from a copy, or remove it"
      ).map(\.entry))
  }

  /// Adds lines: all or none, and on the disk when this returns.
  public static func append(_ entries: [ImportRecord], to path: String) throws(SystemError) {
    try JSONLines.append(entries, to: path)
  }
}

/// A line whose keys and values have been checked.
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
