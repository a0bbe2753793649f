import Encoding
import Posix

/// Files that a person has sent to the studio, and what that person decided about them. Nothing of it is in the project
/// yet.
public struct ImportDraft: Codable, Equatable, Sendable {
  /// The kinds of drafts.
  public enum Kind: String, Codable, Sendable {
    /// Recordings, or an archive of recordings.
    case recordings
    /// A translator's file.
    case words
    /// A file that a page of a speaker or reviewer saved.
    case returned = "return"
  }

  /// A file as it was sent.
  public struct File: Codable, Equatable, Sendable {
    /// The name that the sender gave it. It is never used as a path.
    public var name: String
    /// The size in bytes.
    public var size: Int
    /// The name in the draft's directory.
    var stored: String
  }

  /// What holds for all files of an import.
  public struct Choices: Codable, Equatable, Sendable {
    /// The BCP 47 tag of all files; nil to read it from the names.
    public var language: String?
    /// The voice of all files; nil to read it from the names.
    public var voice: String?
    /// The pseudonym of the speaker of all files; nil if unknown.
    public var speaker: String?
    /// Whether numbers in names are the prompts' numbers.
    public var trustsNumbers: Bool
    /// Whether existing recordings are replaced.
    public var replaces: Bool
    /// Whether each file is one take of many prompts.
    public var isLong: Bool

    /// Creates choices.
    public init(
      language: String? = nil, voice: String? = nil, speaker: String? = nil, trustsNumbers: Bool = false,
      replaces: Bool = false, isLong: Bool = false
    ) {
      (self.language, self.voice, self.speaker) = (language, voice, speaker)
      (self.trustsNumbers, self.replaces, self.isLong) = (trustsNumbers, replaces, isLong)
    }
  }

  /// The name of the draft's directory.
  public let id: String
  /// What it holds.
  public let kind: Kind
  /// When it was begun.
  public let created: WallTime
  /// The files in the order in which they came.
  public internal(set) var files: [File] = []
  /// What holds for all files.
  public var choices = Choices()
  /// The corrections of single files, as rows of a map.
  public var rows: [ImportMap.Row] = []

  init(_ kind: Kind) {
    id = String(UInt64.random(in: .min ... .max), radix: 36)
    self.kind = kind
    created = .now
  }

  /// The size of all files in bytes.
  public var size: Int { files.reduce(0) { $0 + $1.size } }

  /// Changes with every change of the draft.
  public var version: String {
    String(((try? Documents.encode(self)).map { Digest.sha256($0) } ?? "").prefix(16))
  }

  /// The options of the plan, in the terms of the page.
  public var options: ImportOptions {
    var options = ImportOptions()
    (options.language, options.voice, options.speaker) = (choices.language, choices.voice, choices.speaker)
    (options.trustsNumbers, options.replaces, options.isLong) =
      (choices.trustsNumbers, choices.replaces, choices.isLong)
    options.map = rows.isEmpty ? nil : ImportMap(rows, path: "your corrections")
    options.terms = .page
    return options
  }

  /// Replaces the corrections of one file; none lets its name speak again.
  public mutating func correct(_ file: String, _ corrections: [ImportMap.Row]) {
    rows.removeAll { $0.file == file }
    rows += corrections
    for index in rows.indices { rows[index].line = index + 2 }
  }
}
