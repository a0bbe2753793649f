import Board
import Kit

/// The keyboard keys that press the buttons of a practice device.
public struct PracticeKeys: Sendable {
  /// A key and its button.
  public struct Entry: Sendable {
    /// The key as shown: `space`, `n`, `> →`.
    public let key: String
    /// The character that the key types.
    public let character: Character
    /// The button that it presses.
    public let button: Button
    /// The button's label.
    public let words: String
  }

  /// All keys but those of the number pad, in the order shown.
  public let entries: [Entry]
  /// Whether the device has a number pad: the keys `0` to `9` and `*`.
  public let hasPad: Bool
  private let byKey: [Character: Button]

  private static let controls: [(character: Character, control: Button.Control, words: String)] = [
    (" ", .stop, "STOP"), ("r", .again, "repeat"), ("f", .finder, "finder"), ("n", .nextLanguage, "next language"),
    ("p", .previousLanguage, "previous lang."), (">", .next, "next message"), ("<", .previous, "previous message"),
    ("y", .answerYes, "answer: yes"), ("x", .answerNo, "answer: no"), ("u", .answerUnclear, "answer: unclear"),
    ("d", .answerDeclined, "answer: declined"), ("s", .answerStop, "answer: stop"), ("c", .children, "children"),
    ("v", .voice, "other voice"), ("i", .status, "status"), ("+", .louder, "louder"), ("-", .quieter, "quieter"),
    ("m", .quiet, "quiet mode"), ("z", .answerNone, "answer: none"), ("a", .answerMode, "answer mode"),
    ("w", .markWrong, "mark as wrong"),
  ]

  /// Creates the keys for the buttons of a board; without a board for all controls, the kit's sequences and the number
  /// pad.
  public init(_ board: Board?, _ kit: KitManifest) {
    let buttons = board.map { board in
      // Each meaning of a button has a key of its own. The listener's own buttons are not the responder's.
      let lines = board.lines.buttons.filter { $0.by != .listener }.flatMap { [$0.button, $0.hold, $0.withStop] }
      let keys = board.inputs.flatMap(\.keys).filter { $0.by != .listener }
      return (lines + keys.flatMap { [$0.button, $0.hold, $0.withStop] }).compactMap { $0 }
    }
    var entries: [Entry] = []
    var byKey: [Character: Button] = [:]
    func add(_ character: Character, _ button: Button, _ words: String) {
      byKey[character] = button
      let shown = [" ": "space", ">": "> \u{2192}", "<": "< \u{2190}"][character] ?? String(character)
      entries.append(Entry(key: shown, character: character, button: button, words: words))
    }
    for (character, control, words) in Self.controls where buttons?.contains(.control(control)) ?? true {
      add(character, .control(control), words)
    }
    hasPad = buttons?.contains { if case .digit = $0 { true } else { false } } ?? true
    let titles = Dictionary(
      kit.prompts.map { ($0.id, $0.title) } + kit.sequences.map { ($0.id, $0.title) },
      uniquingKeysWith: { first, _ in first })
    let named: [Button] =
      buttons?.filter { if case .prompt = $0 { true } else { false } }
      ?? kit.sequences.filter { !$0.id.hasSuffix("-child") }.map { .prompt($0.id) }
    for (letter, button) in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", named) {
      add(letter, button, titles[button.description] ?? button.description)
    }
    self.entries = entries
    self.byKey = byKey
  }

  /// Returns what a button does, in a few words.
  public static func words(for button: Button, in kit: KitManifest) -> String {
    switch button {
    case .control(let control): return controls.first { $0.control == control }?.words ?? control.rawValue
    case .digit, .star: return button.description
    case .prompt(let id):
      if let title = kit.prompt(id)?.title ?? kit.sequences.first(where: { $0.id == id })?.title { return title }
      return kit.prompts.contains { $0.module == id } ? "\(id): the next" : "\(id) (not in this kit)"
    }
  }

  /// Returns the button of the key that types a character; nil if it has none.
  public func button(_ character: Character) -> Button? {
    if hasPad, character == "*" { return .star }
    if hasPad, let digit = character.wholeNumberValue, character.isASCII { return .digit(digit) }
    return byKey[character]
  }
}
