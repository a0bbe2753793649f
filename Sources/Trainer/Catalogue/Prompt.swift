import Board
import Kit

/// One message or question: `Prompts/03-safe-here.yaml`. Its wordings stand with the languages.
public struct Prompt: Equatable, Sendable {
  /// Stable for ever: 1...59 the catalogue's own, 60...99 a project's local prompts, 100...199 the device's own lines,
  /// 200...299 the languages' names in the operator's language; those no responder dials.
  public var number: Int
  /// Lower-case words with hyphens; never the name of a control button.
  public var id: String
  public var module: Module
  public var audience: Audience
  public var answer: Answer
  /// True where a right or a promise depends on the country.
  public var jurisdiction: Bool
  /// What a button or a card shows, in English.
  public var title: String
  /// What the responder must think of before playing it, in English; may be empty.
  public var caution: String
  /// Seconds that the English wording takes at a calm pace.
  public var length: Double
  /// The file it was read from.
  public var file: String

  /// Numbers of the catalogue's own prompts.
  public static let own = 1...59
  /// Numbers of what the device says to the responder: those and no others have the module `operator`.
  public static let device = 100...199
  /// Numbers of the languages' names: 200 and the language's number.
  public static let names = 200...299
  /// Numbers of a project's local prompts.
  public static let local = 60...99

  public enum Module: String, CaseIterable, Sendable {
    case language, answering, opening, needs, safety, preference, child, information, understanding, closing
    /// What the device says to the responder; never to a listener.
    case `operator`
  }
}

extension Prompt {
  /// Reads a prompt; nil after the reasons were taken down.
  init?(_ root: Field, local: Bool) {
    let keys = [
      "number", "id", "module", "audience", "answer", "jurisdiction", "title", "caution", "length",
    ]
    guard let map = root.mapping(keys) else { return nil }
    let id = map["id"].flatMap { $0.identifier() }
    let module = map["module"]?.word(Module.self)
    let own = module == .operator ? Self.device : Self.own
    let number = map["number"]?.integer(in: local ? Self.local : own)
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
      map["id"]?.refuse("the file's name does not agree with number and id", "rename it to '\(name)'")
    }
  }

  /// `03-safe-here.yaml`.
  public var fileName: String { "\(stem).yaml" }

  /// `03-safe-here`.
  public var stem: String { KitLayout.stem(number: number, prompt: id) }
}
