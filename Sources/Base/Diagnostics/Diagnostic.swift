/// One problem in a file or a device: how severe it is, where it is, what is wrong, and what to do about it.
///
/// Every command that validates something reports diagnostics. The JSON form is flat and omits absent fields.
public struct Diagnostic: Codable, Equatable, Sendable, CustomStringConvertible {
  /// How severe the problem is.
  public var severity: Severity
  /// A stable word for programs, such as `true-peak`; `nil` where programs need not tell it from others.
  public var code: String?
  /// The file, directory or device concerned, as the user named it; not made absolute.
  public var path: String
  /// The line in the file, from 1; `nil` where the whole file is concerned.
  public var line: Int?
  /// The column in the line in Unicode scalars, from 1; `nil` where the whole line is concerned.
  public var column: Int?
  /// What is wrong.
  public var message: String
  /// What to do, in the imperative; `nil` where nothing needs to be done.
  public var remedy: String?

  /// Creates a diagnostic.
  ///
  /// - Parameters:
  ///   - severity: how severe the problem is.
  ///   - code: a stable word for programs.
  ///   - path: the file, directory or device concerned.
  ///   - line: from 1; `nil` for the whole file.
  ///   - column: from 1, in Unicode scalars; `nil` for the whole line.
  ///   - message: what is wrong.
  ///   - remedy: what to do, in the imperative.
  public init(
    _ severity: Severity = .error, code: String? = nil, path: String, line: Int? = nil, column: Int? = nil,
    message: String, remedy: String?
  ) {
    self.severity = severity
    self.code = code
    self.path = path
    self.line = line
    self.column = column
    self.message = message
    self.remedy = remedy
  }

  /// `Languages/ro.yaml:12:3`: path, line and column, as far as they are known, on one line.
  public var place: String {
    var place = path.printable
    if let line {
      place += ":\(line)"
      if let column { place += ":\(column)" }
    }
    return place
  }

  /// One line: `Languages/ro.yaml:12: error: 'text' is missing: add it [missing]`.
  public var description: String { "\(place): \(severity): \(text)" }

  /// One line without the severity, for lists that hold only errors: `Languages/ro.yaml:12: 'text' is missing: add it`.
  public var unlabelledDescription: String { "\(place): \(text)" }

  private var text: String {
    var text = message.printable
    if let remedy { text += ": \(remedy.printable)" }
    if let code { text += " [\(code)]" }
    return text
  }
}

extension Diagnostic {
  /// How severe a problem is. The most severe sorts first.
  public enum Severity: String, Codable, CaseIterable, Comparable, Sendable {
    /// What was validated cannot be used.
    case error
    /// It can be used, but a person should look at it.
    case warning
    /// For information.
    case note

    /// Returns whether `a` is more severe than `b`.
    public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

    private var rank: Int { self == .error ? 0 : self == .warning ? 1 : 2 }
  }
}

extension Diagnostic: Comparable {
  /// Returns whether `a` is listed before `b`: the most severe first, then by path, line, column, code and message.
  public static func < (a: Diagnostic, b: Diagnostic) -> Bool {
    (a.severity, a.path, a.line ?? 0, a.column ?? 0, a.code ?? "", a.message)
      < (b.severity, b.path, b.line ?? 0, b.column ?? 0, b.code ?? "", b.message)
  }
}
