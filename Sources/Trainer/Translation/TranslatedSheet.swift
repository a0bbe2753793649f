/// One text of a translated file.
public struct TranslatedUnit: Equatable, Sendable {
  /// The id, as in ``Sheet/Unit``.
  public var id: String
  /// The English that was translated; nil if the file does not have it.
  public var source: String?
  /// The translation; empty if there is none.
  public var text: String
  /// The back-translation; nil if the file does not have it, empty to remove it.
  public var back: String?
  /// The drafter's doubt; nil if the file does not have it, empty to remove it.
  public var note: String?
  /// The line in the file, from 1.
  public var line: Int

  /// Creates a text.
  public init(id: String, source: String?, text: String, back: String? = nil, note: String? = nil, line: Int) {
    self.id = id
    self.source = source
    self.text = text
    self.back = back
    self.note = note
    self.line = line
  }
}

/// The texts of a translated file.
public struct TranslatedSheet: Equatable, Sendable {
  /// The BCP 47 tag.
  public var language: String
  /// The texts in the order of the file.
  public var units: [TranslatedUnit]
}
