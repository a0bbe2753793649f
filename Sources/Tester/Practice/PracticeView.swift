import Diagnostics
import Simulator

/// A practice as the page shows it.
struct PracticeView: Encodable, Sendable {
  /// Changes with each practice of this program.
  var id: String
  /// The id of the project whose page began it.
  var project: String
  var phase: Phase
  /// The kit's file in the project; nil for a trial build of the project as it was.
  var file: String?
  var kit: Kit?
  var board: String?
  var contacts: [PracticeBoard.Contact] = []
  var lamps: [PracticeBoard.Lamp] = []
  /// The answer modes that the kit offers.
  var modes: [String] = []
  var live = Live()

  /// How far a practice is.
  enum Phase: String, Encodable, Sendable { case building, starting, running, ended }

  /// The kit that is played.
  struct Kit: Encodable, Sendable {
    var name: String
    var version: String
    var draft: Bool
  }

  /// What changes while it runs.
  struct Live: Encodable, Equatable, Sendable {
    /// Of a trial build: how many recordings are done, and of how many.
    var done: Int?
    var of: Int?
    /// The state that the LEDs show: `ready`, `playing`.
    var state: String?
    /// The language, with the voice where one was chosen.
    var language: String?
    /// What is played, or which question waits.
    var now: String?
    var settings: String?
    /// The number that is being typed.
    var typed: String?
    /// Why the last press played no message.
    var hint: String?
    /// Which LEDs are lit.
    var lit: [Bool] = []
    /// The numbers of the contacts that are down.
    var down: [Int] = []
    var drill: DrillView?
    /// The number of lines of the journal.
    var lines = 0
    /// Why it ended: an error, or a note.
    var end: [Diagnostic] = []
    /// The last lines that the daemon wrote before it ended by itself.
    var log: [String] = []
  }

  /// The message to all pages: the other values change only with the phase.
  struct Change: Encodable, Sendable {
    var id: String
    var phase: Phase
    var live: Live
  }
}

/// A drill as the page shows it.
struct DrillView: Encodable, Equatable, Sendable {
  /// Which task it is, from 1.
  var task: Int
  var of: Int
  /// What to do.
  var words: String
  /// What the person did, and what was right or wrong; the latest last.
  var remarks: [Remark]
  var mistakes: Int
  var isDone: Bool
  /// The time that all tasks took, in seconds.
  var seconds: Int

  struct Remark: Encodable, Equatable, Sendable {
    /// `person`, `right`, `advice`, `wrong`.
    var kind: String
    var text: String
  }

  init(_ drill: Drill, _ remarks: [Drill.Remark]) {
    of = drill.tasks.count
    task = min(drill.place + 1, of)
    words = drill.words
    mistakes = drill.mistakes
    isDone = drill.task == nil
    seconds = Int(drill.times.reduce(0, +).rounded())
    self.remarks = remarks.map { remark in
      switch remark {
      case .person(let text): Remark(kind: "person", text: "The person \(text).")
      case .right(let text): Remark(kind: "right", text: text)
      case .advice(let text): Remark(kind: "advice", text: text)
      case .wrong(let text): Remark(kind: "wrong", text: text)
      }
    }
  }
}
