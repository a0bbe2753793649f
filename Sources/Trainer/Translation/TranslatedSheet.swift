/// One text that came back.
public struct TranslatedUnit: Equatable, Sendable {
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
public struct TranslatedSheet: Equatable, Sendable {
  /// BCP 47.
  public var language: String
  public var units: [TranslatedUnit]
}
