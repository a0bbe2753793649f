import Board
import Console
import Foundation
import Journal
import Posix
import Testing

/// Presses, times and ends in any order: what must hold whatever happens.
@Suite("The console in a storm")
struct StormTests {
  /// Some seconds in a debug build; FIRSTWORD_EVENTS=100000 for fewer on a slow machine.
  private static let count = ProcessInfo.processInfo.environment["FIRSTWORD_EVENTS"].flatMap(Int.init) ?? 1_000_000

  /// A player, and what it knows: one clip sounds at a time, and each end is told, sooner or later.
  private struct Player {
    var sounding: (token: UInt32, message: Console.Message)?
    /// Whether the start of what sounds has been reported.
    var hasStarted = false
    /// Ended, and not told yet.
    var ended: [(token: UInt32, outcome: MessageOutcome, frames: Int)] = []

    mutating func replace(_ next: (UInt32, Console.Message)?) {
      if let (token, _) = sounding { ended.append((token, .stopped, hasStarted ? 4800 : 0)) }
      sounding = next.map { ($0.0, $0.1) }
      hasStarted = false
    }
  }

  @Test("a stop silences, one message sounds at a time, no language that nobody chose, and the journal has it all")
  func holds() throws {
    for (name, repertoire) in [("speaking", Repertoire.speaking), ("mute", Repertoire.mute)] {
      try storm(name, repertoire, seed: 1, count: Self.count / 2)
    }
  }

