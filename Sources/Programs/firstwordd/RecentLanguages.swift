import Console
import Journal

extension [JournalEntry] {
  /// Tags of the languages for which a hand was raised, or in which a question was answered, the latest first.
  var recentLanguages: [String] {
    var tags: [String] = []
    for entry in reversed() where tags.count < Console.maximumRecent {
      switch entry.event {
      case .found(let tag, _): if !tags.contains(tag) { tags.append(tag) }
      case .answer(_, let tag, let prompt, _, _):
        if prompt != ConsolePrompt.raiseHand, !tags.contains(tag) { tags.append(tag) }
      default: break
      }
    }
    return tags
  }
}
