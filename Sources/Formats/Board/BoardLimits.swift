extension Board {
  /// The permitted values of a board. The reader of the YAML and the reader of the JSON use this table, so that both
  /// accept and refuse the same boards.
  public enum Limits {
    // MARK: Sound

    /// `Sound.channels`.
    public static let channels = 1...2
    /// `Sound.period`, in frames: 1.3 to 100 ms. The maximum is the silence after a clip, within which the card is
    /// halted: with a longer period the audio thread would wake too late to halt it there.
    public static let period = 64...4800
    /// `Sound.buffer`, in frames: 2.7 ms to 2 s. A buffer holds two periods or more.
    public static let buffer = 128...96_000
    /// `Sound.sleep`, in minutes: up to a day.
    public static let sleep = 0...1440
    /// `Sound.lead`, in milliseconds.
    public static let lead = 0...2000
    /// `Sound.gain` and the volumes, in dB: never amplified.
    public static let decibels = -60.0...0.0
    /// `Sound.Volume.step`, in dB.
    public static let volumeStep = 0.5...12.0

    /// `Amplifier.rest`, in seconds.
    public static let amplifierRest = 1...3600
    /// `Sound.lead` of a board with an amplifier that is switched: it needs a moment before the first sound.
    public static let amplifierLead = 5...lead.upperBound

    // MARK: Buttons

    /// `Lines.lockout`, in milliseconds. It is below `Presses.hold`.
    public static let lockout = 1...500
    /// `Lines.poll`, in milliseconds.
    public static let poll = 1...100
    /// `Line.line` and `Output.line`. No chip in Linux has more lines.
    public static let line = 0...4095
    /// `Line.debounce`, in milliseconds.
    public static let debounce = 0...100
    /// `Key.code`, up to KEY_MAX. linux/input-event-codes.h
    public static let keyCode = 1...0x2FF
    /// `Presses.hold`, in milliseconds. It is below `Presses.stuck`.
    public static let hold = 200...10_000
    /// `Presses.guardTime`, in milliseconds.
    public static let guardTime = 0...5000
    /// `Presses.stuck`, in seconds.
    public static let stuck = 2...3600
    /// `Presses.chord`, in milliseconds. It is below `Presses.stuck`.
    public static let chord = 1000...10_000
    /// `Presses.digits`, in milliseconds.
    public static let digits = 500...30_000

    /// Every value of a `Place`.
    public static let grid = 1...12

    // MARK: Journal

    /// `Journal.size`, in kilobytes.
    public static let journalSize = 64...1_000_000
    /// `Journal.days`.
    public static let journalDays = 1...3650

    // MARK: Lengths of texts, in characters

    /// `Board.name`.
    public static let name = 1...40
    /// `Sound.pcm`, `Sound.Mixer.card`, `Input.device` and `Input.name`.
    public static let device = 1...200
    /// `Sound.Mixer.element`.
    public static let element = 1...64
    /// `Line.chip` and `Output.chip`. The kernel stores 31 characters.
    public static let chip = 1...64
    /// `LED.led`.
    public static let led = 1...100
    /// `Line.label` and `Key.label`.
    public static let label = 1...12

    // MARK: Counts

    /// Maximum number of lines that are buttons.
    public static let lines = 256
    /// Maximum number of input devices.
    public static let inputs = 16
    /// Maximum number of keys of one input device.
    public static let keys = 256
    /// Maximum number of LEDs.
    public static let leds = 32
  }
}

extension Board.Sound {
  /// Whether the buffer holds two periods, the minimum for playback without underruns.
  public var hasBufferForTwoPeriods: Bool { buffer >= 2 * period }
}

extension Board.Presses {
  /// Whether a long press ends before the button counts as stuck.
  public var hasHoldBelowStuck: Bool { hold < 1000 * stuck }

  /// Whether a chord acts before its buttons count as stuck.
  public var hasChordBelowStuck: Bool { chordTime < 1000 * stuck }
}

extension Board {
  /// Whether a press outlasts the lock-out before it counts as a long press.
  public var hasLockoutBelowHold: Bool { lines.lockout < presses.hold }
}
