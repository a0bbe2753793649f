import Catalogue
import Kit
import KitBuilder
import Posix

/// What an import does with each file. Making a plan writes nothing.
public struct ImportPlan: Sendable {
  /// One file, or one piece of a file.
  public struct Row: Sendable {
    /// The index in the source's files.
    public var file: Int
    /// The file's name in the source.
    public var name: String
    /// The piece in seconds from the file's start; nil for the whole file.
    public var piece: Range<Double>?
    /// The SHA-256 of the whole file; empty if it cannot be read.
    public var sha256 = ""
    /// The length of the file or piece in seconds.
    public var seconds = 0.0
    /// The extension of the recording's file name.
    public var ending = "wav"
    /// Whether the file is copied byte for byte; otherwise it is converted or cut.
    public var isCopy = true
    /// The BCP 47 tag; nil if unknown.
    public var language: String?
    /// The prompt; nil if unknown.
    public var prompt: Prompt?
    /// The voice; nil if unknown.
    public var voice: String?
    /// Whether the row is a piece of a long take that may be another line or none.
    public internal(set) var isUncertain = false
    /// The probability that a piece of a long take is its line, by its place and its length alone, 0...1; nil for
    /// anything else.
    public internal(set) var chance: Double?
    /// Whether the recording is kept in `takes` and not used: its wording has changed since it was spoken.
    public internal(set) var isAside = false
    /// The prompt's number, if the prompt is known by its number alone.
    var number: Int?
    /// The evidence for language, prompt and voice.
    public var reasons: [String] = []
    /// The doubts; a row with a doubt is not imported.
    public var doubts: [String] = []
    /// Remarks that do not prevent the import.
    public var remarks: [String] = []
    /// What the check reports of a recording that came back by post, the most severe first; empty for other files, and
    /// for a recording of a changed wording.
    public internal(set) var findings: [CheckFinding] = []
    /// What the import does with the row.
    public var fate = Fate.open

    /// The place in the project; nil while language, prompt or voice are unknown.
    public var placement: Placement? {
      guard let language, let prompt, let voice else { return nil }
      return Placement(language: language, number: prompt.number, prompt: prompt.id, voice: voice)
    }
  }

  /// What an import does with a row.
  public enum Fate: Equatable, Sendable {
    /// Adds a recording.
    case new
    /// Replaces the recording at this path.
    case replaces(String)
    /// Nothing: the recording exists, for this reason.
    case known(String)
    /// Nothing until a person decides a doubt or conflict.
    case open
    /// Nothing: the file cannot become a recording.
    case unusable
    /// Nothing: the map or a person excludes it.
    case leftOut

    /// A word for programs.
    public var name: String {
      switch self {
      case .new: "new"
      case .replaces: "replaces"
      case .known: "known"
      case .open: "open"
      case .unusable: "unusable"
      case .leftOut: "left-out"
      }
    }
  }

  /// The rows in the order of the source.
  public internal(set) var rows: [Row]
  /// Files that are not audio and rows of the map without a file, with the reason.
  public internal(set) var leftOut: [(name: String, reason: String)]
  /// Remarks on the whole import.
  public internal(set) var remarks: [String] = []

  /// The rows that are imported.
  public var placed: [Row] {
    rows.filter { row in
      switch row.fate {
      case .new, .replaces: true
      case .known, .open, .unusable, .leftOut: false
      }
    }
  }

  /// The indices of uncertain pieces of long takes, to which a person must listen.
  public var uncertain: [Int] { rows.indices.filter { rows[$0].isUncertain && rows[$0].fate == .open } }

  /// The row of a map that says of a row what the plan says: with it, the next plan decides the same.
  ///
  /// - Parameter line: the line in the map.
  public func mapRow(of row: Row, line: Int) -> ImportMap.Row {
    let doubt = row.fate == .new ? "" : row.doubts.joined(separator: "; ")
    return ImportMap.Row(
      line: line, file: row.name, language: row.language,
      prompt: row.prompt?.stem ?? (row.fate == .leftOut ? "-" : nil),
      voice: row.voice, start: row.piece?.lowerBound.hundredths, end: row.piece?.upperBound.hundredths,
      doubt: doubt.isEmpty ? nil : doubt)
  }

  /// The rows that are not imported until a person decides.
  public var open: [Row] { rows.filter { $0.fate == .open || $0.fate == .unusable } }

  /// The plan as a CSV map, to be edited in a spreadsheet and passed to the next import.
  public var map: String {
    var text = "\u{FEFF}" + ImportMap.line(ImportMap.columns)
    for (index, row) in rows.enumerated() {
      text += ImportMap.line(mapRow(of: row, line: index + 2), seconds: row.seconds.hundredths)
    }
    return text
  }
}

extension ImportPlan {
  /// Excludes a piece, as decided by a person.
  public mutating func leaveOut(_ index: Int) { rows[index].fate = .leftOut }

  /// Assigns a piece to a prompt, as decided by a person. The row stays open if another file or recording has the
  /// place.
  public mutating func take(_ index: Int, as prompt: Prompt, over workspace: Workspace) {
    rows[index].prompt = prompt
    rows[index].doubts = []
    rows[index].isUncertain = false
    guard let placement = rows[index].placement else { return }
    if let other = placed.first(where: { $0.placement == placement }) {
      let start = other.piece.map { " at \($0.lowerBound.place)" } ?? ""
      rows[index].doubts = ["has the same language, prompt and voice as \(other.name)\(start)"]
    } else if let path = workspace.tree.path(of: placement) {
      rows[index].doubts = ["\(path) exists: \(ImportTerms.commandLine.replace)"]
    } else {
      rows[index].fate = .new
    }
  }
}

extension Workspace {
  /// Returns whether a plan that was made of another state of the project holds for this one.
  public func keepsPlan(madeOf other: Workspace) -> Bool {
    tree.takes == other.tree.takes && speakers == other.speakers
  }
}

extension RecordingTree {
  /// Returns the path of the recording at a place, or nil if there is none.
  func path(of placement: Placement) -> String? {
    takes.first { $0.language == placement.language && $0.voice == placement.voice && $0.prompt == placement.prompt }?
      .path
  }
}

extension Double {
  /// The value rounded to a hundredth.
  var hundredths: Double { (self * 100).rounded() / 100 }

  /// The value as a time in minutes and seconds: `1:02.5`.
  public var place: String {
    let tenths = Int((self * 10).rounded())
    let seconds = tenths / 10 % 60
    return "\(tenths / 600):\(seconds < 10 ? "0" : "")\(seconds).\(tenths % 10)"
  }
}
