import Catalogue
import Kit

/// One language's words on their way to translators and back.
public struct Sheet: Sendable {
  /// BCP 47.
  public var language: String
  /// Of the language that is translated.
  public var source: String
  /// In English.
  public var name: String
  /// By the numbers of the prompts.
  public var units: [Unit]

  /// One text to translate, and what a translator should know of it.
  public struct Unit: Equatable, Sendable {
    /// `safe-here.text`, `safe-here.title`, `safe-here.by-woman`.
    public var id: String
    /// English.
    public var source: String
    /// Empty where it is not written yet.
    public var text: String
    /// English made from the text alone; only beside a prompt's text.
    public var back: String?
    /// What the drafter was unsure of; only beside a prompt's text.
    public var note: String?
    public var status: Status
    /// The most characters that are asked for.
    public var limit: Int
    /// The file of the prompt, without its directory.
    public var prompt: String
    /// What the responder reads and must think of.
    public var title: String
    public var caution: String
  }

  /// - Parameters:
  ///   - prompts: by number.
  ///   - status: of a prompt's text.
  public init(
    _ language: Language, source: Language?, prompts: [Prompt], status: (Wording, Prompt) -> Status
  ) {
    self.language = language.tag
    self.source = source?.tag ?? "en"
    name = language.english
    units = []
    let isTranslation = language.tag != source?.tag
    for prompt in prompts {
      let wording = language.wordings[prompt.id]
      let english = source?.wordings[prompt.id]?.text ?? prompt.title
      let state = wording.map { status($0, prompt) } ?? .draft
      func add(_ part: WordingChange.Part, _ source: String, limit: Int) {
        let isText = part == .text
        units.append(
          Unit(
            id: "\(prompt.id).\(part.rawValue)", source: source, text: wording?[part] ?? "",
            back: isText ? wording?.back : nil, note: isText ? wording?.note : nil, status: state, limit: limit,
            prompt: prompt.fileName, title: prompt.title, caution: prompt.caution))
      }
      let spoken = min(WordingChange.Part.text.limit, Int(Validator.longest * language.rate))
      add(.text, english, limit: spoken)
      for variant in Wording.Variant.allCases where wording?.variants[variant] != nil {
        add(.variant(variant), english, limit: spoken)
      }
      if isTranslation, language.roles.contains(.operator) {
        add(.title, prompt.title, limit: WordingChange.Part.title.limit)
        if !prompt.caution.isEmpty { add(.caution, prompt.caution, limit: WordingChange.Part.caution.limit) }
      }
    }
  }
}

/// One text that came back.
public struct ReturnedUnit: Equatable, Sendable {
  public var id: String
  /// The English that was translated; nil where the file does not say it.
  public var source: String?
  public var text: String
  /// Nil where the file says nothing of it; empty where it is to go.
  public var back: String?
  public var note: String?
  /// Line of the file.
  public var line: Int

  public init(id: String, source: String?, text: String, back: String? = nil, note: String? = nil, line: Int) {
    self.id = id
    self.source = source
    self.text = text
    self.back = back
    self.note = note
    self.line = line
  }
}

/// What came back of one language.
public struct ReturnedSheet: Equatable, Sendable {
  /// BCP 47.
  public var language: String
  public var units: [ReturnedUnit]
}

/// Why a file of translations cannot be read.
public struct ExchangeError: Error, Equatable, Sendable, CustomStringConvertible {
  /// From 1; 0 for the whole file.
  public var line: Int
  public var message: String
  /// What to do, as an order to the reader.
  public var remedy: String

  init(_ line: Int, _ message: String, _ remedy: String) {
    self.line = line
    self.message = message
    self.remedy = remedy
  }

  public var description: String { "\(message): \(remedy)" }
}

/// The forms in which words travel.
public enum ExchangeFormat: String, CaseIterable, Sendable {
  /// gettext's
  case po
  /// XLIFF 1.2
  case xliff
  case csv

  /// By the ending of a file's name.
  public init?(path: String) {
    switch path.lowercased().split(separator: ".").last {
    case "po", "pot": self = .po
    case "xlf", "xliff": self = .xliff
    case "csv", "tsv", "txt": self = .csv
    default: return nil
    }
  }

  /// - Parameter day: of the export (`2026-05-01`).
  public func write(_ sheet: Sheet, day: String) -> [UInt8] {
    let text =
      switch self {
      case .po: PO.write(sheet, day: day)
      case .xliff: XLIFF.write(sheet)
      case .csv: CSV.write(sheet)
      }
    return Array(text.utf8)
  }

  /// Reads what a stranger may have written: whatever it is, it is an error at the most.
  public func read(_ bytes: [UInt8]) throws(ExchangeError) -> ReturnedSheet {
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes
    guard let text = String(validating: content, as: UTF8.self) else {
      throw ExchangeError(0, "is not UTF-8", "save it as UTF-8; in a spreadsheet choose 'CSV UTF-8'")
    }
    return switch self {
    case .po: try PO.read(text)
    case .xliff: try XLIFF.read(text)
    case .csv: try CSV.read(text)
    }
  }
}
