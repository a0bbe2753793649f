import Posix

/// The lines of an alsa.conf that make the simulated microphone known to libasound, as the PCM `microphone`.
/// `include/simcard.h` says what it does; ``CardControl`` has it hear and fail.
public struct MicrophoneConfiguration: Equatable, Sendable {
  /// The PCM's name, for `--device`, `arecord -D` and snd_pcm_open.
  public static let pcm = "microphone"

  /// Absolute path of libsimcard.so.
  public var library: String
  /// Absolute path of a WAV file of 16 bits, one channel and 48 kHz: what is said on demand.
  public var voice: String
  /// Absolute path of the file that ``CardControl`` writes.
  public var control: String
  /// 16 or 24.
  public var bits = 16
  public var channels = 1
  /// Seconds of sound in one, 1 to 64.
  public var speed = 1

  public init(library: String, voice: String, control: String) {
    self.library = library
    self.voice = voice
    self.control = control
  }

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
