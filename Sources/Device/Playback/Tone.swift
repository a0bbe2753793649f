import Glibc

/// A signal for the responder. It is synthesised, so that no kit can lack it.
public enum Tone: Sendable {
  /// Two short low notes: not available.
  case notAvailable
  /// Three short falling notes: an error.
  case error
  /// Two short rising notes: done.
  case done
  /// Four short notes, high and low in turn: a stick is refused.
  case refused

  /// The signal as a clip of 0.2 to 0.5 s at -20 dBFS.
  public var clip: PreparedClip { PreparedClip(frames: frames) }

  /// The frames of the signal, at 48 kHz, without gain.
  public var frames: [Int16] {
    let notes: [Double] =
      switch self {
      case .notAvailable: [330, 330]
      case .error: [523, 415, 330]
      case .done: [392, 523]
      case .refused: [523, 330, 523, 330]
      }
    var samples: [Int16] = []
    for note in notes {
      let length = 4320
      for i in 0..<length {
        // A ramp of 10 ms at both ends avoids clicks.
        let envelope = min(1, Double(min(i, length - i)) / 480)
        samples.append(Int16(3276 * envelope * sin(2 * .pi * note * Double(i) / 48_000)))
      }
      samples += [Int16](repeating: 0, count: 1440)
    }
    return samples
  }
}
