import Board
import Journal
import Kit
import Posix

// What goes into the console, and what comes out.

extension Console {
  /// Times, in milliseconds.
  public struct Limits: Equatable, Sendable {
    /// A message that was requested is not restarted within this time.
    public var again: Int
    /// Maximum time between two keys of one number.
    public var digits: Int
    /// Time between an answer and the next message of a sequence.
    public var beat: Int
    /// Time within which the finder and a sequence can be resumed; later they begin anew, for another person.
    public var resume: Int
    /// Time after a caution within which a second press plays the gated prompt.
    public var gate: Int

    /// Creates limits.
    public init(
      again: Int = 400, digits: Int = 3000, beat: Int = 1000, resume: Int = 600_000, gate: Int = 30_000
    ) {
      self.gate = gate
      self.again = again
      self.digits = digits
      self.beat = beat
      self.resume = resume
    }
  }

  /// One prompt in one language.
  public struct Message: Hashable, Sendable {
    /// BCP 47 tag of the language.
    public let language: String
    /// Id of the prompt.
    public let prompt: String
    /// Which of the prompt's wordings it is.
    public let form: Form
    /// Id of the formula that follows the question: `answer-card`, `answer-card-child`; nil if none follows.
    public let formula: String?
    /// The speaker; nil for the language's first voice.
    public let voice: String?
    /// Whom the message is for.
    public let audience: MessageAudience

    /// Creates a message.
    public init(
      language: String, prompt: String, form: Form = .base, formula: String? = nil, voice: String? = nil,
      audience: MessageAudience = .listener
    ) {
      self.language = language
      self.prompt = prompt
      self.form = form
      self.formula = formula
      self.voice = voice
      self.audience = audience
    }

    /// The message for the journal, without its clip: only the kit knows that.
    public var recorded: JournalMessage {
      JournalMessage(
        language: language, prompt: prompt, form: form.isBase ? nil : form.rawValue, formula: formula, voice: voice,
        audience: audience)
    }
  }

  /// What happens to the console.
  public enum Event: Equatable, Sendable {
    /// A button was pressed. A listener's button is an answer or has no effect.
    case pressed(Button, at: Monotonic, by: Board.Person = .responder)
    /// The console's `deadline` has passed.
    case passed(Monotonic)
    /// The player reports that the first sound of the message with this token leaves the card at a time, which may be in
    /// the future.
    case started(UInt32, at: Monotonic)
    /// The player reports the end of the message with this token; `frames` of it left the card, at 48 kHz, and `lost`
    /// frames before the end did not.
    case ended(UInt32, MessageOutcome, frames: Int, lost: Int = 0, at: Monotonic)
  }

  /// What the console requests.
  public enum Effect: Equatable, Sendable {
    /// Play a message instead of the one that is played. The player's events carry the token.
    case play(Message, token: UInt32)
    /// Silence everything.
    case stop
    /// Play the tone of a signal.
    case signal(OperatorSignal)
    /// Turn the volume.
    case turn(VolumeKnob.Turn)
    /// Record an event. Its messages lack the clip.
    case journal(JournalEvent)

    /// Whether it is a command to the player.
    public var isHeard: Bool {
      if case .journal = self { false } else { true }
    }
  }

  /// What the LEDs show.
  public enum Indication: String, Codable, Equatable, Sendable {
    /// Nothing is under way.
    case ready
    /// Something is played, or an activity is under way.
    case playing
    /// The listener was asked, and no answer was pressed yet.
    case waiting
    /// The last request could not be fulfilled.
    case error
  }

  /// What plays several messages in a row.
  public enum Activity: Equatable, Sendable {
    /// The search for the listener's language.
    case finder
    /// The sequence with this id.
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
