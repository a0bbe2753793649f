import Catalogue
import Kit
import KitBuilder
import Posix

/// What whoever imports has said.
public struct ImportOptions: Sendable {
  /// BCP 47.
  public var language: String?
  public var voice: String?
  /// Pseudonym: the voices are theirs.
  public var speaker: String?
  /// Numbers that a recorder counted are the prompts' own.
  public var trustsNumbers = false
  /// What is there already makes way.
  public var replaces = false
  /// Each file holds many prompts.
  public var isLong = false
  public var map: ImportMap?

  public init() {}
}

/// Where a recording belongs.
public struct Placement: Hashable, Sendable {
  /// BCP 47.
  public var language: String
  public var number: Int
  /// Id.
  public var prompt: String
  public var voice: String

  /// From the project's directory on.
  public func path(ending: String) -> String {
    "\(KitBuild.recordings)/\(language)/\(voice)/\(KitLayout.stem(number: number, prompt: prompt)).\(ending)"
  }
}

/// What is to become of each file, before anything is written.
public struct ImportPlan: Sendable {
  /// One file, or one piece of it.
  public struct Row: Sendable {
    /// Of the source's files.
    public var file: Int
    /// As it was given.
    public var name: String
    /// Seconds from the file's beginning; nil for all of it.
    public var piece: Range<Double>?
    /// Of the whole file; empty where it could not be read.
    public var sha256 = ""
    /// Of it, or of the piece.
    public var seconds = 0.0
    /// Ending of the recording's name.
    public var ending = "wav"
    /// The file is kept byte for byte.
    public var isCopy = true
    public var language: String?
    public var prompt: Prompt?
    public var voice: String?
    /// A piece of a long take that may be another line, or none.
    public internal(set) var isUncertain = false
    /// The number by which alone the prompt is known.
    var number: Int?
    /// By what language, prompt and voice are known.
    public var reasons: [String] = []
    /// What stands in the way: it is not placed as long as there is one.
    public var doubts: [String] = []
    /// What somebody should know of it, though it does not stand in the way.
    public var remarks: [String] = []
    public var fate = Fate.open

    public var placement: Placement? {
      guard let language, let prompt, let voice else { return nil }
      return Placement(language: language, number: prompt.number, prompt: prompt.id, voice: voice)
    }
  }

  public enum Fate: Equatable, Sendable {
    case new
    /// Takes the place of a recording that is there: of its path.
    case replaces(String)
    /// It is there already.
    case known(String)
    /// A doubt or a conflict is to be decided first.
    case open
    /// No recording can be made of it.
    case unusable
    /// The map says so.
    case leftOut
  }

  public internal(set) var rows: [Row]
  /// Files that are no sound, and why; rows of the map that lead to no file.
  public internal(set) var leftOut: [(name: String, why: String)]
  /// What should be known of all of it.
  public internal(set) var remarks: [String] = []

  /// Rows that will be written.
  public var placed: [Row] {
    rows.filter { row in
      switch row.fate {
      case .new, .replaces: true
      case .known, .open, .unusable, .leftOut: false
      }
    }
  }

  /// Pieces of long takes that somebody has to listen to.
  public var uncertain: [Int] { rows.indices.filter { rows[$0].isUncertain && rows[$0].fate == .open } }

  /// Rows that somebody has to decide.
  public var open: [Row] { rows.filter { $0.fate == .open || $0.fate == .unusable } }

  /// A map with what is known, to be filled in with a spreadsheet and given back.
  public var map: String {
    var text = "\u{FEFF}" + ImportMap.line(ImportMap.columns)
    for row in rows {
      let doubt = row.fate == .new ? "" : row.doubts.joined(separator: "; ")
      text += ImportMap.line([
        row.name, row.piece.map { "\($0.lowerBound.hundredths)" } ?? "",
        row.piece.map { "\($0.upperBound.hundredths)" } ?? "",
        row.language ?? "", row.prompt?.stem ?? (row.fate == .leftOut ? "-" : ""), row.voice ?? "",
        "\(row.seconds.hundredths)", doubt,
      ])
    }
    return text
  }
}

extension ImportPlan {
  /// A person has said that a piece is no line.
  public mutating func leaveOut(_ index: Int) { rows[index].fate = .leftOut }

  /// A person has heard that a piece is this prompt's. It stays open where another file or a recording has its place.
  public mutating func take(_ index: Int, as prompt: Prompt, over build: KitBuild) {
    rows[index].prompt = prompt
    rows[index].doubts = []
    rows[index].isUncertain = false
    guard let placement = rows[index].placement else { return }
    if let other = placed.first(where: { $0.placement == placement }) {
      let start = other.piece.map { " from \($0.lowerBound.place) on" } ?? ""
      rows[index].doubts = ["\(other.name)\(start) is for the same place"]
    } else if let path = build.tree.path(of: placement) {
      rows[index].doubts = ["\(path) is there: --replace puts this in its place"]
    } else {
      rows[index].fate = .new
    }
  }
}

extension RecordingTree {
  /// Of what is there already.
  func path(of placement: Placement) -> String? {
    takes.first { $0.language == placement.language && $0.voice == placement.voice && $0.number == placement.number }?
      .path
  }
}

extension Double {
  /// Rounded to a hundredth.
  var hundredths: Double { (self * 100).rounded() / 100 }

  /// A place in a recording: `1:02.5`, minutes and seconds.
  public var place: String {
    let tenths = Int((self * 10).rounded())
    let seconds = tenths / 10 % 60
    return "\(tenths / 600):\(seconds < 10 ? "0" : "")\(seconds).\(tenths % 10)"
  }

  /// With one decimal, whatever the locale.
  var tenths: String {
    let tenths = Int((self * 10).rounded())
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
