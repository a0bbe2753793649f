/// How a program names the options of an import in the texts of a plan: the command line by options, the page by what
/// it shows.
public struct ImportTerms: Sendable {
  /// The option that gives a language to all files, as the subject of a sentence.
  public var language: String
  /// The option that gives a voice to all files.
  public var voice: String
  /// The option that gives a speaker to all files.
  public var speaker: String
  /// The option that makes numbers in names the prompts' numbers.
  public var trustedNumbers: String
  /// The correction of single files.
  public var map: String
  /// What to do, in the imperative: give the language.
  public var chooseLanguage: String
  /// Give the voice; the names of voices may follow.
  public var chooseVoice: String
  /// Trust the numbers.
  public var trustNumbers: String
  /// Replace a recording.
  public var replace: String
  /// Choose one of several files.
  public var chooseOne: String
  /// Split a take.
  public var split: String
  /// Import synthetic speech; the voice follows.
  public var importSynthetic: String
  /// Confirm a piece.
  public var confirm: String
  /// Let the voice of a speaker who recorded by post be found.
  public var leaveVoice: String
  /// Give the voice of a known speaker; the voice follows.
  public var addVoice: String
  /// Give a voice that nobody has.
  public var otherVoice: String

  /// The terms of the command line.
  public static let commandLine = ImportTerms(
    language: "--language", voice: "--voice", speaker: "--speaker", trustedNumbers: "--trust-numbers", map: "the map",
    chooseLanguage: "use --language", chooseVoice: "use --voice",
    trustNumbers: "use --trust-numbers if they are prompt numbers", replace: "use --replace to replace it",
    chooseOne: "choose one with --map", split: "use --long to split a take of many prompts",
    importSynthetic: "import it with --voice", confirm: "after listening, empty this cell of the map",
    leaveVoice: "leave --voice out", addVoice: "add --voice",
    otherVoice: "give another voice with --voice, such as f2")

  /// The terms of the studio's page.
  public static let page = ImportTerms(
    language: "the language of all files", voice: "the voice of all files", speaker: "the speaker of all files",
    trustedNumbers: "the numbers are those of the messages", map: "your correction",
    chooseLanguage: "choose it", chooseVoice: "choose it:",
    trustNumbers: "choose \"Numbers are the messages' numbers\" if they are",
    replace: "choose \"Replace\" to replace it",
    chooseOne: "leave out all but one", split: "choose \"Long takes\" to cut a take of many messages",
    importSynthetic: "choose the voice", confirm: "listen, and confirm it or correct it",
    leaveVoice: "leave the voice to the file", addVoice: "choose the voice",
    otherVoice: "choose another voice, such as f2")
}
