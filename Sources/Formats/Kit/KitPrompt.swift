/// One message or question of a kit, in the source language.
public struct KitPrompt: Codable, Equatable, Sendable {
  /// The number, 1...299, which never changes: 60...99 are a project's own, 100...199 the device's lines to the responder,
  /// 200...299 the names of the languages.
  public var number: Int
  /// The id: `safe-here`.
  public var id: String
  /// The module that groups it with others.
  public var module: String
  /// The listeners it is meant for.
  public var audience: Audience
  /// How the listener answers it.
  public var answer: Answer
  /// Whether it states a right or a promise that depends on the country.
  public var jurisdiction: Bool
  /// The title on a button or a card, for the responder.
  public var title: String
  /// What the responder must consider before playing it; may be empty.
  public var caution: String
  /// The wording in the source language.
  public var text: String
  /// The id of the device's line that speaks the caution to the responder before the prompt; nil if it is not gated.
  /// Stepping never reaches a gated prompt: only its own number or button does.
  public var gate: String?
  /// Whether its words name the signs of the answer mode, so that each mode has a form of its own and no formula
  /// follows.
  public var namesSigns: Bool

  /// Whether it is a question that a formula follows.
  public var isFollowedByFormula: Bool { answer == .yesNo && !namesSigns }

  /// Creates a prompt.
  public init(
    number: Int, id: String, module: String, audience: Audience, answer: Answer, jurisdiction: Bool, title: String,
    caution: String, text: String, gate: String? = nil, namesSigns: Bool = false
  ) {
    self.number = number
    self.id = id
    self.module = module
    self.audience = audience
    self.answer = answer
    self.jurisdiction = jurisdiction
    self.title = title
    self.caution = caution
    self.text = text
    self.gate = gate
    self.namesSigns = namesSigns
  }
}

extension KitPrompt {
  /// The module of the lines that the device speaks to the responder, and never to a listener.
  public static let operatorModule = "operator"

  /// The id of the prompt with which each language says its own name; its text in the source language names only that.
  public static let languageName = "language-name"

  /// Returns the id of the prompt that names a language in the operator's voice: `name-ro`. Its number is 200 plus the
  /// language's.
  public static func name(of tag: String) -> String { "name-\(tag.lowercased())" }
}

/// The listeners that a prompt is meant for.
public enum Audience: String, Codable, CaseIterable, Sendable { case all, adult, child }

/// How a prompt asks the listener to answer.
public enum Answer: String, Codable, CaseIterable, Sendable {
  /// It asks for no answer.
  case none
  /// By the signs for yes and no of the answer mode.
  case yesNo = "yes-no"
  /// By showing a number of fingers.
  case fingers
  /// By an act that the responder sees, such as pointing or showing the sign for stop.
  case point
}
