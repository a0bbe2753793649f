import Console
import Journal

extension JournalFile {
  /// Tags of the languages for which somebody raised a hand, or in which somebody answered, the latest first, as the
  /// end of the journal tells.
  var recentLanguages: [String] {
    var tags: [String] = []
    for entry in latest.reversed() where tags.count < Console.mostRecent {
      let content = entry.content
      guard let tag = content.language, !tags.contains(tag),
        content.event == "found" || content.event == "answer" && content.prompt != Said.raiseHand
      else { continue }
      tags.append(tag)
    }
    return tags
  }
}
