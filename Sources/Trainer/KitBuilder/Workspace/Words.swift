import Catalogue
import Encoding
import Kit
import Project

/// The wordings of the catalogue or of a project, and their status.
public struct Words: Sendable {
  /// The project; nil for the catalogue alone.
  public let workspace: Workspace?
  /// The catalogue, with the project's own wordings over it.
  public let catalogue: Catalogue
  /// The project's approvals ledger.
  public let approvals: Approvals
  /// What the project's reviewers wrote.
  public let notes: ReviewNotes
  /// The day on which approvals must not have expired: `2026-05-01`.
  public let day: String

  /// Creates the wordings of a project, whose workspace has a day.
  public init(of workspace: Workspace) {
    self.workspace = workspace
    catalogue = workspace.catalogue
    approvals = workspace.approvals
    notes = workspace.notes
    day = workspace.day ?? Day.today()
  }

  /// Creates the wordings of a catalogue, which nobody has approved.
  public init(_ catalogue: Catalogue, day: String) {
    workspace = nil
    self.catalogue = catalogue
    approvals = Approvals()
    notes = ReviewNotes()
    self.day = day
  }

  /// Returns the status of a wording.
  public func status(_ wording: Wording, _ prompt: Prompt, _ language: Language) -> Status {
    approvals.status(
      of: Digest.sha256(wording.text), kind: .wording, language: language.tag, prompt: prompt.id, on: day)
  }

  /// Returns the open review notes on a wording's current text.
  public func openNotes(_ wording: Wording, _ prompt: Prompt, _ language: Language) -> [ReviewNote] {
    notes.open(
      Digest.sha256(wording.text), kind: .wording, language: language.tag, prompt: prompt.id, approvals: approvals)
  }

  /// Returns the items that a language needs wordings for or has them of, without regard to a project. The names of
  /// languages are excluded, because they are in no file of wordings.
  public func due(in language: Language) -> [Prompt] {
    catalogue.items.filter { item in
      let isWritten = language.wordings[item.id] != nil
      return (language.requiresWording(for: item) || isWritten) && !Prompt.nameNumbers.contains(item.number)
    }
  }

  /// Returns the items to be spoken in a language, by number: those that the project's kit needs, or without a project
  /// all that need wordings.
  public func prompts(of language: Language) -> [Prompt] { workspace?.prompts(of: language) ?? due(in: language) }

  /// Returns the prompts whose title and caution responders read in a language, by number.
  public func titledPrompts(of language: Language) -> [Prompt] {
    workspace?.titledPrompts(of: language)
      ?? (language.roles.contains(.operator) ? due(in: language).filter(\.isBase) : [])
  }
}
