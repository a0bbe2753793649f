import Glibc
import Posix

/// The lines of an alsa.conf that make the card known to libasound, as the PCM `card`.
///
/// A program finds it through the environment variable ``environmentName``:
/// `ALSA_CONFIG_PATH=/usr/share/alsa/alsa.conf:/directory/card.conf`.
public struct CardConfiguration: Equatable, Sendable {
  /// The PCM's name, for `--pcm`, `aplay -D` and snd_pcm_open.
  public static let pcm = "card"

  public static let environmentName = "ALSA_CONFIG_PATH"

  /// Absolute path of libsimcard.so.
  public var library: String
  /// Absolute path of the file that the card appends to; ``CardRecording`` reads it.
  public var record: String
  /// Absolute path of the file of faults; ``CardControl`` writes it.
  public var control: String?
  /// Absolute path of the file that its mixer is kept in; without it the card has none. `Sources/Tester/simcard/mixer.c` says
  /// what the file holds.
  public var mixer: String?
  /// Frames a second that the card can run at, at most eight.
  public var rates = [48_000]
  /// Exactly so many channels, or one or two.
  public var channels: Int?
  /// The largest buffer in frames (of 16 bits a sample at the most channels); two seconds if absent.
  public var bufferMax: Int?
  /// Seconds of sound that leave in one, 1 to 64. Above 1 only what left can be judged, not when.
  public var speed = 1

  public init(library: String, record: String, control: String? = nil) {
    self.library = library
    self.record = record
    self.control = control
  }

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
    if speed > 1 { lines.append("  speed \(speed)") }
    lines.append("}")
    if let mixer {
      lines.append("ctl_type.simcard { lib \(Self.quoted(library)) }")
      lines.append("ctl.\(Self.pcm) { type simcard state \(Self.quoted(mixer)) }")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Writes ``text`` and returns the value of ``environmentName`` that names it beside the system's own.
  ///
  /// libasound separates the names by colons: a path with one is refused (EINVAL).
  public func write(to path: String) throws(SystemError) -> String {
    if path.utf8.contains(UInt8(ascii: ":")) { throw SystemError("name in ALSA_CONFIG_PATH", path: path, code: EINVAL) }
    try Files.replace(path, with: Array(text.utf8))
    return "/usr/share/alsa/alsa.conf:\(path)"
  }

  /// libsimcard.so beside the running program, or where a package puts it: `../lib/firstword`.
  public static func findLibrary() throws(SystemError) -> String {
    let directory = try Files.programDirectory()
    let places = [directory.appending("libsimcard.so"), directory.parent.appending("lib/firstword/libsimcard.so")]
    for place in places where Files.exists(place) { return place.string }
    throw SystemError("find the simulated card", path: places[0], code: ENOENT)
  }

  /// A string as snd_config reads it.
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
