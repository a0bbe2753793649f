/// A fault of the simulated card or microphone, or a sound that the microphone hears.
///
/// `simcard.h` describes the effect of each.
public enum CardFault: Hashable, Sendable {
  /// Disconnected (ENODEV) until the fault is removed; a PCM that was open stays disconnected until it is closed.
  case unplugged
  /// Cannot be opened (EBUSY); an open PCM continues.
  case busy
  /// Opening it does not return until the fault is removed.
  case hangOpen
  /// The DMA stands still, and no interrupt comes.
  case stalled
  /// snd_pcm_rewind takes back nothing and returns 0.
  case refuseRewind
  /// The first frame leaves this long after the trigger.
  case slowStart(microseconds: Int)
  /// One underrun (overrun of the microphone), each time the number changes.
  case xrun(Int)
  /// One suspend, each time the number changes.
  case suspend(Int)
  /// Microphone only: white noise, this many dB below full scale (RMS).
  case noise(Int)
  /// Microphone only: a 50 Hz hum, this many dB below full scale (RMS).
  case hum(Int)
  /// Microphone only: the recorded voice begins, each time the number changes.
  case say(Int)

  /// The word in the control file.
  var word: String {
    switch self {
    case .unplugged: "unplugged"
    case .busy: "busy"
    case .hangOpen: "hang-open"
    case .stalled: "stalled"
    case .refuseRewind: "refuse-rewind"
    case .slowStart(let microseconds): "slow-start=\(microseconds)"
    case .xrun(let number): "xrun=\(number)"
    case .suspend(let number): "suspend=\(number)"
    case .noise(let level): "noise=\(level)"
    case .hum(let level): "hum=\(level)"
    case .say(let number): "say=\(number)"
    }
  }
}
