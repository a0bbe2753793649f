/// How far one item is in one language; the raw value is its letter in the matrix.
///
/// A recording's or wording's own state uses the same letters.
enum CellState: String, CaseIterable, Sendable {
  /// No wording; of recordings: no recording.
  case missing = "m"
  /// A wording, and no recording; of one part: nobody approved it.
  case draft = "d"
  /// Synthetic speech only.
  case trial = "t"
  /// Recorded, and not approved; of one part: one of two people approved it.
  case recorded = "r"
  /// Recorded, and the last check has an error or a warning.
  case findings = "f"
  /// A reviewer returned the wording or the recording.
  case sentBack = "s"
  /// Two people approved the wording, and two the recording.
  case approved = "a"

  /// The letter of an item that the project does not need in a language.
  static let unneeded = "-"

  /// Sums up the states of a wording and of its recordings.
  ///
  /// - Parameters:
  ///   - wording: nobody needs to have approved it for a recording to exist.
  ///   - recording: the worst of the recordings by speakers.
  init(wording: CellState, recording: CellState) {
    self =
      if wording == .missing {
        .missing
      } else if wording == .sentBack || recording == .sentBack {
        .sentBack
      } else if recording == .missing {
        .draft
      } else if recording == .trial || recording == .findings {
        recording
      } else {
        wording == .approved && recording == .approved ? .approved : .recorded
      }
  }

  /// The states of a recording from the worst to the best.
  static let recordings: [CellState] = [.sentBack, .findings, .draft, .recorded, .approved]
}
