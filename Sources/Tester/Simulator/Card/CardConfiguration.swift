import Glibc
import Posix

/// The ALSA configuration that defines the simulated card as the PCM `card`.
///
/// A program finds it through the environment variable ``environmentName``:
/// `ALSA_CONFIG_PATH=/usr/share/alsa/alsa.conf:/directory/card.conf`.
public struct CardConfiguration: Equatable, Sendable {
  /// Name of the PCM, for `--pcm`, `aplay -D` and snd_pcm_open.
  public static let pcm = "card"

  /// The environment variable that names libasound's configuration files.
  public static let environmentName = "ALSA_CONFIG_PATH"

  /// Absolute path of libsimcard.so.
  public var library: String
  /// Absolute path of the record, to which the card appends; ``CardRecording`` reads it.
  public var record: String
  /// Absolute path of the control file, which ``CardControl`` writes; `nil` for a card without faults.
  public var control: String?
  /// Absolute path of the mixer's file; `nil` for a card without a mixer. `simcard/mixer.c` describes the file.
  public var mixer: String?
  /// Rates in Hz that the card supports, at most eight.
  public var rates = [48_000]
  /// The only number of channels that the card supports; `nil` for one or two.
  public var channels: Int?
  /// Maximum buffer in frames (of 16-bit samples at the maximum number of channels); `nil` for two seconds.
  public var bufferMax: Int?
  /// The only period that the card supports, in frames; `nil` for any. It needs ``channels``.
  public var period: Int?
  /// Whether the card reports its position in whole periods, as one on USB does.
  public var isBatch = false
  /// Seconds of sound that leave per second, 1 to 64. Above 1 only the samples can be verified, not their times.
  public var speed = 1

  /// Creates the configuration of a card at 48 kHz in real time.
  public init(library: String, record: String, control: String? = nil) {
    self.library = library
    self.record = record
    self.control = control
  }

  /// The configuration in the syntax of alsa.conf.
  public var text: String {
    var lines = [
      "pcm_type.simcard { lib \(Self.quoted(library)) }",
      "pcm.\(Self.pcm) {",
      "  type simcard",
      "  record \(Self.quoted(record))",
    ]
    if let control { lines.append("  control \(Self.quoted(control))") }
    lines.append("  rate [ \(rates.map(String.init).joined(separator: " ")) ]")
    if let channels { lines.append("  channels \(channels)") }
    if let bufferMax { lines.append("  buffer_max \(bufferMax)") }
    if let period { lines.append("  period \(period)") }
    if isBatch { lines.append("  batch 1") }
    if speed > 1 { lines.append("  speed \(speed)") }
    lines.append("}")
    if let mixer {
      lines.append("ctl_type.simcard { lib \(Self.quoted(library)) }")
      lines.append("ctl.\(Self.pcm) { type simcard state \(Self.quoted(mixer)) }")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Writes ``text`` to a file.
  ///
  /// - Returns: the value of ``environmentName`` that names this file and the system's own configuration.
  /// - Throws: EINVAL if `path` contains a colon, because libasound separates the names by colons.
  public func write(to path: String) throws(SystemError) -> String {
    if path.utf8.contains(UInt8(ascii: ":")) { throw SystemError("name in ALSA_CONFIG_PATH", path: path, code: EINVAL) }
    try Files.replace(path, with: Array(text.utf8))
    return "/usr/share/alsa/alsa.conf:\(path)"
  }

  /// Returns the path of libsimcard.so: next to the running program, or in `../lib/firstword`, where a package puts it.
  ///
  /// - Throws: ENOENT if it is in neither place.
  public static func findLibrary() throws(SystemError) -> String {
    let directory = try Files.programDirectory()
    let places = [directory.appending("libsimcard.so"), directory.parent.appending("lib/firstword/libsimcard.so")]
    for place in places where Files.exists(place) { return place.string }
    throw SystemError("find the simulated card", path: places[0], code: ENOENT)
  }

  /// Returns the text as a quoted string of snd_config.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result.unicodeScalars.append(contentsOf: ["\\", scalar])
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
