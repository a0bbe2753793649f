/// The options of an import.
public struct ImportOptions: Sendable {
  /// The BCP 47 tag of all files; nil to read it from the names.
  public var language: String?
  /// The voice of all files; nil to read it from the names.
  public var voice: String?
  /// The pseudonym of the speaker of all files; nil if unknown.
  public var speaker: String?
  /// Whether counting numbers in names are the prompts' numbers.
  public var trustsNumbers = false
  /// Whether existing recordings are replaced.
  public var replaces = false
  /// Whether each file is one take of many prompts.
  public var isLong = false
  /// A map that overrides the names; nil for none.
  public var map: ImportMap?
  /// How the plan's texts name these options.
  public var terms = ImportTerms.commandLine

  /// Creates options with their default values.
  public init() {}
}
