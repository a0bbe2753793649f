/// A line of the import ledger: one imported file, or one piece of it.
public struct ImportRecord: Codable, Equatable, Sendable {
  /// The SHA-256 of the original file, lower-case hexadecimal.
  public var sha256: String
  /// The original's name in the source, with its directories.
  public var source: String
  /// The start of the imported piece in milliseconds; nil if the whole file was imported.
  public var from: Int?
  /// The end of the imported piece in milliseconds; nil if the whole file was imported.
  public var to: Int?
  /// The day of the import: `2026-05-01`.
  public var date: String
  /// The BCP 47 tag.
  public var language: String
  /// The prompt's id.
  public var prompt: String
  /// The voice, such as `f1`.
  public var voice: String
  /// The recording's path relative to the project's directory.
  public var path: String
  /// The SHA-256 of the recording; it differs from the original's if that was converted or cut.
  public var recording: String
  /// The id that all lines of one import share; nil where an import cannot be undone.
  public var `import`: String?
  /// Where the import moved the recording that this one replaced, relative to the project's directory.
  public var replaced: String?
  /// The day on which the import was undone. Such a line repeats the line that it undoes.
  public var undone: String?

  /// Creates a line of the ledger.
  public init(
    sha256: String, source: String, from: Int? = nil, to: Int? = nil, date: String, language: String, prompt: String,
    voice: String, path: String, recording: String, import: String? = nil, replaced: String? = nil
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
    self.import = `import`
    self.replaced = replaced
  }
}
