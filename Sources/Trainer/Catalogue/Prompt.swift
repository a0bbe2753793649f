import Board
import Kit

/// A message or question: `Prompts/03-safe-here.yaml`. The languages have its wordings.
public struct Prompt: Equatable, Sendable {
  /// A permanent number: 1...59 for the catalogue's prompts, 60...99 for a project's. 100...199 are the device's own
  /// lines and 200...299 the names of the languages, which a responder cannot dial.
  public var number: Int
  /// The id: lower-case words with hyphens; never the name of a control button.
  public var id: String
  /// The group of prompts to which it belongs.
  public var module: Module
  /// The listeners for whom it is meant.
  public var audience: Audience
  /// The form of the expected answer.
  public var answer: Answer
  /// Whether it states a right or a promise that depends on the country.
  public var jurisdiction: Bool
  /// The title on buttons and cards, in English.
  public var title: String
  /// What the responder must consider before playing it, in English; may be empty.
  public var caution: String
  /// The length of the English wording at a calm pace in seconds.
  public var length: Double
  /// The file from which it was read.
  public var file: String

  /// The numbers of the catalogue's prompts.
  public static let catalogueNumbers = 1...59
  /// The numbers of the device's own lines: exactly these prompts have the module `operator`.
  public static let deviceNumbers = 100...199
  /// The numbers of the languages' names: 200 plus the language's number.
  public static let nameNumbers = 200...299
  /// The numbers of a project's own prompts.
  public static let projectNumbers = 60...99

  /// The id of the prompt with which a language says its own name.
  public static let selfName = "language-name"

  /// The groups of prompts.
  public enum Module: String, CaseIterable, Sendable {
    case language, answering, opening, needs, safety, preference, child, information, understanding, closing
    /// What the device says to the responder, never to a listener.
    case `operator`
  }
}

extension Prompt {
  /// Parses a prompt; returns nil after adding the errors to the log.
  init?(_ root: Field, isLocal: Bool) {
    let keys = [
      "number", "id", "module", "audience", "answer", "jurisdiction", "title", "caution", "length",
    ]
    guard let map = root.mapping(keys) else { return nil }
    let id = map["id"].flatMap { $0.identifier() }
    let module = map["module"]?.word(Module.self)
    let catalogueNumbers = module == .operator ? Self.deviceNumbers : Self.catalogueNumbers
    let number = map["number"]?.integer(in: isLocal ? Self.projectNumbers : catalogueNumbers)
    let audience = map["audience"]?.word(Audience.self)
    let answer = map["answer"]?.word(Answer.self)
    let jurisdiction = map["jurisdiction"]?.flag()
    let title = map["title"]?.text(length: 1...40)
    let caution = map["caution"]?.text(length: 0...300)
    let length = map["length"]?.number(in: 0.5...8)
    guard let number, let id, let module, let audience, let answer, let jurisdiction, let title, let caution,
      let length
    else { return nil }
    self.init(
      number: number, id: id, module: module, audience: audience, answer: answer, jurisdiction: jurisdiction,
      title: title, caution: caution, length: length, file: root.file)
    if Button.Control(rawValue: id) != nil {
      map["id"]?.refuse("'\(id)' is the name of a control button", "choose another id")
    }
    if Module(rawValue: id) != nil { map["id"]?.refuse("'\(id)' is the name of a module", "choose another id") }
    let name = fileName
    if name != root.file.split(separator: "/").last.map(String.init) {
      map["id"]?.refuse("the file's name differs from number and id", "rename it to '\(name)'")
    }
  }

  /// Returns the text that a translator translates: the source language's wording.
  ///
  /// For ``selfName`` it is an instruction, because each language says its own name and not a translation of `English`.
  public func translatorSource(in source: Language?) -> String {
    if id == Self.selfName { return "[the name of this language, in itself]" }
    return source?.wordings[id]?.text ?? title
  }

  /// The file name: `03-safe-here.yaml`.
  public var fileName: String { "\(stem).yaml" }

  /// The file name without its extension: `03-safe-here`.
  public var stem: String { KitLayout.stem(number: number, prompt: id) }
}
