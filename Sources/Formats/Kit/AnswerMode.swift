import Board

/// The way in which a listener answers a question. A formula explains the signs of each mode.
public typealias AnswerMode = Board.AnswerMode

extension AnswerMode {
  /// The mode whose signs a prompt's base text names.
  public static let base = AnswerMode.card

  /// The start of a formula's id.
  private static let formulaStart = "answer-"

  /// The id of the formula: `answer-card`.
  public var formula: String { Self.formulaStart + rawValue }

  /// Creates the mode of a formula's id; nil if the id is not a formula's.
  public init?(formula: String) {
    guard formula.hasPrefix(Self.formulaStart) else { return nil }
    self.init(rawValue: String(formula.dropFirst(Self.formulaStart.count)))
  }

  /// The form of a prompt whose words depend on the mode.
  ///
  /// - Parameter isForChild: whether the words are for a child.
  public func form(isForChild: Bool = false) -> Form {
    Form(self == Self.base ? nil : rawValue, isForChild: isForChild)
  }
}

/// The five things that a listener can say in every answer mode.
public enum AnswerSign: String, Codable, CaseIterable, Sendable {
  case yes, no
  case notUnderstood = "not-understood"
  case preferNot = "prefer-not"
  case stop
}

/// How listeners answer with this kit: `answers` in `kit.json`.
public struct KitAnswers: Codable, Equatable, Sendable {
  /// The modes that the kit offers; the first is the default. Never empty.
  public var modes: [AnswerMode]
  /// The silence between a question and its formula in milliseconds, 200...3000.
  public var pause: Int

  /// The pause in a kit that names none.
  public static let usualPause = 800
  /// The permitted pauses.
  public static let pauses = 200...3000

  /// Creates the answers of a kit.
  public init(modes: [AnswerMode] = [.base], pause: Int = usualPause) {
    self.modes = modes
    self.pause = pause
  }
}
