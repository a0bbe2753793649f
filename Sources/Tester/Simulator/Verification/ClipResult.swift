/// The result of the check of one clip.
public struct ClipResult: Codable, Sendable {
  /// BCP 47 tag of the language.
  public var language: String
  /// Id of the prompt.
  public var prompt: String
  /// Name of the voice.
  public var voice: String
  /// Length of the decoded clip in seconds.
  public var seconds: Double
  /// Measured loudness in LUFS; `nil` for silence.
  public var loudness: Double?
  /// Measured true peak in dBTP; `nil` for silence.
  public var peak: Double?
  /// Measured milliseconds before the voice begins; `nil` if there is no voice.
  public var onset: Double?
  /// What is wrong, one line each; empty if nothing is.
  public var faults: [String]
}
