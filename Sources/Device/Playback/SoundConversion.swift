import Board

/// The settings of a board in the units of the audio thread.
extension Board.Sound {
  /// The initial factor for samples; see `Gain`.
  var factor: Int { Gain.factor(decibels: standardGain) }

  /// Returns the factor for samples at a volume in dB, at most 0. A mixer's volume is not applied to the samples.
  func factor(of volume: Double) -> Int { Gain.factor(decibels: gain + (mixer == nil ? volume : 0)) }

  /// Nanoseconds for which the card runs on after a clip; 0 halts it at once, `.max` never.
  var rest: Int64 {
    if stream == .prepared { return 0 }
    return sleep == 0 ? .max : Int64(sleep) * 60_000_000_000
  }

  /// Frames of silence before a clip that wakes the card.
  var leadFrames: Int { lead * 48 }
}
