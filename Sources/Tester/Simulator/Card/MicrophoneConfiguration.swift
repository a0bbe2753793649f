import Posix

/// The ALSA configuration that defines the simulated microphone as the PCM `microphone`.
///
/// `simcard.h` describes its behaviour; ``CardControl`` sets what it hears and its faults.
public struct MicrophoneConfiguration: Equatable, Sendable {
  /// Name of the PCM, for `--device`, `arecord -D` and snd_pcm_open.
  public static let pcm = "microphone"

  /// Absolute path of libsimcard.so.
  public var library: String
  /// Absolute path of the voice: a WAV file of 16 bits, one channel and 48 kHz.
  public var voice: String
  /// Absolute path of the control file, which ``CardControl`` writes.
  public var control: String
  /// Bits per sample: 16 or 24.
  public var bits = 16
  /// Channels, all with the same sound.
  public var channels = 1
  /// Seconds of sound per second, 1 to 64.
  public var speed = 1

  /// Creates the configuration of a microphone of 16 bits and one channel in real time.
  public init(library: String, voice: String, control: String) {
    self.library = library
    self.voice = voice
    self.control = control
  }

  /// The configuration in the syntax of alsa.conf.
  public var text: String {
    """
    pcm_type.simmic { lib \(CardConfiguration.quoted(library)) }
    pcm.\(Self.pcm) {
      type simmic
      voice \(CardConfiguration.quoted(voice))
      control \(CardConfiguration.quoted(control))
      bits \(bits)
      channels \(channels)
      speed \(speed)
      hint { show on description "A microphone that is not there" }
    }

    """
  }
}
