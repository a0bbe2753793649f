import Glibc

/// Signals for the responder where there is nothing to say: made here, so that no kit can lack them.
public enum Tone: Sendable {
  /// Two short low notes: that can't be had.
  case notAvailable
  /// Three short notes that fall: something is wrong.
  case error
  /// Two short notes that rise: done.
  case done

  /// As a clip, to be played like any other; about 0.3 s at -20 dBFS.
  public var clip: PreparedClip { PreparedClip(frames: frames) }

  /// Its frames at full volume.
  public var frames: [Int16] {
    let notes: [Double] =
      switch self {
      case .notAvailable: [330, 330]
      case .error: [523, 415, 330]
      case .done: [392, 523]
      }
    var samples: [Int16] = []
    for note in notes {
      let length = 4320
      for i in 0..<length {
        // 10 ms up and down, so that a note has no clicks.
        let edge = min(1, Double(min(i, length - i)) / 480)
        samples.append(Int16(3276 * edge * sin(2 * .pi * note * Double(i) / 48_000)))
      }
      samples += [Int16](repeating: 0, count: 1440)
    }
    return samples
  }
}
