/// What was measured of a finished clip.
struct ClipFigures: Codable, Equatable, Sendable {
  /// Length in frames of 48 kHz.
  var frames: Int
  /// Frames of 48 kHz before the speech begins.
  var onset: Int
  /// LUFS.
  var loudness: Double
  /// True peak in dBTP.
  var peak: Double
  /// LU below the target.
  var shortfall: Double
  /// What kept the clip below the target; `nil` where it reached it.
  var cause: LevelledSpeech.Cause?
}

extension MasteredClip {
  var figures: ClipFigures {
    ClipFigures(
      frames: frames, onset: onset, loudness: loudness.level, peak: loudness.peak, shortfall: shortfall, cause: cause)
  }
}
