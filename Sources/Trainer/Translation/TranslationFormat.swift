import Diagnostics

/// The file formats for translators.
public enum TranslationFormat: String, CaseIterable, Sendable {
  /// gettext PO.
  case po
  /// XLIFF 1.2.
  case xliff
  /// CSV for spreadsheets.
  case csv

  /// Creates a format from a file name's extension; nil if it is unknown.
  public init?(path: String) {
    switch path.lowercased().split(separator: ".").last {
    case "po", "pot": self = .po
    case "xlf", "xliff": self = .xliff
    case "csv", "tsv", "txt": self = .csv
    default: return nil
    }
  }

  /// Returns the content of a file for a translator.
  ///
  /// - Parameters:
  ///   - sheet: the texts.
  ///   - day: the day of the export: `2026-05-01`.
  public func write(_ sheet: Sheet, day: String) -> [UInt8] {
    let text =
      switch self {
      case .po: PO.write(sheet, day: day)
      case .xliff: XLIFF.write(sheet)
      case .csv: CSV.write(sheet)
      }
    return Array(text.utf8)
  }

  /// Reads a translated file. Its content is untrusted: any fault in it is an error.
  ///
  /// - Parameters:
  ///   - bytes: the file's content.
  ///   - path: the file's path, for the error.
  /// - Throws: ``DiagnosticsError`` with the line of the first fault.
  public func read(_ bytes: [UInt8], path: String) throws(DiagnosticsError) -> TranslatedSheet {
    do throws(ParseError) { return try read(bytes) } catch { throw error.at(path) }
  }

  func read(_ bytes: [UInt8]) throws(ParseError) -> TranslatedSheet {
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes
    guard let text = String(validating: content, as: UTF8.self) else {
      throw ParseError(nil, "is not UTF-8", "save it as UTF-8; in a spreadsheet choose 'CSV UTF-8'")
    }
    return switch self {
    case .po: try PO.read(text)
    case .xliff: try XLIFF.read(text)
    case .csv: try CSV.read(text)
    }
  }
}
