/// Which of a prompt's wordings a text, a recording or a clip is.
///
/// The base form has the signs of the answer mode `card` and is for adults. Another form is named after an answer mode
/// (`hand`), after a choice that a kit makes (`police`), after the listener (`child`), or after both (`hand-child`).
public struct Form: Hashable, Sendable {
  /// The answer mode or the kit's choice: one word of lower-case letters and digits; nil for the base.
  public var name: String?
  /// Whether the words are for a child.
  public var isForChild: Bool

  /// The form of a prompt's own `text`.
  public static let base = Form()
  /// The base form for a child.
  public static let child = Form(isForChild: true)

  /// Creates a form.
  public init(_ name: String? = nil, isForChild: Bool = false) {
    self.name = name
    self.isForChild = isForChild
  }

  /// Whether it is the prompt's own `text`.
  public var isBase: Bool { name == nil && !isForChild }

  /// The same form for an adult.
  public var forAdult: Form { Form(name) }
  /// The same form for a child.
  public var forChild: Form { Form(name, isForChild: true) }
}

extension Form: RawRepresentable, Codable {
  /// The word for a child's form.
  private static let childWord = "child"
  /// The ending of a name that has the word too.
  fileprivate static let childEnding = "-" + childWord

  /// The name in files: `hand`, `police`, `child`, `hand-child`; empty for the base form.
  public var rawValue: String {
    ([name].compactMap(\.self) + (isForChild ? [Self.childWord] : [])).joined(separator: "-")
  }

  /// Creates a form from its name in files; nil if the text is not one. An empty text is the base form.
  public init?(rawValue: String) {
    switch rawValue {
    case "": self = .base
    case Self.childWord: self = .child
    case _ where Self.isName(rawValue): self.init(rawValue)
    case _ where rawValue.hasSuffix(Self.childEnding):
      let name = String(rawValue.dropLast(Self.childEnding.count))
      guard Self.isName(name) else { return nil }
      self.init(name, isForChild: true)
    default: return nil
    }
  }

  /// Returns whether a text can name a form: lower-case letters and digits, at most 20, and not `child`.
  public static func isName(_ text: String) -> Bool {
    text != childWord && (1...20).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
  }
}

extension Form: Comparable {
  /// Returns whether `a` is listed before `b`: by name, the base first; an adult's before a child's.
  public static func < (a: Form, b: Form) -> Bool {
    (a.name ?? "", a.isForChild ? 1 : 0) < (b.name ?? "", b.isForChild ? 1 : 0)
  }
}

extension KitLayout {
  /// Returns the id of what is recorded once: a prompt in one form, or a formula.
  ///
  /// - Parameters:
  ///   - prompt: the id of a prompt, or of a formula (`answer-card`).
  ///   - form: the form.
  /// - Returns: `who-we-are.police`, `answer-card-child`; the prompt's id for the base form.
  public static func item(_ prompt: String, _ form: Form) -> String {
    if form.isBase { return prompt }
    return prompt + (AnswerMode(formula: prompt) == nil ? "." : "-") + form.rawValue
  }

  /// Returns the prompt and the form of an item's id; nil if the text cannot be an item's id.
  public static func parts(ofItem id: String) -> (prompt: String, form: Form)? {
    if AnswerMode(formula: id) != nil { return (id, .base) }
    if id.hasSuffix(Form.childEnding), case let formula = String(id.dropLast(Form.childEnding.count)),
      AnswerMode(formula: formula) != nil
    {
      return (formula, .child)
    }
    guard let point = id.utf8.firstIndex(of: UInt8(ascii: ".")) else { return (id, .base) }
    let prompt = String(id[..<point])
    guard !prompt.isEmpty, let form = Form(rawValue: String(id[point...].dropFirst())), !form.isBase else { return nil }
    return (prompt, form)
  }
}
