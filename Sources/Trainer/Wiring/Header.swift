/// The pins of a kind of small computer, and the models that have them: `Hardware/headers/raspberry-pi.yaml`.
public struct Header: Equatable, Sendable {
  /// The name, which board files use: `raspberry-pi`.
  public var name: String
  /// What people call it.
  public var title: String
  /// Whether somebody has wired a device from this table.
  public var isTried: Bool
  /// Where its facts are from: addresses.
  public var sources: [String]
  /// The functions that pins can have instead, and how each is switched off. In the order of the file.
  public var functions: [Function]
  /// The models with this header; never empty.
  public var models: [Model]
  /// The strips of pins; never empty.
  public var strips: [Strip]

  /// A function of pins that a device may use, such as I2C.
  public struct Function: Equatable, Sendable {
    /// The word in board files: `i2c`.
    public var name: String
    /// How it is switched off on the device.
    public var remedy: String
  }

  /// A strip of pins in two columns. Seen from above with pin 1 at the upper left, odd numbers are on the left.
  public struct Strip: Equatable, Sendable {
    /// The print on the board: `P8`; empty where a board has one strip.
    public var name: String
    /// In the order of their numbers, 1 upwards, without gaps.
    public var pins: [Pin]
    /// The number of rows.
    public var rows: Int { (pins.count + 1) / 2 }
  }

  /// A pin.
  public struct Pin: Hashable, Sendable {
    /// The name of its strip; empty where there is one strip.
    public var strip: String
    /// The number of the pin, from 1.
    public var number: Int
    /// The name of the chip's line: `GPIO5`, `PC9`; the voltage of a supply.
    public var name: String
    /// What it is.
    public var kind: Kind
    /// The function that it has unless it is switched off: `i2c`; nil for none.
    public var use: String?
    /// The signal of a sound card; nil for none.
    public var signal: Signal?
    /// Why it must stay free; nil where it may be used.
    public var reserved: String?

    /// What a pin is.
    public enum Kind: Hashable, Sendable {
      /// 3.3 V.
      case supply3V3
      /// 5 V.
      case supply5V
      /// Ground.
      case ground
      /// A line of the chip with a position in `Model.chips`.
      case line(bank: Int, offset: Int)
      /// Anything else.
      case other
    }

    /// The pin as people find it: `29`, `P8_11`.
    public var label: String { strip.isEmpty ? String(number) : "\(strip)_\(number)" }
    /// The row of its strip, from 0.
    public var row: Int { (number - 1) / 2 }
    /// Whether it is in the left column.
    public var isLeft: Bool { number % 2 == 1 }
  }

  /// A signal between a board and an I2S sound card. The raw value is its name in header files.
  public enum Signal: String, CaseIterable, Sendable {
    /// The bit clock.
    case bitClock = "bit-clock"
    /// The word clock, which tells the channels apart.
    case wordClock = "word-clock"
    /// Samples to the card.
    case dataOut = "data-out"
    /// Samples from the card.
    case dataIn = "data-in"
  }

  /// A model of a board.
  public struct Model: Equatable, Sendable {
    /// The word in board files: `zero-2-w`.
    public var name: String
    /// What people call it.
    public var title: String
    /// The labels of the chips; a pin's `bank` is a position in this list.
    public var chips: [String]
    /// Whether it has a headphone jack.
    public var hasJack: Bool
    /// The outline; nil where no drawing could be checked.
    public var outline: Outline?
  }

  /// The outline of a board, seen from above and turned so that pin 1 is at the upper left of its strip. Millimetres.
  public struct Outline: Equatable, Sendable {
    /// The width.
    public var width: Double
    /// The height.
    public var height: Double
    /// Where pin 1 of each strip is, from the upper left corner, by the strip's name.
    public var strips: [String: Point]
    /// The sockets at the edges.
    public var sockets: [Socket]

    /// A point.
    public struct Point: Equatable, Sendable {
      /// From the left edge.
      public var x: Double
      /// From the upper edge.
      public var y: Double
    }
  }

  /// A socket at an edge of a board.
  public struct Socket: Equatable, Sendable {
    /// Its name on the picture.
    public var name: String
    /// The edge.
    public var side: Side
    /// Where it begins, in millimetres from the left or from the top.
    public var from: Double
    /// Where it ends.
    public var to: Double
    /// Whether a USB device can be plugged in.
    public var isUSB: Bool

    /// An edge.
    public enum Side: String, CaseIterable, Sendable { case top, bottom, left, right }
  }

  /// All pins, strip by strip.
  public var pins: [Pin] { strips.flatMap(\.pins) }

  /// Returns the pin of a line.
  ///
  /// - Parameters:
  ///   - chip: the label of the chip.
  ///   - offset: the line of the chip.
  ///   - model: the model whose chips these are.
  /// - Returns: nil where the line is on no pin.
  public func pin(chip: String, line offset: Int, of model: Model) -> Pin? {
    guard let bank = model.chips.firstIndex(of: chip) else { return nil }
    return pins.first { $0.kind == .line(bank: bank, offset: offset) }
  }
}
