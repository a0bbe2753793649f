/// A person or service to call: an interpreter, a shelter. Listeners may see it, so it is nobody they must not know of.
public struct KitContact: Codable, Equatable, Sendable {
  /// The kind of service.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    case interpreter, hotline, medical, police, shelter, child, legal, other
  }

  /// The kind of service.
  public var kind: Kind
  /// The name to show.
  public var name: String
  /// The number as people dial it; may be empty if there is a note.
  public var phone: String
  /// Hours, languages, the person to ask for; may be empty.
  public var note: String

  /// Creates a contact.
  public init(kind: Kind, name: String, phone: String, note: String) {
    self.kind = kind
    self.name = name
    self.phone = phone
    self.note = note
  }
}
