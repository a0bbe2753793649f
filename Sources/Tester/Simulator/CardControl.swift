import Glibc
import Posix

/// What can go wrong with the card or the microphone on demand, and what the microphone hears. `include/simcard.h` says
/// what each does.
public enum CardFault: Hashable, Sendable {
  /// Disconnected (ENODEV) until told otherwise; an open PCM stays so until it is closed.
  case unplugged
  /// None can be opened (EBUSY); an open PCM goes on.
  case busy
  /// The DMA stands still, and no interrupt comes.
  case stalled
  /// snd_pcm_rewind answers 0.
  case refuseRewind
  /// The first frame leaves so much later than the trigger.
  case slowStart(microseconds: Int)
  /// One underrun, whenever the number is another than before.
  case xrun(Int)
  /// One suspend, whenever the number is another than before.
  case suspend(Int)
  /// Of the microphone alone: the room's noise, and the hum of the mains (50 Hz), so many dB under full scale.
  case noise(Int)
  case hum(Int)
  /// Of the microphone alone: somebody speaks from now on, whenever the number is another than before.
  case say(Int)

  var word: String {
    switch self {
    case .unplugged: "unplugged"
    case .busy: "busy"
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

/// The tester's hand on the card or the microphone: the file that its configuration names as `control`.
public struct CardControl: Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  /// Exactly these faults from now on. A running card notices within a scheduling delay and says so in the record.
  public func set(_ faults: [CardFault]) throws(SystemError) {
    let temporary = path + ".part"
    let text = faults.map(\.word).joined(separator: " ") + "\n"
    let file = try FileDescriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(text.utf8)
    try posix("rename", path: path) { rename(temporary, path) }
  }
}
