import Board

/// How loud it speaks: what the volume buttons turn, within what the board allows.
public struct VolumeKnob: Sendable {
  public enum Turn: Equatable, Sendable {
    case louder, quieter
    /// Into the quiet mode, and back to what was before.
    case quiet
  }

  private let range: Board.Sound.Volume
  private var level: Double
  public private(set) var isQuiet = false

  public init(_ range: Board.Sound.Volume) {
    self.range = range
    level = range.standard
  }

  /// In dB, at most 0.
  public var decibels: Double { isQuiet ? range.quiet : level }

  public mutating func turn(_ turn: Turn) {
    switch turn {
    case .quiet: isQuiet.toggle()
    case .louder: step(by: range.step)
    case .quieter: step(by: -range.step)
    }
  }

  /// From what is heard now: one press louder in the quiet mode must not be a shout.
  private mutating func step(by change: Double) {
    if isQuiet && change < 0 { return }
    level = min(range.ceiling, max(range.floor, decibels + change))
    isQuiet = false
  }
}
