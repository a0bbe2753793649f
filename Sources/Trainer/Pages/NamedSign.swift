import Catalogue
import Kit

/// A sign that a text names, with which listeners answer.
public struct NamedSign: Hashable, Sendable {
  /// The answer mode.
  public let mode: AnswerMode
  /// What the sign says.
  public let sign: AnswerSign

  /// Creates a sign.
  public init(_ mode: AnswerMode, _ sign: AnswerSign) {
    self.mode = mode
    self.sign = sign
  }

  /// Its picture as an SVG file.
  public var file: [UInt8] {
    let picture = SignPicture(mode: mode, sign: sign).svg(sign.rawValue).markup
    return Array(picture.utf8).replacing(
      Array("<svg ".utf8), with: Array("<svg xmlns=\"http://www.w3.org/2000/svg\" ".utf8), maxReplacements: 1)
  }

  /// The signs of the prompts that teach them.
  private static let taught: [String: [AnswerSign]] = [
    "raise-hand": [.yes], "show-yes": [.yes], "show-no": [.no], "show-not-understood": [.notUnderstood],
    "show-prefer-not": [.preferNot], "may-stop": [.stop],
  ]

  /// Returns the signs that the text of an item names: of a formula, those for yes and no.
  public static func all(in item: Prompt) -> [NamedSign] {
    let mode = AnswerMode(formula: item.baseID) ?? item.form.name.flatMap(AnswerMode.init(rawValue:)) ?? .base
    let signs = item.kind == .formula ? [.yes, .no] : taught[item.baseID] ?? []
    guard item.kind == .formula || item.namesSigns else { return [] }
    return signs.map { NamedSign(mode, $0) }
  }
}
