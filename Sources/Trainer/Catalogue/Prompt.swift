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
  /// The id of the device's line that speaks its caution before it; nil if it is not gated. Stepping never reaches a
  /// gated prompt: only its own number or button does.
  public var gate: String? = nil
  /// The forms in which it has wordings beside its base text.
  public var forms = Forms.none
  /// The id of the prompt or formula of which this is a form; nil for a prompt's base text and for an adult's formula.
  public var base: String? = nil
  /// The form of its wordings; ``Catalogue/items`` has forms other than the base.
  public var form = Form.base
  /// Whether it is a message or question, or a formula.
  public var kind = Clip.Kind.message
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
  /// The line that speaks the caution of a prompt with `gate: true`.
  public static let commonGate = "device-caution-sensitive"

  /// The forms that a prompt declares. Where the audience is `all`, each of them and the base can have a child's form.
  public enum Forms: Equatable, Sendable {
    /// The base text only.
    case none
    /// One for each answer mode; the base text is that of the card.
    case modes
    /// Named choices, of which a kit makes one; the base text is neutral.
    case choices([String])

    /// The names of the forms beside the base.
    public var names: [String] {
      switch self {
      case .none: []
      case .modes: AnswerMode.allCases.filter { $0 != .base }.map(\.rawValue)
      case .choices(let names): names
      }
    }
  }

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
    guard let map = root.mapping(keys, optional: ["gate", "forms"]) else { return nil }
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
    let gate = map["gate"].or(String?.none) { $0.gate() }
    let forms = map["forms"].or(Forms.none) { $0.forms() }
    guard let number, let id, let module, let audience, let answer, let jurisdiction, let title, let caution,
      let length, let gate, let forms
    else { return nil }
    self.init(
      number: number, id: id, module: module, audience: audience, answer: answer, jurisdiction: jurisdiction,
      title: title, caution: caution, length: length, gate: gate, forms: forms, file: root.file)
    if module == .operator, gate != nil || forms != .none {
      map[gate == nil ? "forms" : "gate"]?.refuse("a line of the device has neither gate nor forms", "remove it")
    }
    if KitLayout.parts(ofItem: id).map({ AnswerMode(formula: $0.prompt) != nil }) ?? false {
      map["id"]?.refuse("'\(id)' is the name of a formula", "choose another id")
    }
    if Button.Control(rawValue: id) != nil {
      map["id"]?.refuse("'\(id)' is the name of a control button", "choose another id")
    }
    if Module(rawValue: id) != nil { map["id"]?.refuse("'\(id)' is the name of a module", "choose another id") }
    let name = fileName
    if name != root.file.split(separator: "/").last.map(String.init) {
      map["id"]?.refuse("the file's name differs from number and id", "rename it to '\(name)'")
    }
  }

  /// Returns the text that a translator translates: the source language's wording. A child's form without a source of
  /// its own has that of the same form for adults, never that of another form.
  ///
  /// For ``selfName`` it is an instruction, because each language says its own name and not a translation of `English`.
  public func translatorSource(in source: Language?) -> String {
    if id == Self.selfName { return "[the name of this language, in itself]" }
    let ids = form.isForChild ? [id, KitLayout.item(baseID, form.forAdult)] : [id]
    return ids.compactMap { source?.wordings[$0]?.text }.first ?? title
  }

  /// The file name: `03-safe-here.yaml`.
  public var fileName: String { "\(stem).yaml" }

  /// The file name without its extension: `03-safe-here`, `04-who-we-are.police`, `answer-card`.
  public var stem: String { KitLayout.stem(number: number, prompt: id) }
}

// MARK: - Items

extension Prompt {
  /// The id of the prompt or formula in its base form.
  public var baseID: String { base ?? id }

  /// Whether it is a prompt as its file has it, and not one of its further forms or a formula.
  public var isBase: Bool { kind == .message && form.isBase }

  /// Whether its wording names the signs of an answer mode itself, so that no formula follows it.
  public var namesSigns: Bool { forms == .modes }

  /// Whether it is a question that a formula follows.
  public var isFollowedByFormula: Bool { kind == .message && answer == .yesNo && !namesSigns }

  /// The prompt's own item and those of its further forms, in order: `raise-hand`, `raise-hand.child`,
  /// `raise-hand.hand` …
  var items: [Prompt] {
    let forms = [nil] + self.forms.names.map(Optional.some)
    let hasChild = audience == .all && module != .operator
    return forms.flatMap { name in hasChild ? [Form(name), Form(name, isForChild: true)] : [Form(name)] }.map(item)
  }

  /// Returns the prompt in one of its forms.
  private func item(_ form: Form) -> Prompt {
    if form.isBase { return self }
    var item = self
    item.base = id
    item.id = KitLayout.item(id, form)
    item.form = form
    item.title = "\(title) (\(form.rawValue.replacing("-", with: ", ")))"
    if form.isForChild { item.audience = .child }
    return item
  }

  /// The formulas of all answer modes, each for adults and for children.
  static let formulas: [Prompt] = AnswerMode.allCases.flatMap { mode in
    [Form.base, .child].map { form in
      Prompt(
        number: 0, id: KitLayout.item(mode.formula, form), module: .answering,
        audience: form.isForChild ? .child : .all,
        answer: .none, jurisdiction: false,
        title: "How to answer: \(mode.rawValue)\(form.isForChild ? " (child)" : "")", caution: "", length: 4.5,
        base: form.isBase ? nil : mode.formula, form: form, kind: .formula, file: "")
    }
  }
}

extension Field {
  /// Returns the id of a gate's line: `true` for the common one, or the id of another.
  fileprivate func gate() -> String?? {
    switch scalarText {
    case "true": .some(Prompt.commonGate)
    case "false": .some(nil)
    default: identifier().map(Optional.some)
    }
  }

  /// Returns the forms that a prompt declares: `modes`, or a list of names.
  fileprivate func forms() -> Prompt.Forms? {
    if scalarText == "modes" { return .modes }
    guard case .list = node.content else {
      return refuse("\(quoted) is \(kind)", "write 'modes', or a list of the kits' choices such as [police, shelter]")
    }
    let taken = AnswerMode.allCases.map(\.rawValue)
    var names: [String] = []
    for field in list(1...10) ?? [] {
      guard let name = field.text(length: 1...20) else { continue }
      if !Form.isName(name) || taken.contains(name) {
        field.refuse(
          "'\(name.shown)' cannot name a form",
          "write one word of lower-case letters, neither 'child' nor a mode's name")
      } else if names.contains(name) {
        field.refuse("'\(name)' is given twice", "keep one of them")
      } else {
        names.append(name)
      }
    }
    return .choices(names)
  }
}