  private func storm(_ name: String, _ repertoire: Repertoire, seed: UInt64, count: Int) throws {
    var random = Sequence(seed)
    var console = Console(repertoire)
    var player = Player()
    var time = Monotonic(nanoseconds: 0)
    var plays = 0
    var answers = 0
    var lastUse: Monotonic?
    // What the journal and the player say of each message, to be compared at the end.
    var played: [JournalMessage] = []
    var ends = 0
    var journalled: [JournalMessage] = []
    var journalEnds = 0
    let buttons =
      Button.Control.allCases.map(Button.control) + (0...9).map(Button.digit) + [.star]
      + Repertoire.prompts.map { .prompt($0.id) }
      + ["needs", "first-contact", "device-ready", "nonsense"].map(Button.init)
    /// The language that was announced, and may stand in until something else is asked for.
    var announced: String?
    var isAnnouncing = false
    var found: String?
    // Messages of which something was heard, and those that came to their end.
    var heard: Set<String> = []
    var whole: Set<String> = []

    for index in 0..<count {
      time = time.adding(milliseconds: random.below(10) == 0 ? random.below(700_000) : random.below(2000))
      let event: Console.Event
      // A player has eight voices: it cannot be behind for longer.
      switch player.ended.count > 8 ? 5 : random.below(9) {
      case 0...3:
        event = .pressed(random.below(6) == 0 ? .control(.answerYes) : buttons[random.below(buttons.count)], at: time)
      case 4:
        if let deadline = console.deadline, random.below(4) > 0 { time = max(time, deadline) }
        event = .passed(time)
      case 5 where !player.ended.isEmpty:
        let (token, outcome, frames) = player.ended.remove(at: random.below(player.ended.count))
        ends += 1
        event = .ended(token, outcome, frames: frames, at: time)
      case 6...7 where player.sounding != nil && !player.hasStarted:
        guard let (token, message) = player.sounding else { continue }
        player.hasStarted = true
        heard.insert("\(message.language) \(message.prompt)")
        played.append(message.recorded)
        event = .started(token, at: time)
      default:
        guard let (token, message) = player.sounding else { continue }
        player.sounding = nil
        ends += 1
        // What did not begin has failed.
        let isWhole = player.hasStarted && random.below(20) > 0
        if isWhole {
          heard.insert("\(message.language) \(message.prompt)")
          whole.insert("\(message.language) \(message.prompt)")
        }
        event = .ended(
          token, isWhole ? .completed : [.failed, .stopped][random.below(2)],
          frames: player.hasStarted ? 1 + random.below(48_000) : 0, at: time)
      }
      let before = console
      let effects = console.handle(event)
      switch event {
      case .pressed, .passed:
        if effects.contains(where: { $0 == .stop || $0.isSound }) { (announced, isAnnouncing) = (nil, false) }
      case .started, .ended: break
      }
      func fail(_ why: String) -> Broken { Broken("\(name), event \(index), \(event): \(why); \(effects)") }

      if case .pressed(.control(.stop), _, _) = event {
        guard effects.first == .stop, effects.played.isEmpty, effects.signals.isEmpty else { throw fail("no stop") }
        guard console.deadline == nil, console.underWay == nil, console.playing == nil else { throw fail("goes on") }
      }
      guard effects.count(where: { $0.isSound }) <= 1 else { throw fail("two sounds at once") }
      for effect in effects {
        switch effect {
        case .stop, .signal: player.replace(nil)
        case .play(let message, let token):
          player.replace((token, message))
          plays += 1
          if message.prompt == "device-other-language" {
            isAnnouncing = true
          } else if isAnnouncing, message.prompt.hasPrefix("name-") {
            announced = String(message.prompt.dropFirst(5))
          }
          guard isAllowed(message, console, before, announced) else { throw fail("\(message) out of place") }
        case .journal(.ended): journalEnds += 1
        case .journal(.started(let message)): journalled.append(message)
        case .journal(.answer(let answer, let language, let prompt, _, _)):
          answers += 1
          guard heard.contains("\(language) \(prompt)") else { throw fail("an answer to what was not heard") }
          let isAtAnyTime = answer == .stop || answer == .unclear
          guard isAtAnyTime || whole.contains("\(language) \(prompt)") else {
            throw fail("an answer to a question that never came to its end")
          }
          guard isAtAnyTime || Repertoire.prompts.contains(where: { $0.id == prompt && $0.isQuestion }) else {
            throw fail("an answer to no question")
          }
          // While nothing sounds and nothing is about to.
          if before.isSilent, before.deadline == nil, let lastUse, time >= lastUse.adding(milliseconds: 600_000) {
            throw fail("an answer of another listener")
          }
        case .journal(.found(let tag, _)): found = tag
        case .journal(.language(let tag)):
          guard console.language == tag else { throw fail("another language") }
        case .journal, .turn: break
        }
      }
      if console.playing != nil, console.isSilent { throw fail("plays in silence") }
      if console.language == nil, console.speaker != nil { throw fail("a voice without a language") }
      if case .pressed = event { lastUse = time }
      if case .ended = event { lastUse = time }
      if (player.sounding == nil) && player.ended.isEmpty && !console.isSilent {
        throw fail("waits for what has ended")
      }
    }
    #expect(played == journalled)
    #expect(ends == journalEnds)
    #expect(
      found != nil && plays > count / 10 && played.count > count / 40 && answers > count / 200,
      "the storm reached what it is for")
  }

  private struct Broken: Error, CustomStringConvertible {
    let description: String
    init(_ why: String) { description = why }
  }

  /// In the chosen language; what introduces a candidate, or says sorry in the language before; what was announced; or
  /// the device's own line.
  private func isAllowed(
    _ message: Console.Message, _ console: Console, _ before: Console, _ announced: String?
  ) -> Bool {
    let isOwn = message.prompt.hasPrefix("device-") || message.prompt.hasPrefix("name-")
    if isOwn { return message.language == "en" }
    if message.language == "en" { return false }
    if message.language == console.language { return true }
    if ["language-name", "raise-hand"].contains(message.prompt), message.language == console.candidate { return true }
    if message.prompt == "wrong-language", message.language == before.language { return true }
    return message.language == announced
  }

  /// xorshift64
  private struct Sequence {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func below(_ limit: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state >> 11) % limit
    }
  }
}

extension Console.Effect {
  fileprivate var isSound: Bool {
    switch self {
    case .play, .signal: true
    case .stop, .turn, .journal: false
    }
  }
}
