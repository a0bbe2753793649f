import Board

/// The English words for answers, as the responder judges them: the cards' own table, for sheets, drills and screens.
public enum AnswerWords {
  /// Returns the words for an answer: `does not want to answer`.
  ///
  /// - Parameter answer: the journal's word: `yes`, `no`, `unclear`, `declined`, `stop`, `none`.
  /// - Returns: the words; the journal's word where it is of a later version.
  public static func english(_ answer: String) -> String {
    Button.Control(rawValue: "answer-\(answer)").flatMap { CardWords.english.judged[$0] } ?? answer
  }
}
