import CALSA
import Glibc

/// Why there is no sound from a microphone: what libasound refused.
public struct CaptureError: Error, Equatable, Sendable {
  /// The PCM's name.
  public let device: String
  /// The call that failed, such as `snd_pcm_open`.
  public let operation: String
  /// errno's number.
  public let code: CInt

  public init(_ operation: String, device: String, code: CInt) {
    self.device = device
    self.operation = operation
    self.code = code
  }

  /// No PCM has this name, or its card is not there: another name may help.
  public var isAbsent: Bool { operation == "snd_pcm_open" && [ENOENT, ENODEV, ENXIO].contains(code) }

  /// The reason in words. snd_strerror(3)
  public var cause: String { String(cString: snd_strerror(-code)) }

  /// What to do, as an order to the reader.
  public var remedy: String {
    switch code {
    case EBUSY: "another program has it: close that, or choose another one with --device"
    case EACCES, EPERM: "this user may not use it: 'sudo adduser USER audio', and log in anew"
    case EINVAL where operation != "snd_pcm_open":
      "it does not give 48000 Hz in one or two channels: 'plughw:' in place of 'hw:' converts"
    default: "plug it in, or choose another one with --device"
    }
  }
}

extension CaptureError: CustomStringConvertible {
  /// One line.
  public var description: String { "no sound from the microphone '\(device)' (\(cause)): \(remedy)" }
}
