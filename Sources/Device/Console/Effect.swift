import Board
import Kit
import Posix

// What goes into the console, and what comes out.

extension Console {
  /// Times in milliseconds.
  public struct Limits: Equatable, Sendable {
    /// In which the message that was just asked for is not begun anew.
    public var again: Int
    /// Between two keys of one number.
    public var digits: Int
    /// Between an answer and the next message of a sequence.
    public var beat: Int
    /// For which the finder and a sequence can be gone on with; later they begin anew, for another person.
    public var resume: Int

    public init(again: Int = 400, digits: Int = 3000, beat: Int = 1000, resume: Int = 600_000) {
      self.again = again
      self.digits = digits
      self.beat = beat
      self.resume = resume
    }
  }

  /// One prompt in one language.
  public struct Message: Hashable, Sendable {
    public let language: String
    public let prompt: String
    /// Who speaks; nil for the language's first voice.
    public let voice: String?

    public init(language: String, prompt: String, voice: String? = nil) {
      self.language = language
      self.prompt = prompt
      self.voice = voice
    }
  }

  public enum Event: Equatable, Sendable {
    case pressed(Button, at: Monotonic)
    /// The console's `deadline` has come.
    case passed(Monotonic)
    /// Told by the player, for the number that `Effect.play` gave it.
    case started(UInt32)
    case ended(UInt32, Outcome, frames: Int, at: Monotonic)
  }

  public enum Outcome: String, Codable, Equatable, Sendable {
    case completed
    case stopped
    /// There was no card, or the clip is damaged.
    case failed
  }

  public enum Effect: Equatable, Sendable {
    case play(Message, token: UInt32)
    case stop
    case signal(Signal)
    case turn(VolumeKnob.Turn)
    case journal(JournalEvent)

    /// Whether it is a command to the player, and not for the journal alone.
    public var isHeard: Bool {
      if case .journal = self { false } else { true }
    }
  }

  /// What the responder hears where nothing can be said: by the operator's voice, or else as a tone.
  public enum Signal: String, Codable, Equatable, Sendable {
    /// Choose a language first.
    case noLanguage = "no-language"
    /// The language does not have this prompt, or there is nothing of what was asked for.
    case notAvailable = "not-available"
    /// A message was damaged, or there is no card.
    case error
    /// The finder has come to its end.
    case noneOfThese = "none-of-these"
    /// Done; there is no voice to say what.
    case done
  }

  /// What the listener answered, as the responder saw it: a nod is weak evidence.
  public enum Answer: String, Codable, Equatable, Sendable {
    case yes
    case no
    /// The listener does not understand.
    case unclear
    /// The listener does not want to answer.
    case declined
    /// The listener wants it to stop.
    case stop
  }

  /// What the LEDs show.
  public enum Indication: String, Codable, Equatable, Sendable {
    case ready
    case playing
    /// The listener was asked, and no answer was pressed yet.
    case waiting
    /// What was asked for last could not be said.
    case error
  }

  /// What goes on by itself.
  public enum Activity: Equatable, Sendable {
    case finder
    /// The sequence's id.
    case sequence(String)

    /// `finder`, or the sequence's id.
    public var name: String {
      switch self {
      case .finder: "finder"
      case .sequence(let id): id
      }
    }
  }
}

/// What the journal keeps: what was said, and what became of it.
public enum JournalEvent: Equatable, Sendable {
  public enum Stage: String, Equatable, Sendable { case began, resumed, left, completed }

  case language(String)
  case started(Console.Message)
  case ended(Console.Message, Console.Outcome, frames: Int)
  /// `about`: what was said before the question whether it was understood.
  case answered(Console.Message, Console.Answer, about: String?)
  case signalled(Console.Signal, language: String?, prompt: String?)
  /// The finder or a sequence.
  case activity(Console.Activity, Stage)
  /// In the finder a hand was raised for this language.
  case found(String)
  /// No hand was raised for any language.
  case noneFound
  /// The first message is missing, or its voice is: the second is said instead.
  case replaced(Console.Message, by: Console.Message)
  /// The messages for children, or those for adults.
  case children(Bool)
  case voice(String, language: String)
}
