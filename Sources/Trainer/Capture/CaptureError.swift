import CALSA
import Glibc

/// A libasound call that failed on a microphone.
public struct CaptureError: Error, Equatable, Sendable {
  /// The PCM's name.
  public let device: String
  /// The call that failed, such as `snd_pcm_open`.
  public let operation: String
  /// The errno code, positive.
  public let code: CInt

  /// Creates an error from a failed call.
  ///
  /// - Parameters:
  ///   - operation: the call, such as `snd_pcm_open`.
  ///   - device: the PCM's name.
  ///   - code: the errno code, positive.
  public init(_ operation: String, device: String, code: CInt) {
    self.device = device
    self.operation = operation
    self.code = code
  }

  /// Whether no PCM has this name or its card is absent, so that another name may help.
  public var isAbsent: Bool { operation == "snd_pcm_open" && [ENOENT, ENODEV, ENXIO].contains(code) }

  /// The cause as text. snd_strerror(3)
  public var cause: String { String(cString: snd_strerror(-code)) }

  /// What to do, in the imperative.
  public var remedy: String {
    switch code {
    case EBUSY: "another program has it: close that program, or choose another microphone with --device"
    case EACCES, EPERM: "this user may not use it: run 'sudo adduser USER audio', and log in again"
    case EINVAL where operation != "snd_pcm_open":
      "it does not support 48000 Hz in one or two channels: use 'plughw:' instead of 'hw:'"
    default: "plug it in, or choose another microphone with --device"
    }
  }
}

extension CaptureError: CustomStringConvertible {
  /// One line: device, cause and remedy.
  public var description: String { "no sound from the microphone '\(device)' (\(cause)): \(remedy)" }
}
