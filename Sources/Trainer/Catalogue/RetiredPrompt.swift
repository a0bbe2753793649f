/// A prompt that was withdrawn: an entry of `Prompts/retired.yaml`. Its number and id are never used again.
public struct RetiredPrompt: Equatable, Sendable {
  /// The number that it had.
  public var number: Int
  /// The id that it had.
  public var id: String
  /// Why it was withdrawn.
  public var reason: String
  /// The id of the prompt that replaces it; nil if none does.
  public var instead: String?
  /// The file from which it was read.
  public var file: String
  /// The line in the file, from 1.
  public var line: Int

  /// What to do with a recording or a mention of it, in the imperative.
  public var remedy: String {
    instead.map { "use '\($0)' instead, with a recording of its own words" } ?? "leave it out: no prompt replaces it"
  }

  /// Why it is not used, for a message: `'child-hurt' was withdrawn: …`.
  public var explanation: String {
    let reason = reason.last.map { ".!".contains($0) } == true ? String(reason.dropLast()) : reason
    return "'\(id)' was withdrawn: \(reason)"
  }
}

extension RetiredPrompt {
  /// Returns whether a document lists withdrawn prompts: only such a list has the key `retired`.
  static func isList(_ root: Field) -> Bool { root.keys.contains("retired") }

  /// Parses the list; entries with errors are left out after the errors were added to the log.
  static func all(_ root: Field) -> [RetiredPrompt] {
    guard let map = root.mapping(["retired"]), let fields = map["retired"]?.list(0...200) else { return [] }
    return fields.compactMap(RetiredPrompt.init)
  }

  private init?(_ field: Field) {
    guard let map = field.mapping(["number", "id", "reason"], optional: ["instead"]) else { return nil }
    let number = map["number"]?.integer(in: Prompt.catalogueNumbers)
    let id = map["id"]?.identifier()
    let reason = map["reason"]?.text(length: 1...300)
    let instead = map["instead"].or(String?.none) { $0.identifier().map(Optional.some) }
    guard let number, let id, let reason, let instead else { return nil }
    self.init(number: number, id: id, reason: reason, instead: instead, file: field.file, line: field.line)
  }
}
