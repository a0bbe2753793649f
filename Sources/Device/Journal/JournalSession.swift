import Posix

/// What belongs together, as with one listener: from the first press to ten minutes without one, to another kit, or to
/// the end of the daemon. It is called by the number of its first line, which never changes.
public struct JournalSession: Codable, Equatable, Sendable {
  /// Minutes without an act after which another session begins; the console, too, takes who comes then for another.
  public static let pause: Int64 = 10

  public let number: Int
  /// Number of its last line.
  public private(set) var last: Int
  public let start: WallTime
  public private(set) var end: WallTime
  public let boot: String
  /// Name, version and SHA-256 of the kit that was played; nil where no line says.
  public let kit: String?
  /// Id of the trusted key that had signed it.
  public let signer: String?
  public private(set) var acts: [JournalAct]

  /// Languages in which messages were said, in their order.
  public var languages: [String] {
    var tags: [String] = []
    for act in acts where act.isMessage {
      if let tag = act.language, !tags.contains(tag) { tags.append(tag) }
    }
    return tags
  }

  private init(_ act: JournalAct, boot: String, kit: String?, signer: String?) {
    number = act.line
    last = act.line
    start = act.time
    end = act.time
    self.boot = boot
    self.kit = kit
    self.signer = signer
    acts = [act]
  }

  /// All sessions in lines that are as they were written.
  public static func all(in entries: [JournalEntry]) -> [JournalSession] {
    var sessions: [JournalSession] = []
    var session: JournalSession?
    var (kit, signer) = (String?.none, String?.none)
    /// Of the last line that told of a use.
    var used: Int64 = 0
    var replaced: JournalEntry?
    func close() {
      if let session { sessions.append(session) }
      session = nil
    }
    for entry in entries {
      if entry.content.kit != nil { (kit, signer) = (entry.content.kit, entry.content.signer) }
      let isFault = JournalAct.beginning(entry)?.kind == .fault
      if entry.boot != session?.boot || ["ready", "kit"].contains(entry.event)
        || entry.monotonic - used >= pause * 60_000_000_000
      {
        close()
      }
      if entry.event == "replaced" { replaced = entry }
      if session?.closes(with: entry) == true {
        used = entry.monotonic
      } else if var act = JournalAct.beginning(entry) ?? JournalSession.unbegun(entry) {
        if act.kind == .played, let other = replaced, other.content.prompt == act.prompt, other.number < act.line {
          act.insteadOf = other.content.detail
          replaced = nil
        }
        if session != nil {
          session?.add(act)
        } else if !isFault {
          session = JournalSession(act, boot: entry.boot, kit: kit, signer: signer)
        }
        if !isFault { used = entry.monotonic }
      }
      if entry.event == "end" { close() }
    }
    close()
    return sessions
  }

  /// A message that ended, and of whose beginning no line tells: it could not be played.
  private static func unbegun(_ entry: JournalEntry) -> JournalAct? {
    guard let outcome = JournalAct.Outcome(rawValue: entry.event), outcome != .unknown else { return nil }
    var act = JournalAct(.played, entry)
    act.clip = entry.content.clip
    act.outcome = outcome
    act.heard = entry.content.heard
    return act
  }

  private mutating func add(_ act: JournalAct) {
    acts.append(act)
    last = act.line
    end = act.time
  }

  /// The end of a message that is open.
  private mutating func closes(with entry: JournalEntry) -> Bool {
    guard let outcome = JournalAct.Outcome(rawValue: entry.event), outcome != .unknown else { return false }
    let index = acts.lastIndex {
      $0.outcome == .unknown && $0.prompt == entry.content.prompt && $0.language == entry.content.language
    }
    guard let index else { return false }
    acts[index].outcome = outcome
    acts[index].heard = entry.content.heard
    last = entry.number
    end = entry.wall ?? end
    return true
  }
}
