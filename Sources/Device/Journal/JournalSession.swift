import Posix

/// The acts that belong together, as with one listener: from the first press to ten minutes without one, to another
/// kit, or to the end of the daemon. The number of its first line, which never changes, identifies it.
public struct JournalSession: Codable, Equatable, Sendable {
  /// Minutes without an act after which another session begins. After the same time the console, too, assumes another
  /// listener.
  public static let pause: Int64 = 10

  /// Number of the first line.
  public let number: Int
  /// Number of the last line.
  public private(set) var last: Int
  /// When the first act began, by the wall clock.
  public let start: WallTime
  /// When the last act began or ended, by the wall clock.
  public private(set) var end: WallTime
  /// Id of the boot in which it took place.
  public let boot: String
  /// Name, version and SHA-256 of the kit that was played; nil where no line says.
  public let kit: String?
  /// Id of the trusted key that signed the kit.
  public let signer: String?
  /// What was done, in order.
  public private(set) var acts: [JournalAct]

  /// Tags of the languages of the messages to the listener, in the order of their first use.
  public var languages: [String] {
    var tags: [String] = []
    for act in acts where act.isMessage {
      if let tag = act.language, !tags.contains(tag) { tags.append(tag) }
    }
    return tags
  }

  private init(_ act: JournalAct, boot: String, kit: JournalKit?) {
    number = act.line
    last = act.line
    start = act.time
    end = act.time
    self.boot = boot
    self.kit = kit?.identity
    signer = kit?.signer
    acts = [act]
  }

  /// Returns all sessions of a journal.
  ///
  /// - Parameter entries: The lines that are as they were written, in order.
  public static func all(in entries: [JournalEntry]) -> [JournalSession] {
    let old = OldAudience(entries)
    var sessions: [JournalSession] = []
    var session: JournalSession?
    var kit: JournalKit?
    /// Monotonic time of the last use of the device.
    var used: Int64 = 0
    /// The last replacement whose message has not begun.
    var replaced: (prompt: String, request: String)?
    /// The messages of the session whose end has not come: indexes into its acts, the latest last.
    var open: [JournalMessage.Spoken: [Int]] = [:]
    func close() {
      if let session { sessions.append(session) }
      session = nil
      open = [:]
    }
    for entry in entries {
      if let other = entry.event.kit { kit = other }
      if entry.boot != session?.boot || entry.event.beginsSession
        || entry.monotonic - used >= pause * 60_000_000_000
      {
        close()
      }
      if case .replaced(let message, let request) = entry.event { replaced = (message.prompt, request) }
      if case .ended(let message, let outcome, let heard, let lost) = entry.event,
        let index = open[message.spoken]?.popLast()
      {
        session?.end(index, outcome, heard: heard, lost: lost, part: message.part, with: entry)
        used = entry.monotonic
      } else if var act = JournalAct.beginning(entry, old) ?? JournalAct.unbegun(entry, old) {
        if act.kind == .played, let other = replaced, other.prompt == act.prompt {
          act.insteadOf = other.request
          replaced = nil
        }
        if session != nil {
          session?.add(act)
        } else if !act.isIncidental {
          session = JournalSession(act, boot: entry.boot, kit: kit)
        }
        if case .started(let message) = entry.event, let count = session?.acts.count {
          open[message.spoken, default: []].append(count - 1)
        }
        if !act.isIncidental { used = entry.monotonic }
      }
      if entry.event == .terminated { close() }
    }
    close()
    return sessions
  }

  /// Returns whether a kit was played, by the SHA-256 of its kit.json. Another kit's words may differ from those that the
  /// listener heard.
  public func isOf(kit hash: String) -> Bool { kit?.hasSuffix(" \(hash)") == true }

  private mutating func add(_ act: JournalAct) {
    acts.append(act)
    last = act.line
    end = act.time
  }

  /// Records the end of the message that is the act at `index`.
  private mutating func end(
    _ index: Int, _ outcome: MessageOutcome, heard: Int, lost: Int, part: JournalPart?, with entry: JournalEntry
  ) {
    acts[index].outcome = JournalAct.Outcome(outcome)
    acts[index].heard = heard
    acts[index].lost = lost > 0 ? lost : nil
    acts[index].part = part
    last = entry.number
    end = entry.wall ?? end
  }
}

extension JournalMessage {
  /// The prompt and the language: what an end has in common with its beginning.
  fileprivate struct Spoken: Hashable {
    let language: String
    let prompt: String
  }

  fileprivate var spoken: Spoken { Spoken(language: language, prompt: prompt) }
}

extension JournalEvent {
  /// Whether another session begins after this event, whatever the time.
  fileprivate var beginsSession: Bool {
    switch self {
    case .ready, .kit: true
    default: false
    }
  }
}
