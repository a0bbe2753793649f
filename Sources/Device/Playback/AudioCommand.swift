/// A command for the audio thread.
enum AudioCommand: BitwiseCopyable {
  /// Plays the clip in a buffer, and cuts the one before.
  case play(buffer: Int, token: UInt32)
  /// Cuts the clip that plays.
  case stop
  /// Ramps to a factor for samples; `Gain.one` leaves them unchanged.
  case gain(Int)
  /// Inspects the card, on which the device monitor saw an error.
  case inspect
  /// Cuts the clip that plays and ends the thread.
  case quit
}
