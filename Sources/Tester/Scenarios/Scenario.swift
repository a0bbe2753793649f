import Board

/// The steps of a test: what a tester does to a device, and what must follow.
public struct Scenario: Equatable, Sendable {
  /// The name that reports show.
  public var name: String
  /// The steps, in order.
  public var steps: [Step]
  /// Path of the file that it was read from.
  public var file: String

  /// One step.
  public struct Step: Equatable, Sendable {
    /// What the step does or expects.
    public var action: Action
    /// Line in the file, from 1, for reports of a failure.
    public var line: Int

    /// Creates a step that stands in `line` of the file.
    public init(_ action: Action, line: Int) {
      self.action = action
      self.line = line
    }
  }

  /// What a step does or expects.
  public enum Action: Equatable, Sendable {
    /// Presses a button for 60 ms: the responder's, or the listener's own.
    case press(Button, by: Board.Person = .responder)
    /// Holds a button down for the given time.
    case hold(Button, milliseconds: Int)
    /// Presses a button whose contact bounces.
    case bounce(Button, ContactBounce)
    /// Waits.
    case wait(Wait)
    /// Does something to the sound card.
    case card(CardEvent)
    /// Expects something, within so many milliseconds of the last press (of the last press or card event, for what is
    /// not a sound).
    case expect(Expectation, within: Int?)
  }

  /// How long a step waits.
  public enum Wait: Equatable, Sendable {
    /// Until the sound that plays has ended.
    case end
    /// Milliseconds of the card's time since the step before.
    case milliseconds(Int)
  }

  /// What happens to the sound card.
  public enum CardEvent: String, CaseIterable, Sendable {
    /// The card is disconnected; it is connected again.
    case unplug, replug
    /// The card underruns; the card is suspended, as by a sleeping machine.
    case xrun, suspend
    /// The card's clock stops; the clock runs again.
    case stall, unstall
    /// Another program holds the card; that program releases it.
    case busy, free
  }

  /// What must follow a press or a card event.
  public enum Expectation: Equatable, Sendable {
    /// No sound.
    case silence
    /// This clip, among the sounds after the press.
    case clip(language: String, prompt: String, outcome: Outcome)
    /// A tone that the device generates.
    case signal(Signal)
    /// A LED of the board, named by its name or `chip:line`, shows this.
    case led(String, LEDLook)
    /// An entry of the journal since the last press or card event.
    case journal(event: String, language: String?, prompt: String?, detail: String?)
    /// The volume in dB, as the daemon reports it.
    case volume(Double)
  }

  /// How a clip ends.
  public enum Outcome: String, CaseIterable, Sendable { case completed, stopped }

  /// A tone that the device generates.
  public enum Signal: String, CaseIterable, Sendable {
    /// Something failed.
    case error
    /// The message or language that was asked for is not in the kit.
    case notAvailable = "not-available"
    /// A setting was changed.
    case done
  }

  /// What a LED shows.
  public enum LEDLook: Equatable, Sendable {
    /// This pattern of light.
    case pattern(Board.LED.Pattern)
    /// The board's pattern for this state of the device.
    case state(Board.LED.State)
  }
}
