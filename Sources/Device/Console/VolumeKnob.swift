import Board

/// The volume, within the range that the board allows.
public struct VolumeKnob: Sendable {
  /// A press of a volume button.
  public enum Turn: Equatable, Sendable {
    /// One step up.
    case louder
    /// One step down.
    case quieter
    /// Into the quiet mode, or back to the volume before.
    case quiet
  }

  private let range: Board.Sound.Volume
  /// The volume outside of the quiet mode, in dB.
  private var level: Double
  /// Whether the quiet mode is on.
  public private(set) var isQuiet = false

  /// Creates a knob at the standard volume of the range.
  public init(_ range: Board.Sound.Volume) {
    self.range = range
    level = range.standard
  }

  /// The volume in dB, at most 0.
  public var decibels: Double { isQuiet ? range.quiet : level }

  /// Turns the knob.
  public mutating func turn(_ turn: Turn) {
    switch turn {
    case .quiet: isQuiet.toggle()
    case .louder: step(by: range.step)
    case .quieter: step(by: -range.step)
    }
  }

  /// Steps from the volume that is heard now: one press louder in the quiet mode must not be a shout.
  private mutating func step(by change: Double) {
    if isQuiet && change < 0 { return }
    level = min(range.ceiling, max(range.floor, decibels + change))
    isQuiet = false
  }
}
