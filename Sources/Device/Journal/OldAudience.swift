/// Whom the messages of lines without an audience were for. Only versions that did not record it wrote such lines.
struct OldAudience {
  /// Tags of all languages of the journal, in lower case.
  private let languages: Set<String>

  /// Reads the languages of a journal.
  init(_ entries: [JournalEntry]) {
    languages = Set(entries.compactMap { JournalFields($0.event).language?.lowercased() })
  }

  /// Returns whether a prompt was for the responder: one of the lines that the device had then, or the name of a
  /// language that was spoken. A project's own prompt may have an id that only begins like one of these.
  func isForResponder(_ prompt: String) -> Bool {
    if Self.device.contains(prompt) { return true }
    return prompt.hasPrefix(Self.name) && languages.contains(String(prompt.dropFirst(Self.name.count)))
  }

  private static let name = "name-"

  /// The lines that the device spoke to the responder before journals recorded the audience.
  private static let device: Set<String> = Set(
    [
      "ready", "draft-kit", "not-available", "other-language", "damaged", "choose-language", "finder", "none-of-these",
      "first-contact", "adults", "children", "louder", "quieter", "quiet-on", "quiet-off", "other-voice", "fault",
    ].map { "device-" + $0 })
}
