import Board
import Catalogue
import Diagnostics

/// How the parts of a device are wired to its board: a board file and its header, with everything decided.
///
/// The same board gives the same wiring. A board whose parts cannot be wired has none: `init` throws a finding for each
/// conflict.
public struct Wiring: Equatable, Sendable {
  /// The board.
  public let board: Board
  /// The header; nil where no line is wired.
  public let header: Header?
  /// The model of the board; nil where no line is wired.
  public let model: Header.Model?
  /// How the sound leaves the board.
  public let sound: SoundOutput
  /// The parts with wires: the buttons in the file's order, the LEDs, the amplifier's switch, then the
  /// sound card.
  public let parts: [Part]
  /// The keys of input devices, in the file's order. Nothing is wired.
  public let keys: [Key]
  /// The functions that must be off on the device, because parts use their pins.
  public let off: [Header.Function]

  /// A part with its wires.
  public struct Part: Equatable, Sendable {
    /// What it is.
    public var kind: Kind
    /// The letter of its wire: `A`.
    public var letter: String
    /// The colour of its wire.
    public var colour: WireColour
    /// The pin of its wire.
    public var pin: Header.Pin
    /// The pin of its second wire: ground, or 3.3 V; nil where it has one wire.
    public var other: Header.Pin?
    /// The letters of the other parts whose second wire goes to the same pin.
    public var shared: [String]

    /// Whether it is a button in the listener's own reach.
    public var isListeners: Bool {
      if case .button(let line) = kind { line.by == .listener } else { false }
    }
  }

  /// What a part is.
  public enum Kind: Equatable, Sendable {
    /// A button.
    case button(Board.Line)
    /// An LED with its resistor.
    case led(Board.LED, Board.Output)
    /// A wire of the I2S sound card.
    case sound(SoundWire)
    /// The wire that switches the amplifier.
    case amplifier(Board.Output)
  }

  /// A wire of an I2S sound card. The raw value is the print on most of them.
  public enum SoundWire: String, CaseIterable, Sendable {
    /// The supply.
    case supply = "VIN"
    /// Ground.
    case ground = "GND"
    /// The bit clock.
    case bitClock = "BCLK"
    /// The word clock.
    case wordClock = "LRC"
    /// The samples.
    case data = "DIN"
  }

  /// A key of an input device.
  public struct Key: Equatable, Sendable {
    /// The name in tables: `K1`.
    public var id: String
    /// The key.
    public var key: Board.Key
    /// The input device.
    public var input: String
  }

  /// The ohms of the resistor of an LED at 3.3 V.
  public static let ledResistor = 470

  /// Wires a board.
  ///
  /// - Parameters:
  ///   - source: the board with its header's name.
  ///   - header: the header; needed where the board has lines.
  /// - Throws: a finding for each conflict, with the line of the file.
  public init(_ source: BoardSource, header: Header?) throws(DiagnosticsError) {
    let board = source.board
    let sound = SoundOutput(board.sound, given: source.header?.sound)
    let outputs = board.leds.compactMap(\.output)
    var keys: [Key] = []
    for input in board.inputs {
      for key in input.keys { keys.append(Key(id: "K\(keys.count + 1)", key: key, input: "\(input)")) }
    }
    self.board = board
    self.sound = sound
    self.keys = keys
    if board.lines.buttons.isEmpty && outputs.isEmpty && board.sound.amplifier == nil {
      self.header = nil
      model = nil
      parts = []
      off = []
      return
    }
    guard let header else {
      throw DiagnosticsError(
        path: source.path, line: source.buttonLines.first,
        message: "the board names no header, so its pins are unknown",
        remedy: "add a line such as 'header: raspberry-pi'")
    }
    let plan = WiringPlan(source, header, sound)
    let model = try plan.model()
    let parts = plan.parts(of: model)
    if !plan.conflicts.isEmpty { throw DiagnosticsError(plan.conflicts) }
    self.header = header
    self.model = model
    self.parts = parts
    off = header.functions.filter { function in
      parts.contains { $0.pin.use == function.name }
    }
  }

  /// Returns the letters of the parts with a wire to a pin, in order.
  public func letters(at pin: Header.Pin) -> [String] {
    parts.filter { $0.pin == pin || $0.other == pin }.map(\.letter)
  }

  /// The strips to which a wire goes, in the header's order.
  public var strips: [Header.Strip] {
    header?.strips.filter { strip in
      parts.contains { $0.pin.strip == strip.name || $0.other?.strip == strip.name }
    } ?? []
  }

  /// Whether a button needs a pull that the board file does not set.
  public var needsPulls: Bool { board.lines.buttons.contains { $0.bias == nil || $0.bias == .off } }

  /// The pins of the I2S card that parts use although `pcm:` does not show which card it is.
  public var doubtfulPins: [Header.Pin] {
    sound == .unknown ? parts.map(\.pin).filter { $0.use == "i2s" } : []
  }
}
