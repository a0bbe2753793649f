import Catalogue
import Diagnostics

/// The texts of a page for speakers and readers: formulas first, then each message with its forms, then what the device
/// says to the responder.
struct TextGroups {
  /// Texts under one heading.
  struct Group {
    /// The heading.
    let title: String
    /// What the reader needs to know of these texts.
    let note: String
    /// The texts: by number, and those of one number in their given order.
    let lines: [BoothScript.Line]
  }

  /// The groups that have texts.
  let groups: [Group]

  /// Creates the groups.
  init(_ lines: [BoothScript.Line]) {
    let parts = Dictionary(grouping: lines.enumerated()) { Self.part($0.element.prompt) }
    groups = Part.allCases.compactMap { part in
      guard let lines = parts[part] else { return nil }
      let sorted = lines.sorted {
        ($0.element.prompt.number, $0.offset) < ($1.element.prompt.number, $1.offset)
      }
      return Group(title: part.title, note: part.note, lines: sorted.map(\.element))
    }
  }

  /// The texts in the order of the groups.
  var lines: [BoothScript.Line] { groups.flatMap(\.lines) }

  /// What is counted at the head of a page: `8 formulas; 53 messages and questions in 107 wordings, 31 of them said to
  /// a child`.
  var counts: String {
    let all = Dictionary(grouping: lines.map(\.prompt), by: Self.part)
    let formulas = all[.formulas]?.count ?? 0
    let messages = all[.messages] ?? []
    let prompts = Set(messages.map(\.baseID)).count
    let children = messages.filter { $0.form.isForChild || $0.audience == .child }.count
    let forms: String? =
      messages.isEmpty
      ? nil
      : counted(prompts, "message or question", "messages and questions")
        + (messages.count == prompts ? "" : " in \(counted(messages.count, "wording"))")
        + (children == 0 ? "" : ", \(children) of them said to a child")
    let device = all[.device].map { counted($0.count, "line for the responder", "lines for the responder") }
    return [formulas == 0 ? nil : counted(formulas, "formula"), forms, device].compactMap(\.self).joined(
      separator: "; ")
  }

  private enum Part: CaseIterable {
    case formulas, messages, device

    var title: String {
      switch self {
      case .formulas: "How to answer"
      case .messages: "Messages and questions"
      case .device: "What the device says to the responder"
      }
    }

    var note: String {
      switch self {
      case .formulas: "Recorded once. The device says one of them after each yes-no question, never alone."
      case .messages:
        "Each with its other wordings after it: for another way to answer, for an office, for a child. A question does not "
          + "say how to answer: the device adds that."
      case .device: "For the person who holds the device, not for the listener."
      }
    }
  }

  private static func part(_ prompt: Prompt) -> Part {
    if prompt.kind == .formula { return .formulas }
    return prompt.module == .operator ? .device : .messages
  }
}
